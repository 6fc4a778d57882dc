"""Passwords: changed by who knows the old one, or set anew through a mailed link."""

import pytest

from app.domain.refusals import Conflict, InvalidRequest, NotFound, Unauthenticated
from app.services.people.passwords import ask_reset, change, reset
from app.services.people.sign_in import sign_in, signed_in
from app.services.people.sign_up import create_person, sign_up
from app.services.tokens.list_tokens import personal_tokens
from app.services.tokens.make_token import make_personal_token
from app.store.database import db
from app.store.mails import Mail
from app.store.people import person_by_id
from tests.services.cast import claims_to, mails_to
from tests.services.racing import at_once

PASSWORD, NEW = "correct horse battery", "another good password"


@pytest.fixture
def bob(app, clock):
    return create_person("bob@acme.test", "Bob", PASSWORD, clock.now(), verified=True)


def enter(password, clock):
    return sign_in("bob@acme.test", password, "", "", clock.now())[1]


def asked(clock):
    ask_reset(" BOB@acme.test", clock.now())
    claims = claims_to("bob@acme.test", "reset")
    return claims["person"], claims["fingerprint"]


def test_reset_sets_the_password_and_ends_all_sessions(bob, clock):
    token = enter(PASSWORD, clock)
    reset(*asked(clock), NEW, clock.now())
    assert signed_in(token, clock.now()) is None
    assert signed_in(enter(NEW, clock), clock.now()) is not None
    with pytest.raises(Unauthenticated):
        enter(PASSWORD, clock)


def test_link_dies_with_its_use(bob, clock):
    link = asked(clock)
    reset(*link, NEW, clock.now())
    with pytest.raises(Conflict, match="used already"):
        reset(*link, "a third good password", clock.now())
    assert enter(NEW, clock)


def test_link_dies_when_the_password_is_changed_meanwhile(bob, clock):
    link = asked(clock)
    change(bob.id, PASSWORD, NEW, clock.now(), None)
    with pytest.raises(Conflict):
        reset(*link, "a third good password", clock.now())


def test_one_of_two_uses_at_once_wins(app, bob, clock):
    link, now = asked(clock), clock.now()
    outcomes = at_once(app, lambda: reset(*link, NEW, now), lambda: reset(*link, NEW + "2", now))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Person"]


def test_link_of_one_person_is_no_link_of_another(bob, clock):
    eve = create_person("eve@acme.test", "Eve", PASSWORD, clock.now())
    _, mark = asked(clock)
    with pytest.raises(Conflict):
        reset(eve.id, mark, NEW, clock.now())
    with pytest.raises(NotFound):
        reset(10**9, mark, NEW, clock.now())


@pytest.mark.parametrize("email", ["nobody@acme.test", "no address", "", "\0@x.test"])
def test_asking_is_silent_for_unknown_addresses(app, clock, email):
    assert ask_reset(email, clock.now()) is None
    assert db.session.query(Mail).count() == 0


def test_person_without_a_password_sets_one_through_the_link(app, clock):
    create_person("bob@acme.test", "Bob", None, clock.now(), verified=True)
    reset(*asked(clock), NEW, clock.now())
    assert enter(NEW, clock)


def test_link_proves_the_address_and_shuts_out_who_had_not(app, clock):
    squatter = sign_up("bob@acme.test", "Not Bob", PASSWORD, clock.now())
    make_personal_token(squatter.id, "back door", clock.now())
    reset(*asked(clock), NEW, clock.now())
    assert person_by_id(squatter.id).email_verified_at == clock.now()
    assert personal_tokens(squatter.id) == []


def test_tokens_of_a_proved_person_outlive_a_reset(bob, clock):
    make_personal_token(bob.id, "laptop", clock.now())
    reset(*asked(clock), NEW, clock.now())
    assert [token.name for token in personal_tokens(bob.id)] == ["laptop"]


def test_weak_password_leaves_the_link_alive(bob, clock):
    link = asked(clock)
    with pytest.raises(InvalidRequest):
        reset(*link, "short", clock.now())
    assert reset(*link, NEW, clock.now()).id == bob.id


def test_change_keeps_this_session_ends_the_others_and_mails(bob, clock):
    here, there = enter(PASSWORD, clock), enter(PASSWORD, clock)
    change(bob.id, PASSWORD, NEW, clock.now(), signed_in(here, clock.now())[1].id)
    assert signed_in(here, clock.now()) is not None
    assert signed_in(there, clock.now()) is None
    assert len(mails_to("bob@acme.test", "password_changed")) == 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong password", NEW, "old_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "bob@acme.test", "new_password"),
    ],
)
def test_change_says_which_field_is_wrong(bob, clock, old, new, field):
    with pytest.raises(InvalidRequest) as refused:
        change(bob.id, old, new, clock.now(), None)
    assert refused.value.errors[0][0] == field
    assert enter(PASSWORD, clock)
