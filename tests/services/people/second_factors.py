"""A device with codes, as the tests of two-factor sign-in hold it."""

from datetime import timedelta

import pyotp

from app.services.people.list_sessions import list_sessions
from app.services.people.sign_in import sign_in, signed_in
from app.services.people.two_factor import begin_two_factor, confirm_two_factor, set_up_of
from app.services.people.two_factor_sign_in import finish_sign_in

PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"


class Device:
    """Somebody's authenticator app."""

    def __init__(self, secret):
        self.totp = pyotp.TOTP(secret)

    def code(self, now, steps=0):
        """The code that it shows so many half minutes later."""
        return self.totp.at(now + steps * timedelta(seconds=30))

    def wrong(self, now):
        """Six digits that are no code of about now."""
        near = {self.code(now, steps) for steps in range(-3, 4)}
        return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


def enter(person, now, password=PASSWORD):
    """Give the password."""
    return sign_in(person.email, password, "Firefox", ADDRESS, now)


def half(person, now, password=PASSWORD):
    """Give the password, and get the token of the half session."""
    return enter(person, now, password).half_token


def finish(token, code, now):
    """Give the code."""
    return finish_sign_in(token, code, "Firefox", ADDRESS, now)


def switch_on(person, now):
    """Set a device up; the device, the recovery codes and the token of the session that did it."""
    token = enter(person, now).token
    here = signed_in(token, now)[1].id
    begin_two_factor(person.id, now)
    device = Device(set_up_of(person.id, now).secret)
    return device, confirm_two_factor(person.id, device.code(now), here, now), token


def count_sessions(person, now):
    """How many browsers the person is signed in with."""
    return len(list_sessions(person.id, now, 30))
