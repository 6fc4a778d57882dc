"""Signing up, and proving that an e-mail address is one's own."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired

from app.extensions import limiter
from app.services.people import sign_in as sign_ins
from app.services.people import sign_up as sign_ups
from app.services.people import verification
from app.services.sso.auto_join import AutoJoined
from app.web.login import current_person, is_signed_in, start_session
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import done, page, pages
from app.web.pages.sign_in import PASSWORD_HINT, attempts
from app.web.portal import portal


class NewPersonForm(Form):
    """Who someone new is: name and password; the address may be known already."""

    name = StringField(
        "Your name",
        [DataRequired("Write the name that others will see.")],
        render_kw={"autocomplete": "name", "maxlength": 100},
    )
    password = PasswordField(
        "Password",
        [DataRequired("Choose a password.")],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password", "minlength": 10, "maxlength": 200},
    )


class SignUpForm(NewPersonForm):
    """Name, address and password."""

    email = EmailField(
        "E-mail",
        [DataRequired("Write your e-mail address.")],
        render_kw={"autocomplete": "username", "maxlength": 254},
    )


@pages.route("/sign-up", methods=["GET", "POST"])
@limiter.limit(attempts, methods=["POST"])
def sign_up() -> ResponseReturnValue:
    """Make a person with a personal account, and sign them in."""
    if is_signed_in():
        return redirect(url_for("pages.home"))
    form = SignUpForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            now = portal().clock.now()
            sign_ups.sign_up(text_of(form.email), text_of(form.name), text_of(form.password), now)
            sign_in_new(text_of(form.email), text_of(form.password))
            return done("Welcome. We sent you a message to confirm your address.", "home")
    return page("sign_up/sign_up.html", form)


def sign_in_new(email: str, password: str) -> None:
    """Sign in somebody who just chose this password."""
    agent, address = request.user_agent.string[:200], request.remote_addr or ""
    now = portal().clock.now()
    entered = sign_ins.sign_in(email, password, agent, address, now)
    assert isinstance(entered, sign_ins.Session)  # nobody is born with a second factor
    start_session(*entered)


@pages.route("/verify/<token>", methods=["GET", "POST"])
def verify(token: str) -> ResponseReturnValue:
    """Confirm an address. It takes a press of a button, because mail scanners open links."""
    claims = portal().links.read("verify", token, portal().clock.now())
    if request.method == "POST":
        joined = verification.verify(claims["person"], claims["email"], portal().clock.now())
        return welcome(joined, "Thank you, your address is confirmed.")
    return page("sign_up/verify.html", email=claims["email"])


def welcome(joined: AutoJoined, said: str) -> ResponseReturnValue:
    """Go on after an address was proved: into the workspace that it opened, or home."""
    if joined.place is not None:
        return done(f"{said} Welcome to {joined.workspace}.", "overview", slug=joined.slug)
    if joined.refused is not None:
        flash(f"You could not join {joined.workspace}: {joined.refused}", "warning")
    return done(said, "home")


@pages.post("/verify")
@login_required  # type: ignore[untyped-decorator]
@limiter.limit(attempts)
def ask_verification() -> ResponseReturnValue:
    """Send the message once more."""
    verification.ask_verification(current_person().id, portal().clock.now())
    return done("A new message is on its way.", "profile")
