"""Who is signed in: Flask-Login, bound to the sessions that can be listed and ended one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, flash, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user, login_user, logout_user

from app.domain.audit_line import Actor
from app.extensions import login_manager
from app.services.audit.door import come_as
from app.services.desk.see_as import seeing_now
from app.services.people import sign_in as sign_ins
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.people import Person, SignIn
    from app.store.seeing import Seeing


HALF = "half"


class SignedIn(UserMixin):  # type: ignore[misc]
    """A person in one browser. The cookie carries the session's token and nothing about them."""

    def __init__(self, person: Person, sign_in: SignIn, token: str) -> None:
        self.person = person
        self.sign_in = sign_in
        self.token = token
        self.operator = person
        self.seeing: Seeing | None = None

    def see_as(self, seeing: Seeing, person: Person) -> None:
        """Let whoever is here, an operator, see the pages as that person."""
        self.seeing, self.person = seeing, person

    def get_id(self) -> str:
        """Give what the cookie keeps."""
        return self.token


class PrivateSessions(SecureCookieSessionInterface):
    """Keeps the session's cookie out of answers that a shared cache may keep for everybody."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie, but not with what is public."""
        if not response.cache_control.public:
            super().save_session(app, session, response)


def register(app: Flask) -> None:
    """Wire Flask-Login to our own sessions."""
    app.session_interface = PrivateSessions()
    login_manager.session_protection = None
    login_manager.user_loader(_load)
    login_manager.unauthorized_handler(_ask_to_sign_in)
    login_manager.init_app(app)


def current_person() -> Person:
    """The person who is signed in; only for doors that ask for one."""
    return _signed_in().person


def current_sign_in() -> SignIn:
    """The session of this browser."""
    return _signed_in().sign_in


def current_token() -> str:
    """What the cookie of this browser keeps of its session."""
    return _signed_in().token


def current_seeing() -> Seeing | None:
    """The time in which the operator who is here looks as somebody else, if they do."""
    return _signed_in().seeing if is_signed_in() else None


def is_signed_in() -> bool:
    """Tell whether somebody is signed in."""
    return bool(current_user.is_authenticated)


def start_session(person: Person, token: str) -> None:
    """Make this browser the person's: whatever it carried before is dropped."""
    session.clear()
    session.permanent = True
    signed_in = _load(token)
    assert signed_in is not None
    assert signed_in.person.id == person.id
    login_user(signed_in)


def start_half_session(half_token: str) -> None:
    """Let this browser carry, until it closes, that the password was right: no more than that."""
    session.clear()
    session[HALF] = half_token


def half_token() -> str:
    """What this browser carries between the password and the code; empty when it is nothing."""
    return str(session.get(HALF, ""))


def end_session() -> None:
    """Sign this browser out."""
    if is_signed_in():
        sign_ins.sign_out(_signed_in().token)
    logout_user()
    session.clear()


def safe_next(target: str | None) -> str:
    """Where to go after signing in: a path of this site, or home."""
    return target if target and _is_own_path(target) else url_for("pages.home")


def _is_own_path(target: str) -> bool:
    """Tell whether a browser would stay on this site; `//host` and `/\\host` are other sites."""
    is_plain = all(letter.isprintable() and not letter.isspace() for letter in target)
    return is_plain and "\\" not in target and target.startswith("/") and target[1:2] != "/"


def _signed_in() -> SignedIn:
    user = current_user._get_current_object()  # noqa: SLF001 - the way werkzeug documents
    assert isinstance(user, SignedIn)
    return user


def _load(token: str) -> SignedIn | None:
    here = portal()
    answer = sign_ins.signed_in(token, here.clock.now(), here.settings.session_days)
    if answer is None:
        return None
    person, sign_in = answer
    come_as(Actor.PERSON, "", person_id=person.id)
    here_is = SignedIn(person, sign_in, token)
    if person.is_operator and (seen := seeing_now(person, sign_in.id, here.clock.now())):
        here_is.see_as(*seen)
    return here_is


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send nobody to the sign-in page, and from there back to the page they asked for."""
    flash("Sign in to go on.", "info")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("pages.sign_in", next=wanted))
