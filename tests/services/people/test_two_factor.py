"""Two-factor sign-in is switched on by a code, off by password and code, and reset by command."""

import pytest

from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.services.credits.caller import caller_of
from app.services.people.passwords import ask_reset, reset
from app.services.people.recovery_codes import renew_recovery_codes
from app.services.people.sign_in import Session, signed_in
from app.services.people.sign_up import create_person
from app.services.people.two_factor import (
    begin_two_factor,
    confirm_two_factor,
    reset_two_factor,
    set_up_of,
    switch_off_two_factor,
    two_factor_state,
)
from app.services.people.two_factor_code import has_two_factor
from app.services.tokens.make_token import make_personal_token
from app.store.database import db
from app.store.second_factors import RecoveryCode, SecondFactor
from tests.services.cast import claims_to, mails_to
from tests.services.people.second_factors import (
    PASSWORD,
    Device,
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


def test_a_device_counts_only_once_a_code_proved_it(bob, clock):
    begin_two_factor(bob.id, clock.now())
    assert not has_two_factor(bob.id)
    assert isinstance(enter(bob, clock.now()), Session)
    here = signed_in(enter(bob, clock.now()).token, clock.now())[1].id
    with pytest.raises(InvalidRequest):
        confirm_two_factor(bob.id, "123", here, clock.now())
    assert not has_two_factor(bob.id)
    device = Device(set_up_of(bob.id, clock.now()).secret)
    confirm_two_factor(bob.id, device.code(clock.now()), here, clock.now())
    assert two_factor_state(bob.id).on_since == clock.now()
    assert len(mails_to(BOB, "two_factor_on")) == 1


def test_neither_the_secret_nor_the_codes_can_be_read_in_the_database(bob, clock):
    device, codes, _ = switch_on(bob, clock.now())
    kept = db.session.get_one(SecondFactor, bob.id).sealed_secret
    hashes = db.session.scalars(db.select(RecoveryCode.code_hash)).all()
    assert device.totp.secret not in kept
    assert len(hashes) == len(set(codes)) == 10
    assert not set(hashes) & set(codes)
    assert set_up_of(bob.id, clock.now()) is None


def test_what_the_device_is_told_names_coffer_and_the_person(bob, clock):
    begin_two_factor(bob.id, clock.now())
    told = set_up_of(bob.id, clock.now())
    assert told.address == (
        f"otpauth://totp/Coffer:bob%40acme.test?secret={told.secret}&issuer=Coffer"
    )


def test_beginning_again_makes_another_secret(bob, clock):
    begin_two_factor(bob.id, clock.now())
    first = Device(set_up_of(bob.id, clock.now()).secret)
    begin_two_factor(bob.id, clock.now())
    with pytest.raises(InvalidRequest):
        confirm_two_factor(bob.id, first.code(clock.now()), 0, clock.now())


def test_a_set_up_waits_for_an_hour(bob, clock, later):
    begin_two_factor(bob.id, clock.now())
    device = Device(set_up_of(bob.id, clock.now()).secret)
    now = later(hours=1)
    assert set_up_of(bob.id, now) is None
    with pytest.raises(Conflict, match="Begin it again"):
        confirm_two_factor(bob.id, device.code(now), 0, now)


def test_nothing_begun_nothing_confirmed(bob, clock):
    assert set_up_of(bob.id, clock.now()) is None
    assert set_up_of(10**9, clock.now()) is None
    with pytest.raises(Conflict):
        confirm_two_factor(bob.id, "123456", 0, clock.now())


def test_switching_on_ends_the_other_sessions(bob, clock):
    elsewhere = enter(bob, clock.now()).token
    _, _, here = switch_on(bob, clock.now())
    assert signed_in(elsewhere, clock.now()) is None
    assert signed_in(here, clock.now()) is not None


def test_a_sign_in_that_meets_the_switch_never_stays_without_a_code(app, bob, clock):
    """Either it was first and is ended, or it comes after and is half."""
    here, now = signed_in(enter(bob, clock.now()).token, clock.now())[1].id, clock.now()
    begin_two_factor(bob.id, now)
    code = Device(set_up_of(bob.id, now).secret).code(now)
    outcomes = at_once(
        app,
        lambda: confirm_two_factor(bob.id, code, here, now),
        *[lambda: enter(bob, now)] * 3,
    )
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert count_sessions(bob, now) == 1


def test_it_is_switched_on_once(app, bob, clock):
    now = clock.now()
    begin_two_factor(bob.id, now)
    code = Device(set_up_of(bob.id, now).secret).code(now)
    outcomes = at_once(app, *[lambda: confirm_two_factor(bob.id, code, 0, now)] * 2)
    assert sorted(type(each).__name__ for each in outcomes) == ["Conflict", "list"]
    with pytest.raises(Conflict):
        begin_two_factor(bob.id, now)
    assert two_factor_state(bob.id).recovery_codes == 10


def test_switching_off_takes_the_password_and_a_code(bob, clock, later):
    device, _, _ = switch_on(bob, clock.now())
    now = later(minutes=2)
    with pytest.raises(InvalidRequest, match="not your password"):
        switch_off_two_factor(bob.id, "not the password", device.code(now), now)
    with pytest.raises(InvalidRequest, match="not right"):
        switch_off_two_factor(bob.id, PASSWORD, device.wrong(now), now)
    assert has_two_factor(bob.id)
    switch_off_two_factor(bob.id, PASSWORD, device.code(now), now)
    assert two_factor_state(bob.id) == two_factor_state(10**9)
    assert isinstance(enter(bob, now), Session)
    assert len(mails_to(BOB, "two_factor_off")) == 1


def test_a_recovery_code_switches_it_off_too(bob, clock):
    _, codes, _ = switch_on(bob, clock.now())
    switch_off_two_factor(bob.id, PASSWORD, codes[3].upper(), clock.now())
    assert not has_two_factor(bob.id)


def test_what_is_not_on_can_t_be_switched_off(bob, clock):
    with pytest.raises(Conflict):
        switch_off_two_factor(bob.id, PASSWORD, "123456", clock.now())
    with pytest.raises(Conflict):
        renew_recovery_codes(bob.id, clock.now())
    with pytest.raises(InvalidRequest):
        switch_off_two_factor(10**9, PASSWORD, "123456", clock.now())


def test_a_new_password_by_mail_leaves_it_on(bob, clock, later):
    device, _, _ = switch_on(bob, clock.now())
    ask_reset(BOB, clock.now())
    claims = claims_to(BOB, "reset")
    reset(claims["person"], claims["fingerprint"], "another good password", clock.now())
    now = later(minutes=1)
    token = half(bob, now, "another good password")
    assert finish(token, device.code(now), now).person.id == bob.id


def test_new_recovery_codes_take_the_place_of_the_old(bob, clock):
    _, old, _ = switch_on(bob, clock.now())
    finish(half(bob, clock.now()), old[0], clock.now())
    new = renew_recovery_codes(bob.id, clock.now())
    assert not set(old) & set(new)
    assert two_factor_state(bob.id).recovery_codes == 10
    with pytest.raises(InvalidRequest):
        finish(half(bob, clock.now()), old[1], clock.now())
    assert finish(half(bob, clock.now()), new[1], clock.now())
    assert len(mails_to(BOB, "recovery_codes_renewed")) == 1


def test_the_operator_resets_it(bob, clock):
    _, _, here = switch_on(bob, clock.now())
    assert reset_two_factor(" BOB@acme.test", clock.now()).id == bob.id
    assert signed_in(here, clock.now()) is None
    assert isinstance(enter(bob, clock.now()), Session)
    assert len(mails_to(BOB, "two_factor_reset")) == 1
    with pytest.raises(Conflict, match="no two-factor"):
        reset_two_factor(BOB, clock.now())
    with pytest.raises(NotFound):
        reset_two_factor("nobody@acme.test", clock.now())


def test_tokens_of_programs_work_as_before(bob, clock):
    _, text = make_personal_token(bob.id, "laptop", clock.now())
    switch_on(bob, clock.now())
    assert caller_of(text, clock.now()).person_id == bob.id
