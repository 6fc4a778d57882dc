"""What an ID token must say of itself: each rule has its check."""

from dataclasses import replace

import pytest

from app.hookspecs import Proven
from plugins.sso_oidc.conformance import NOW
from plugins.sso_oidc.id_token import YOUNG
from plugins.sso_oidc.stand_in import (
    CLIENT_ID,
    ISSUER,
)
from tests.plugins.oidc.trying import ATTEMPT, Trial, numbers, says

AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("claims", "check"),
    [
        ({"iss": "https://eve.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": ISSUER.upper()}, "issuer"),
        ({"iss": [ISSUER]}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"aud": CLIENT_ID + "2"}, "audience"),
        ({"aud": CLIENT_ID[:-1]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": ["other"]}, "audience"),
        ({"aud": [CLIENT_ID, 7]}, "audience"),
        ({"aud": {CLIENT_ID: 1}}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": [CLIENT_ID, "other"]}, "authorized_party"),
        ({"aud": [CLIENT_ID, "other"], "azp": "other"}, "authorized_party"),
        ({"azp": "other"}, "authorized_party"),
        ({"azp": ""}, "authorized_party"),
        ({"exp": AT - 61}, "expiry"),
        ({"exp": None}, "instants"),
        ({"exp": "soon"}, "instants"),
        ({"exp": str(AT + 60)}, "instants"),
        ({"exp": True}, "instants"),
        ({"exp": 10**400}, "instants"),
        ({"exp": -1}, "instants"),
        ({"iat": None}, "instants"),
        ({"iat": [AT]}, "instants"),
        ({"iat": AT + 61}, "not_before"),
        ({"nbf": AT + 61}, "not_before"),
        ({"nbf": "x"}, "instants"),
        ({"iat": AT - int(YOUNG.total_seconds()) - 61}, "issued"),
        ({"nonce": None}, "request"),
        ({"nonce": "_request-2"}, "request"),
        ({"nonce": ATTEMPT.request_id + " "}, "request"),
        ({"nonce": [ATTEMPT.request_id]}, "request"),
        ({"nonce": "\ud800"}, "request"),
        ({"at_hash": "AAAA"}, "access_token"),
        ({"at_hash": ""}, "access_token"),
        ({"at_hash": 7}, "access_token"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": "a" * 256}, "subject"),
        ({"sub": "a\nb"}, "subject"),
        ({"sub": " person-1"}, "subject"),
        ({"auth_time": "now"}, "library"),
        ({"amr": "pwd"}, "library"),
        ({"email": ["ana@acme.test", "eve@acme.test"]}, "one_email"),
        ({"email": ""}, "one_email"),
        ({"email": {"a": 1}}, "one_email"),
        ({"email": "ana"}, "email"),
        ({"email": "@acme.test"}, "email"),
        ({"email": "ana arden@acme.test"}, "email"),
        ({"email": "ana@acme.test\n"}, "email"),
        ({"email": "a" * 250 + "@acme.test"}, "email"),
        ({"email_verified": False}, "email_verified"),
        ({"email_verified": "false"}, "email_verified"),
        ({"email_verified": []}, "email_verified"),
        ({"email_verified": None}, "email_verified"),
    ],
    ids=numbers(),
)
def test_what_must_be_said(claims, check):
    assert Trial(change_claims=says(**claims)).refused().name == check


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID},
        {"exp": AT - 59},
        {"iat": AT + 59, "nbf": AT + 59},
        {"iat": AT - 300, "nbf": AT - 300},  # Entra ID dates its tokens back
        {"exp": AT + 300.5},
        {"exp": AT + 10**9},
        {"at_hash": None},
        {"jti": "token-1"},
        {"email_verified": "true"},
    ],
)
def test_what_may_be_said(claims):
    assert isinstance(Trial(change_claims=says(**claims)).judge(), Proven)


def test_clocks_differ_by_what_was_set_and_never_by_more_than_five_minutes():
    assert Trial(change_claims=says(exp=AT - 1), values={"clock_skew_seconds": 0}).refused()
    for skew in (300, 10**9):
        values = {"clock_skew_seconds": skew}
        assert isinstance(Trial(change_claims=says(exp=AT - 299), values=values).judge(), Proven)
        assert Trial(change_claims=says(exp=AT - 301), values=values).refused().name == "expiry"


def test_a_token_s_own_id_is_used_once_too():
    found = Trial(change_claims=says(jti="token-1")).judge()
    assert "jti:token-1" in {each.id for each in found.once}


def test_a_long_subject_still_is_one():
    long, other = (
        Trial(change_claims=says(sub=letter * 255)).judge().subject for letter in ("a", "b")
    )
    assert len(long) <= 255
    assert long != other


def test_who_had_to_prove_themselves_anew_must_have_done_so():
    for auth_time, works in ((AT, True), (AT - 61, False), (None, False), ("x", False)):
        trial = Trial(change_claims=says(auth_time=auth_time) if auth_time else lambda _: None)
        trial.attempt = replace(ATTEMPT, again=True)
        found = trial.judge()
        assert isinstance(found, Proven) is works
        assert works or found.checks[-1].name == "authenticated"
