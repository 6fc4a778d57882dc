"""The second step: each code counts once, also in a race, and whoever guesses has to wait."""

import pytest

from app.domain.refusals import Conflict, InvalidRequest, RateLimited, Unauthenticated
from app.services.people.half_sign_in import is_half_signed_in
from app.services.people.passwords import change
from app.services.people.sign_in import Session, signed_in
from app.services.people.sign_up import create_person
from app.services.people.step_up import prove_again, proved_recently
from app.services.people.two_factor import (
    reset_two_factor,
    switch_off_two_factor,
    two_factor_state,
)
from app.services.purge import purge
from app.services.sealing import seal_with
from app.store.database import db
from app.store.second_factors import HalfSignIn
from tests.services.cast import mails_to
from tests.services.people.second_factors import (
    PASSWORD,
    count_sessions,
    enter,
    finish,
    half,
    switch_on,
)
from tests.services.racing import at_once

BOB = "bob@acme.test"


@pytest.fixture
def bob(app, clock):
    return create_person(BOB, "Bob", PASSWORD, clock.now(), verified=True)


@pytest.fixture
def armed(bob, clock, later):
    """Bob's device and recovery codes, a minute after he set it up."""
    device, codes, _ = switch_on(bob, clock.now())
    later(minutes=1)
    return device, codes


def test_the_password_alone_opens_nothing(bob, armed, clock):
    token = half(bob, clock.now())
    assert signed_in(token, clock.now()) is None
    assert is_half_signed_in(token, clock.now())
    assert count_sessions(bob, clock.now()) == 1
    assert db.session.query(HalfSignIn.token_hash).scalar() != token


def test_the_code_makes_it_whole(bob, armed, clock):
    token = half(bob, clock.now())
    person, session = finish(token, armed[0].code(clock.now()), clock.now())
    known, row = signed_in(session, clock.now())
    assert known.id == person.id == bob.id
    assert row.address == "192.0.2.7"
    assert proved_recently(row, clock.now())


def test_a_wrong_password_says_no_more_than_before(bob, armed, clock):
    with pytest.raises(Unauthenticated, match=r"^Address and password don't match\.$"):
        enter(bob, clock.now(), "wrong password")


def test_half_a_session_is_used_once_and_for_ten_minutes(bob, armed, clock, later):
    device, _ = armed
    used, old = half(bob, clock.now()), half(bob, clock.now())
    finish(used, device.code(clock.now()), clock.now())
    now = later(minutes=10)
    for token in (used, old, "", "x" * 43):
        assert not is_half_signed_in(token, now)
        with pytest.raises(Unauthenticated):
            finish(token, device.code(now), now)
    finish(half(bob, now), device.code(now), now)


def test_half_a_session_ends_with_the_password_it_was_begun_by(bob, armed, clock):
    token = half(bob, clock.now())
    change(bob.id, PASSWORD, "another good password", clock.now(), None)
    with pytest.raises(Unauthenticated):
        finish(token, armed[0].code(clock.now()), clock.now())


@pytest.mark.parametrize("by", ["person", "operator"])
def test_half_a_session_ends_with_the_second_factor(bob, armed, clock, by):
    token = half(bob, clock.now())
    if by == "person":
        switch_off_two_factor(bob.id, PASSWORD, armed[1][0], clock.now())
    else:
        reset_two_factor(BOB, clock.now())
    with pytest.raises(Unauthenticated):
        finish(token, armed[0].code(clock.now()), clock.now())
    assert isinstance(enter(bob, clock.now()), Session)


def test_a_code_counts_once_for_whatever_it_is_given(bob, armed, clock):
    device, now = armed[0], clock.now()
    code = device.code(now)
    session = finish(half(bob, now), code, now)
    here = signed_in(session.token, now)[1].id
    token = half(bob, now)
    for again in (
        lambda: finish(token, code, now),
        lambda: prove_again(bob.id, here, PASSWORD, code, now),
        lambda: switch_off_two_factor(bob.id, PASSWORD, code, now),
    ):
        with pytest.raises(InvalidRequest, match="used before"):
            again()
    with pytest.raises(InvalidRequest):
        finish(token, device.code(now, -1), now)
    finish(token, device.code(now, 1), now)


def test_the_code_that_switched_it_on_signs_nobody_in(bob, clock):
    device, _, _ = switch_on(bob, clock.now())
    with pytest.raises(InvalidRequest):
        finish(half(bob, clock.now()), device.code(clock.now()), clock.now())


def test_of_many_who_give_one_code_at_once_one_gets_in(app, bob, armed, clock):
    now = clock.now()
    code, tokens = armed[0].code(now), [half(bob, now) for _ in range(4)]
    outcomes = at_once(app, *[lambda t=t: finish(t, code, now) for t in tokens])
    assert sorted(type(each).__name__ for each in outcomes) == ["InvalidRequest"] * 3 + ["Session"]
    assert count_sessions(bob, now) == 2


def test_of_many_who_give_one_recovery_code_at_once_one_gets_in(app, bob, armed, clock):
    now = clock.now()
    code, tokens = armed[1][0], [half(bob, now) for _ in range(4)]
    outcomes = at_once(app, *[lambda t=t: finish(t, code, now) for t in tokens])
    assert sorted(type(each).__name__ for each in outcomes) == ["InvalidRequest"] * 3 + ["Session"]
    assert two_factor_state(bob.id).recovery_codes == 9


