"""Lines of the audit log: spelled in one way, bound in a chain, never with a secret."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.audit_kind import family_of, words_of
from app.domain.audit_line import (
    BEGINNING,
    AuditFacts,
    Origin,
    changes,
    seal_after,
    spelled_facts,
    tidy,
)

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
LINE = AuditFacts(
    7,
    "n",
    AT,
    "app.created",
    "person",
    "Bob",
    2,
    None,
    "page",
    "192.0.2.1",
    "Firefox",
    "Shop",
    "",
    "",
)


@pytest.mark.parametrize("field", [field.name for field in fields(AuditFacts)])
def test_every_fact_is_in_the_spelling(field):
    other = {"chain": 8, "at": AT + timedelta(microseconds=1), "person_id": 3, "token_id": 4}
    changed = replace(LINE, **{field: other.get(field, "x")})
    assert changed.spelled() != LINE.spelled()
    assert seal_after(BEGINNING, 1, "m", changed) != seal_after(BEGINNING, 1, "m", LINE)


def test_an_instant_has_one_spelling_whatever_its_zone():
    elsewhere = replace(LINE, at=AT.astimezone(timezone(timedelta(hours=5))))
    assert elsewhere.spelled() == LINE.spelled()


def test_a_seal_binds_the_one_before_the_number_and_the_mark():
    seal = seal_after(BEGINNING, 1, "m", LINE)
    others = [seal_after(seal, 1, "m", LINE), seal_after(BEGINNING, 2, "m", LINE)]
    others.append(seal_after(BEGINNING, 1, "n", LINE))
    assert len({seal, *others}) == 4


def test_facts_are_json_in_one_order_without_what_is_none():
    assert spelled_facts({"b": 1, "a": AT, "c": None}) == (
        '{"a":"2026-01-15T12:00:00+00:00","b":1}'
    )
    assert spelled_facts({"name": "Ünï", "bad": "\ud800"}) == '{"bad":"?","name":"Ünï"}'
    assert spelled_facts(None) == spelled_facts({}) == spelled_facts({"a": None}) == ""


@pytest.mark.parametrize("name", ["password", "client_secret", "private_key", "token_hash"])
def test_what_sounds_like_a_secret_is_hidden(name):
    assert spelled_facts({name: "s3cr3t"}) == f'{{"{name}":"(not shown)"}}'


def test_of_two_states_only_what_differs_is_told():
    assert changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ({"b": 2}, {"b": 3, "c": 4})
    assert changes({"a": 1}, {"a": 1}) == ({}, {})


def test_texts_are_as_long_as_they_are_kept_and_can_be_shown():
    assert tidy("a\x00b\nc", 10) == "a b c"
    tidied = Origin(name="n" * 500, address="1" * 99, browser="b\t" * 400).tidied()
    assert [len(each) for each in (tidied.name, tidied.address, tidied.browser)] == [200, 45, 200]


@pytest.mark.parametrize(
    ("kind", "words", "family"),
    [
        ("member.joined", "Became a member", "member"),
        ("sso.some_thing_new", "Single sign-on: some thing new", "sso"),
        ("my_plugin.did.this", "My plugin: did this", "my_plugin"),
        ("odd", "odd", "odd"),
        ("", "", ""),
    ],
)
def test_kinds_that_nobody_knows_can_be_read(kind, words, family):
    assert (words_of(kind), family_of(kind)) == (words, family)
