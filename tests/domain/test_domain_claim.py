"""The claim to a domain: what DNS says of it, what follows, and the words for who mends it."""

import pytest

from app.domain.domain_claim import (
    DEFAULT_ROLES,
    RECORD_BEGINS,
    THERE,
    ClaimState,
    Finding,
    Silent,
    Told,
    after,
    default_role_from,
    finding_of,
    in_words,
    moved,
    record_of,
)
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Role

RECORD = record_of("s3cret")
PENDING, VERIFIED, LAPSED, RELEASED = ClaimState
PRESENT, ABSENT, UNKNOWN = Finding


def test_the_record_says_whose_it_is_and_what_for():
    assert RECORD == "coffer-domain-verification=s3cret"


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (Told((RECORD,)), PRESENT),
        (Told(("v=spf1 -all", RECORD, "x")), PRESENT),
        (Told((f" {RECORD} ",)), PRESENT),
        (Told(()), ABSENT),
        (Told(exists=False), ABSENT),
        (Told((f'"{RECORD}"',)), ABSENT),
        (Told((RECORD + "x",)), ABSENT),
        (Told((RECORD.upper(),)), ABSENT),
        (Told((record_of("another"),)), ABSENT),
        (Told((RECORD,), alias="elsewhere.test"), ABSENT),
        (Silent("SERVFAIL"), UNKNOWN),
    ],
)
def test_what_an_answer_means(answer, finding):
    assert finding_of(answer, RECORD) is finding


@pytest.mark.parametrize(
    ("state", "finding", "expected"),
    [
        (PENDING, PRESENT, VERIFIED),
        (PENDING, ABSENT, PENDING),
        (PENDING, UNKNOWN, PENDING),
        (VERIFIED, PRESENT, VERIFIED),
        (VERIFIED, ABSENT, LAPSED),
        (VERIFIED, UNKNOWN, VERIFIED),
        (LAPSED, PRESENT, VERIFIED),
        (LAPSED, ABSENT, LAPSED),
        (LAPSED, UNKNOWN, LAPSED),
        (RELEASED, ABSENT, RELEASED),
        (RELEASED, UNKNOWN, RELEASED),
    ],
)
def test_a_clear_answer_decides_and_none_changes_nothing(state, finding, expected):
    assert after(state, finding) is expected


def test_what_is_released_stays_released():
    with pytest.raises(Conflict, match="released claim"):
        after(RELEASED, PRESENT)


def test_the_ways_between_states():
    ways = {(one, to) for one in ClaimState for to in ClaimState if one is not to and may(one, to)}
    assert ways == {
        (PENDING, VERIFIED),
        (PENDING, RELEASED),
        (VERIFIED, LAPSED),
        (VERIFIED, RELEASED),
        (LAPSED, VERIFIED),
        (LAPSED, RELEASED),
    }


def may(one, to):
    try:
        return moved(one, to) is to
    except Conflict:
        return False


def test_an_address_alone_brings_no_power():
    assert {Role.MEMBER} == DEFAULT_ROLES
    assert default_role_from(Role.MEMBER) is Role.MEMBER
    for role in (Role.OWNER, Role.ADMIN):
        with pytest.raises(InvalidRequest, match=f"Nobody becomes {role}"):
            default_role_from(role)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Told((RECORD,)), THERE),
        (Told(exists=False), "DNS knows no domain acme.com"),
        (Told(), "has no TXT record yet"),
        (Told(alias="shop.test"), "is an alias (CNAME) of shop.test"),
        (Silent("it said SERVFAIL"), "gave no answer: it said SERVFAIL. Nothing was changed"),
        (Told(("v=spf1 -all",)), "a TXT record, and it is another: “v=spf1 -all”."),
        (Told(("a", "b")), "2 TXT records, and none of them is the one: “a”, “b”."),
        (Told((f'"{RECORD}"',)), "Take away what stands around"),
        (Told((record_of("other"),)), "One is for another workspace"),
        (Told(("\x1b[2J", "y")), "“\ufffd[2J”"),
    ],
)
def test_what_dns_says_in_words(answer, words):
    assert words in in_words("acme.com", answer, RECORD)


def test_words_stay_short_and_begin_with_what_was_meant():
    texts = (*tuple("x" * 5000 for _ in range(50)), record_of("old"))
    words = in_words("acme.com", Told(texts), RECORD)
    assert len(words) < 700
    assert f"none of them is the one: “{RECORD_BEGINS}old”, “xxx" in words
