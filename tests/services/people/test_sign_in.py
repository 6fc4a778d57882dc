"""Signing in and out: sessions of browsers, that can be seen and ended one by one."""

import pytest
from argon2 import PasswordHasher

from app.domain.refusals import Unauthenticated
from app.domain.secret import digest
from app.services.people import hash_password
from app.services.people.list_sessions import list_sessions
from app.services.people.sign_in import (
    end_other_sessions,
    end_session,
    sign_in,
    sign_out,
    signed_in,
)
from app.services.people.sign_up import create_person
from app.store.database import db
from app.store.people import Person, SignIn, person_by_id

PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"


@pytest.fixture
def bob(app, clock):
    return create_person("bob@acme.test", "Bob", PASSWORD, clock.now(), verified=True)


def enter(clock, agent="Firefox"):
    return sign_in("Bob@acme.test ", PASSWORD, agent, ADDRESS, clock.now())[1]


def test_right_password_starts_a_session(bob, clock):
    person, token = sign_in("bob@acme.test", PASSWORD, "Firefox", ADDRESS, clock.now())
    assert person.id == bob.id
    known, session = signed_in(token, clock.now())
    assert known.id == bob.id
    assert (session.user_agent, session.address) == ("Firefox", ADDRESS)


def test_only_the_digest_of_a_token_is_kept(bob, clock):
    token = enter(clock)
    assert len(token) >= 43
    assert db.session.scalars(db.select(SignIn.token_hash)).all() == [digest(token)]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("bob@acme.test", "wrong password"),
        ("bob@acme.test", ""),
        ("bob@acme.test", PASSWORD + "\ud800"),
        ("eve@acme.test", PASSWORD),
        ("no address", PASSWORD),
        ("bob@acme.test\0", "x"),
    ],
)
def test_refusals_all_sound_alike(bob, clock, email, password):
    with pytest.raises(Unauthenticated, match=r"^Address and password don't match\.$"):
        sign_in(email, password, "", "", clock.now())
    assert db.session.query(SignIn).count() == 0


def test_person_without_a_password_can_t_sign_in_with_any(app, clock):
    create_person("sso@acme.test", "Sso", None, clock.now())
    with pytest.raises(Unauthenticated):
        sign_in("sso@acme.test", "nobody has this password", "", "", clock.now())


def test_unknown_addresses_cost_as_much_work(bob, clock, monkeypatch):
    checked = []

    class Counting(PasswordHasher):
        def verify(self, hash, password):  # noqa: A002
            checked.append(hash.split("$")[3])
            return super().verify(hash, password)

    counting = Counting(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(hash_password, "hasher", counting)
    for email in ("bob@acme.test", "eve@acme.test"):
        with pytest.raises(Unauthenticated):
            sign_in(email, "wrong password", "", "", clock.now())
    assert checked == ["m=8,t=1,p=1"] * 2


def test_hash_is_renewed_when_the_parameters_change(bob, clock, monkeypatch):
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(hash_password, "hasher", stronger)
    enter(clock)
    assert "m=16,t=2,p=1" in db.session.get_one(Person, bob.id).password_hash
    enter(clock)
    assert db.session.query(SignIn).count() == 2


def test_hash_stays_when_the_parameters_do(bob, clock):
    before = bob.password_hash
    enter(clock)
    assert person_by_id(bob.id).password_hash == before


def test_use_is_noted_every_five_minutes(bob, clock, later):
    token, start = enter(clock), clock.now()
    assert signed_in(token, later(minutes=4))[1].last_seen_at == start
    assert signed_in(token, later(minutes=1))[1].last_seen_at == clock.now()


def test_session_ends_when_it_was_long_unused(bob, clock, later):
    token = enter(clock)
    assert signed_in(token, later(days=29), 30) is not None
    assert signed_in(token, later(days=29), 30) is not None
    assert signed_in(token, later(days=30), 30) is None


def test_signing_out_ends_one_session(bob, clock):
    first, second = enter(clock), enter(clock)
    sign_out(first)
    assert signed_in(first, clock.now()) is None
    assert signed_in(second, clock.now()) is not None


def test_unknown_token_is_nobody(bob, clock):
    assert signed_in("", clock.now()) is None
    assert signed_in("x" * 43, clock.now()) is None


def test_sessions_are_listed_and_ended(bob, clock, later):
    enter(clock, "Firefox")
    later(minutes=10)
    kept = signed_in(enter(clock, "Safari"), clock.now())[1]
    enter(clock, "Chrome")
    listed = list_sessions(bob.id, clock.now(), 30)
    assert sorted(session.user_agent for session in listed) == ["Chrome", "Firefox", "Safari"]
    end_session(bob.id, listed[-1].id)
    assert len(list_sessions(bob.id, clock.now(), 30)) == 2
    end_other_sessions(bob.id, kept.id)
    assert [each.user_agent for each in list_sessions(bob.id, clock.now(), 30)] == ["Safari"]


def test_nobody_ends_another_person_s_session(bob, clock):
    token = enter(clock)
    eve = create_person("eve@acme.test", "Eve", None, clock.now())
    end_session(eve.id, signed_in(token, clock.now())[1].id)
    assert signed_in(token, clock.now()) is not None


def test_browser_names_are_cut_and_cleaned(bob, clock):
    _, token = sign_in("bob@acme.test", PASSWORD, "x\0\n" + "y" * 300, "z" * 99, clock.now())
    session = signed_in(token, clock.now())[1]
    assert session.user_agent == "x" + "y" * 199
    assert session.address == "z" * 45
