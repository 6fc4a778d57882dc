"""What a browser brings and the token endpoint answers; and signing out."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.hookspecs import Arrival, NotProven, Proven, SignedOn, SignedOut
from plugins.sso_oidc import asking
from plugins.sso_oidc.conformance import NOW, OURS
from plugins.sso_oidc.stand_in import (
    CLIENT_SECRET,
    ISSUER,
    answered,
)
from tests.plugins.oidc.trying import ATTEMPT, Trial, numbers, says

AT = int(NOW.timestamp())


def with_field(name, *values):
    return lambda fields: (
        *(each for each in fields if each[0] != name),
        *((name, value) for value in values),
    )


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (with_field("iss"), "issuer_of_answer"),
        (with_field("iss", "https://eve.example"), "issuer_of_answer"),
        (with_field("iss", ISSUER, ISSUER), "issuer_of_answer"),
        (with_field("state"), "state"),
        (with_field("state", "handle-2"), "state"),
        (with_field("code"), "code"),
        (with_field("code", "a", "b"), "code"),
        (with_field("code", "a" * 9_000), "code"),
        (with_field("code", "a\nb"), "code"),
        (with_field("code", "guessed"), "redeemed"),
        (with_field("error", "access_denied"), "answered"),
        (with_field("error", ""), "answered"),
    ],
    ids=numbers(),
)
def test_what_a_browser_must_bring(change, check):
    trial = Trial()
    trial.change_answer = change
    assert trial.refused().name == check


def test_a_provider_that_says_no_issuer_with_answers_may_leave_it_out():
    trial = Trial(change_document=says(authorization_response_iss_parameter_supported=None))
    trial.change_answer = with_field("iss")
    assert isinstance(trial.judge(), Proven)


def test_an_error_is_shown_with_what_to_do():
    trial = Trial()
    trial.change_answer = lambda fields: (
        ("error", "access_denied"),
        ("error_description", "Not\nassigned"),
        fields[1],
    )
    words = trial.refused().words
    assert "“Not assigned”" in words
    assert "assigned to this application" in words


def test_an_answer_comes_by_redirect():
    trial = Trial()
    onward = trial.handler.begin(trial.provider, ATTEMPT)
    fields = trial.stand_in.sign_in(onward.url, trial.person)
    attempt = replace(ATTEMPT, kept=onward.keep)
    found = trial.handler.complete(trial.provider, attempt, Arrival("POST", fields), NOW)
    assert found.checks[-1].name == "method"


@pytest.mark.parametrize(
    ("given", "check", "words"),
    [
        ({"values": {"client_secret": "wrong"}}, "redeemed", "client secret"),
        ({"values": {"client_id": "wrong"}}, None, ""),
    ],
)
def test_who_we_are_must_be_right(given, check, words):
    trial = Trial(**given)
    if check is None:
        with pytest.raises(AssertionError):
            trial.judge()
        return
    assert trial.refused().name == check
    assert words in trial.refused().words


def test_a_code_belongs_to_who_began():
    """A code that was stolen is worth nothing without the verifier (PKCE)."""
    trial = Trial()
    onward = trial.handler.begin(trial.provider, ATTEMPT)
    fields = trial.stand_in.sign_in(onward.url, trial.person)
    for kept in ({}, {"verifier": "a" * 64}):
        attempt = replace(ATTEMPT, kept=kept)
        found = trial.handler.complete(trial.provider, attempt, Arrival("GET", fields), NOW)
        assert found.checks[-1].name == "redeemed"


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (answered(302, {}), "redeemed"),
        (answered(500, {}), "redeemed"),
        (answered(400, {"error": "invalid_grant"}), "redeemed"),
        (answered(400, {"error": ["x"], "error_description": {}}), "redeemed"),
        (answered(200, {}), "tokens"),
        (answered(200, []), "tokens"),
        (answered(200, {"id_token": 7}), "tokens"),
        (answered(200, {"id_token": "x" * 300_000}), "tokens"),
        (answered(200, {"id_token": "a.b.c"}), "form"),
    ],
    ids=numbers(),
)
def test_what_the_token_endpoint_must_answer(answer, check):
    trial = Trial(fetch=lambda *_, **__: answer)
    assert trial.refused().name == check


def test_each_begin_is_another():
    trial = Trial()
    one, two = (trial.handler.begin(trial.provider, ATTEMPT) for _ in range(2))
    assert one.keep["verifier"] != two.keep["verifier"]
    assert len(one.keep["verifier"]) == 64
    assert one.keep["verifier"] not in one.url


def test_our_addresses_are_those_of_the_public_url():
    trial = Trial()
    told = trial.handler.publish(OURS)
    assert json.loads(told.document)["redirect_uris"] == [OURS.answer_url]
    assert CLIENT_SECRET.encode() not in told.document


def test_a_sign_out_names_the_session_and_comes_back_by_its_mark():
    trial = Trial(values={"tell_sign_out": True}, person={"sid": "session-1"})
    found = trial.judge()
    assert found.session == "session-1"
    signed_on = SignedOn(found.subject, found.session, found.kept)
    onward = trial.handler.begin_sign_out(trial.provider, signed_on, ATTEMPT)
    asked = dict(parse_qsl(urlsplit(onward.url).query))
    assert asked["id_token_hint"].count(".") == 2
    assert asked["post_logout_redirect_uri"] == OURS.logout_url
    back = Arrival("GET", (("state", asked["state"]),))
    assert isinstance(trial.handler.read_sign_out(trial.provider, back, NOW), SignedOut)
    other = Arrival("GET", (("state", asked["state"].replace("handle-1", "handle-2")),))
    assert isinstance(trial.handler.read_sign_out(trial.provider, other, NOW), NotProven)


def test_nobody_is_told_of_a_sign_out_unless_that_was_chosen():
    found = Trial().judge()
    signed_on = SignedOn(found.subject, None, found.kept)
    assert found.kept == {}
    assert Trial().handler.begin_sign_out(Trial().provider, signed_on, ATTEMPT) is None
    trial = Trial(values={"tell_sign_out": True}, change_document=says(end_session_endpoint=None))
    assert trial.handler.begin_sign_out(trial.provider, signed_on, ATTEMPT) is None


def test_nothing_is_asked_once_the_time_is_over(monkeypatch):
    monkeypatch.setattr(asking, "LATEST_SECONDS", -1.0)
    trial = Trial()
    assert "too slow" in trial.refused().words
    assert trial.stand_in.asked == []
