"""Whose address it is, and who vouches for it."""

import pytest

from app.hookspecs import Proven
from plugins.sso_oidc.conformance import NOW
from tests.plugins.oidc.trying import Trial, numbers, says

AT = int(NOW.timestamp())


def test_userinfo_tells_the_address_where_the_token_has_none():
    trial = Trial(
        change_claims=says(email=None, email_verified=None),
        change_userinfo=says(email_verified=True),
    )
    found = trial.judge()
    assert (found.email, trial.stand_in.asked) == (
        "ana@acme.test",
        ["/token", "/keys", "/userinfo"],
    )


def test_userinfo_is_not_asked_where_it_has_one():
    trial = Trial()
    trial.judge()
    assert "/userinfo" not in trial.stand_in.asked


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ({"sub": "person-2"}, "userinfo_subject"),
        ({"sub": None}, "userinfo_subject"),
        ({"email_verified": False}, "email_verified"),
        ({}, "email_verified"),
        ({"email": None}, "one_email"),
    ],
    ids=numbers(),
)
def test_what_userinfo_must_say(said, check):
    trial = Trial(change_claims=says(email=None, email_verified=None), change_userinfo=says(**said))
    assert trial.refused().name == check


def test_a_verified_mark_of_one_place_says_nothing_of_another_s_address():
    trial = Trial(change_claims=says(email=None, email_verified=True))
    assert trial.refused().name == "email_verified"


ENTRA = "https://login.microsoftonline.com/6f0b6ad4/v2.0"


@pytest.mark.parametrize("owned", [True, "1", 1, "true"], ids=repr)
def test_entra_says_in_its_own_way_that_the_address_is_the_tenant_s(owned):
    trial = Trial(issuer=ENTRA, change_claims=says(email_verified=None, xms_edov=owned))
    assert isinstance(trial.judge(), Proven)


@pytest.mark.parametrize("more", [{}, {"xms_edov": False}, {"xms_edov": "0"}])
def test_entra_without_its_word_is_refused_with_advice(more):
    trial = Trial(issuer=ENTRA, change_claims=says(email_verified=None, **more))
    check = trial.refused()
    assert (check.name, "xms_edov" in check.words) == ("email_verified", True)


def test_nobody_else_may_use_entra_s_word():
    trial = Trial(change_claims=says(email_verified=None, xms_edov=True))
    assert trial.refused().name == "email_verified"


def test_an_administrator_may_vouch_and_not_against_the_provider_s_word():
    vouched = {"vouched": True}
    assert isinstance(
        Trial(change_claims=says(email_verified=None), values=vouched).judge(), Proven
    )
    for said in ({"email_verified": False}, {"email_verified": "no"}):
        assert Trial(change_claims=says(**said), values=vouched).refused().name == "email_verified"


def test_a_private_account_at_google_is_nobody_s():
    google = "https://accounts.google.com"
    assert Trial(issuer=google).refused().name == "organization"
    assert Trial(issuer=google, change_claims=says(hd="")).refused().name == "organization"
    assert isinstance(Trial(issuer=google, change_claims=says(hd="acme.test")).judge(), Proven)


def test_what_is_said_of_the_person_comes_along():
    trial = Trial(
        person={"groups": ["a", "b"], "realm_access": {"roles": ["x"]}, "age": 7, "deep": {"a": {}}}
    )
    found = trial.judge().attributes
    assert found["groups"] == ("a", "b")
    assert found["realm_access.roles"] == ("x",)
    assert found["email_verified"] == ("true",)
    assert not {"nonce", "aud", "deep", "deep.a"} & set(found)


def test_names_are_put_together():
    given = {"given_name": "Ana", "family_name": "Arden"}
    assert Trial(without=["name"], person=given).judge().name == "Ana Arden"
    assert Trial(without=["name"]).judge().name is None