def test_half_a_session_becomes_one_session_in_a_race(app, bob, armed, clock):
    """Even with a good code each; the code of who comes late is not used up."""
    now, (_, codes) = clock.now(), armed
    token = half(bob, now)
    outcomes = at_once(app, *[lambda c=c: finish(token, c, now) for c in codes[:4]])
    names = sorted(type(each).__name__ for each in outcomes)
    assert names == ["Session"] + ["Unauthenticated"] * 3
    assert two_factor_state(bob.id).recovery_codes == 9


def test_a_recovery_code_is_used_once_and_a_mail_tells_it(bob, armed, clock):
    _, codes = armed
    typed = codes[0].upper().replace("-", " ")
    assert finish(half(bob, clock.now()), typed, clock.now()).person.id == bob.id
    with pytest.raises(InvalidRequest, match="used before"):
        finish(half(bob, clock.now()), codes[0], clock.now())
    assert two_factor_state(bob.id).recovery_codes == 9
    (mail,) = mails_to(BOB, "recovery_code_used")
    assert mail.context["values"]["left"] == 9


def test_recovery_codes_of_somebody_else_are_no_use(bob, armed, clock):
    eve = create_person("eve@acme.test", "Eve", PASSWORD, clock.now())
    _, hers, _ = switch_on(eve, clock.now())
    with pytest.raises(InvalidRequest):
        finish(half(bob, clock.now()), hers[0], clock.now())
    assert two_factor_state(eve.id).recovery_codes == 10


def test_wrong_codes_are_counted_per_person_whatever_the_session(bob, armed, clock, later):
    device, codes = armed
    now = clock.now()
    for _ in range(4):
        with pytest.raises(InvalidRequest):
            finish(half(bob, now), device.wrong(now), now)
    with pytest.raises(RateLimited, match="Wait a minute"):
        finish(half(bob, now), device.wrong(now), now)
    with pytest.raises(RateLimited):
        finish(half(bob, now), device.code(now), now)
    assert len(mails_to(BOB, "codes_guessed")) == 1
    assert finish(half(bob, now), codes[0], now)
    now = later(minutes=1)
    with pytest.raises(RateLimited, match="Wait 2 minutes") as refused:
        finish(half(bob, now), device.wrong(now), now)
    assert refused.value.facts["retry_after"] == 120
    now = later(minutes=2)
    assert finish(half(bob, now), device.code(now), now)
    with pytest.raises(InvalidRequest):
        finish(half(bob, now), device.wrong(now), now)
    assert len(mails_to(BOB, "codes_guessed")) == 1


def test_guesses_at_once_are_all_counted(app, bob, armed, clock):
    now, wrong = clock.now(), armed[0].wrong(clock.now())
    tokens = [half(bob, now) for _ in range(8)]
    outcomes = at_once(app, *[lambda t=t: finish(t, wrong, now) for t in tokens])
    names = [type(each).__name__ for each in outcomes]
    assert names.count("InvalidRequest") == 4
    assert names.count("RateLimited") == 4
    assert len(mails_to(BOB, "codes_guessed")) == 1


def test_with_another_secret_of_the_installation_recovery_codes_still_work(bob, armed, clock):
    seal_with("the secret was lost, and this is a new one")
    with pytest.raises(Conflict, match="operator"):
        finish(half(bob, clock.now()), armed[0].code(clock.now()), clock.now())
    assert finish(half(bob, clock.now()), armed[1][0], clock.now())


def test_proving_again_lasts_a_quarter_of_an_hour(bob, armed, clock, later):
    device, _ = armed
    token = finish(half(bob, clock.now()), device.code(clock.now()), clock.now()).token
    now = later(minutes=15)
    here = signed_in(token, now)[1]
    assert not proved_recently(here, now)
    for password, code in (("wrong", device.code(now)), (PASSWORD, device.wrong(now))):
        with pytest.raises(InvalidRequest):
            prove_again(bob.id, here.id, password, code, now)
        assert not proved_recently(signed_in(token, now)[1], now)
    prove_again(bob.id, here.id, PASSWORD, device.code(now), now)
    assert proved_recently(signed_in(token, now)[1], now)


def test_without_a_second_factor_the_password_proves(bob, clock, later):
    token = enter(bob, clock.now()).token
    now = later(hours=1)
    here = signed_in(token, now)[1]
    prove_again(bob.id, here.id, PASSWORD, "", now)
    assert proved_recently(signed_in(token, now)[1], now)


def test_nobody_proves_for_the_session_of_another(bob, armed, clock):
    eve = create_person("eve@acme.test", "Eve", PASSWORD, clock.now())
    code = armed[0].code(clock.now())
    bobs = signed_in(finish(half(bob, clock.now()), code, clock.now()).token, clock.now())[1]
    now = clock.now()
    before = bobs.proved_at
    prove_again(eve.id, bobs.id, PASSWORD, "", now)
    db.session.expire_all()
    assert bobs.proved_at == before


def test_half_sessions_are_thrown_away(bob, armed, clock, later):
    half(bob, clock.now())
    now = later(days=2)
    half(bob, now)
    purge(90, 30, now)
    assert db.session.query(HalfSignIn).count() == 1
