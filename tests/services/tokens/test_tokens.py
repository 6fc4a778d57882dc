"""Tokens: shown once, kept as a digest, made and revoked by who may."""

import re
from datetime import timedelta

import pytest

from app.domain.refusals import Forbidden, InvalidRequest, NotFound, Unauthenticated
from app.domain.secret import digest
from app.services.apps.edit import create_app, delete_app
from app.services.credits.caller import caller_of
from app.services.tokens.list_tokens import app_keys, personal_tokens, service_tokens
from app.services.tokens.make_token import (
    make_app_key,
    make_personal_token,
    make_service_token,
)
from app.services.tokens.revoke_token import (
    revoke_app_key,
    revoke_personal_token,
    revoke_service_token,
)
from app.store.tokens import TokenKind


@pytest.fixture
def site(cast):
    return create_app(cast.access("bob"), "Site", "", cast.now)


@pytest.fixture
def made(cast, site):
    """One token of each kind, with its text."""
    return {
        "s": make_service_token("platform", cast.now),
        "p": make_personal_token(cast.ids["bob"], "laptop", cast.now),
        "a": make_app_key(cast.access("bob"), site.id, "production", cast.now),
    }


@pytest.mark.parametrize("initial", ["s", "p", "a"])
def test_text_is_long_and_random_and_only_its_digest_is_kept(made, initial):
    token, text = made[initial]
    assert re.fullmatch(rf"coffer_{initial}_[\w-]{{43}}", text)
    assert token.token_hash == digest(text)
    assert token.hint == text[-4:]


def test_each_kind_acts_for_whom_it_should(cast, site, made):
    callers = {initial: caller_of(text, cast.now) for initial, (_, text) in made.items()}
    assert callers["s"].kind is TokenKind.SERVICE
    assert callers["p"].person_id == cast.ids["bob"]
    assert callers["a"].app_id == site.id


def test_revoked_tokens_stop_working_and_leave_the_lists(cast, site, made):
    revoke_service_token(made["s"][0].id, cast.now)
    revoke_personal_token(cast.ids["bob"], made["p"][0].id, cast.now)
    revoke_app_key(cast.access("bob"), made["a"][0].id, cast.now)
    for _, text in made.values():
        with pytest.raises(Unauthenticated):
            caller_of(text, cast.now)
    assert service_tokens() == personal_tokens(cast.ids["bob"]) == []
    assert app_keys(cast.access("bob"), site.id) == []


def test_revoking_twice_keeps_the_first_instant(cast, made, later):
    first = cast.now
    revoke_service_token(made["s"][0].id, first)
    assert revoke_service_token(made["s"][0].id, later(days=1)).revoked_at == first


def test_personal_token_ends_after_its_days(cast, later):
    token, text = make_personal_token(cast.ids["bob"], "laptop", cast.now, 30)
    assert token.expires_at == cast.now + timedelta(days=30)
    assert caller_of(text, later(days=29)).person_id == cast.ids["bob"]
    with pytest.raises(Unauthenticated):
        caller_of(text, later(days=1))


@pytest.mark.parametrize("days", [0, -1, 3651, 10**12])
def test_days_have_bounds(cast, days):
    with pytest.raises(InvalidRequest) as refused:
        make_personal_token(cast.ids["bob"], "laptop", cast.now, days)
    assert refused.value.errors[0][0] == "days"


@pytest.mark.parametrize("name", ["", "x" * 101, "a\nb"])
def test_names_are_checked(cast, name):
    with pytest.raises(InvalidRequest):
        make_service_token(name, cast.now)
    assert service_tokens() == []


def test_nobody_revokes_the_token_of_another(cast, made):
    with pytest.raises(NotFound):
        revoke_personal_token(cast.ids["alice"], made["p"][0].id, cast.now)
    assert caller_of(made["p"][1], cast.now).person_id == cast.ids["bob"]


def test_kinds_are_not_mixed_up(cast, made):
    for verb in (
        lambda: revoke_service_token(made["p"][0].id, cast.now),
        lambda: revoke_personal_token(cast.ids["bob"], made["a"][0].id, cast.now),
        lambda: revoke_app_key(cast.access("alice"), made["s"][0].id, cast.now),
        lambda: revoke_service_token(10**9, cast.now),
    ):
        with pytest.raises(NotFound):
            verb()
    assert len(service_tokens()) == 1


@pytest.mark.parametrize(
    ("first", "allowed"), [("alice", True), ("carol", True), ("bob", True), ("ben", False)]
)
def test_owner_admins_and_the_creator_handle_an_app_s_keys(cast, site, made, first, allowed):
    key, access = made["a"][0], cast.access(first)
    verbs = (
        lambda: make_app_key(access, site.id, "second", cast.now),
        lambda: app_keys(access, site.id),
        lambda: revoke_app_key(access, key.id, cast.now),
    )
    if allowed:
        _, listed, revoked = [verb() for verb in verbs]
        assert [each.name for each in listed] == ["second", "production"]
        assert revoked.revoked_at == cast.now
    else:
        for verb in verbs:
            with pytest.raises(Forbidden):
                verb()


def test_outsiders_find_no_app_and_no_key(cast, site, made):
    foreign = cast.access("charlie", "charlie")
    for verb in (
        lambda: make_app_key(foreign, site.id, "key", cast.now),
        lambda: revoke_app_key(foreign, made["a"][0].id, cast.now),
        lambda: app_keys(foreign, site.id),
    ):
        with pytest.raises(NotFound):
            verb()
    assert caller_of(made["a"][1], cast.now).app_id == site.id


def test_deleted_app_gets_no_key(cast, site):
    delete_app(cast.access("bob"), site.id, cast.now)
    with pytest.raises(NotFound):
        make_app_key(cast.access("bob"), site.id, "key", cast.now)


def test_nobody_gets_no_personal_token(cast):
    with pytest.raises(NotFound):
        make_personal_token(10**9, "laptop", cast.now)
