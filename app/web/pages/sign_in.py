"""Signing in, signing out, and the way back for who forgot the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, Length

from app.domain.refusals import SsoRequired
from app.extensions import limiter
from app.services.people import passwords
from app.services.people import sign_in as sign_ins
from app.services.people.half_sign_in import HalfSession
from app.services.sso.route import has_company
from app.services.sso.sign_out import tell_signed_out
from app.web.login import (
    current_token,
    end_session,
    is_signed_in,
    safe_next,
    start_half_session,
    start_session,
)
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.onward import lead_to
from app.web.pages.page import done, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.services.people.sign_in import Session
    from app.services.sso.landed import PostForm, Redirect

PASSWORD_HINT = "At least 10 characters. A few unrelated words are easy to keep in mind."  # noqa: S105


def attempts() -> str:
    """How often one address may try, as the installation's settings say."""
    return portal().settings.sign_in_rate_limit


class SignInForm(Form):
    """E-mail and password."""

    email = EmailField(
        "E-mail",
        [DataRequired("Write your e-mail address."), Length(max=254)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        [DataRequired("Write your password."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )


class ForgottenForm(Form):
    """The address to which a way back is sent."""

    email = EmailField(
        "E-mail",
        [DataRequired("Write your e-mail address."), Length(max=254)],
        render_kw={"autocomplete": "username"},
    )


class NewPasswordForm(Form):
    """A new password."""

    password = PasswordField(
        "New password",
        [DataRequired("Write a new password.")],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password", "minlength": 10, "maxlength": 200},
    )


@pages.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(attempts, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Sign in, and go back to the page that asked for it."""
    onward = safe_next(request.args.get("next"))
    if is_signed_in():
        return redirect(onward)
    form = SignInForm()
    if form.is_submitted() and not form.password.data and has_company(text_of(form.email)):
        return _to_company(form)
    if form.validate_on_submit():
        with refusals_beside(form):
            try:
                return _enter(_checked(form), onward)
            except SsoRequired as refusal:
                flash(refusal.detail, "info")
                return _to_company(form)
    return page("sign_in/sign_in.html", form, onward=request.args.get("next"))


def _to_company(form: SignInForm) -> ResponseReturnValue:
    onward, email = request.args.get("next"), text_of(form.email)
    return redirect(url_for("pages.sso_choose", email=email, next=onward))


def _enter(entered: Session | HalfSession, onward: str) -> ResponseReturnValue:
    """Go on to the page that was asked for, or first to the one that asks for the code."""
    if isinstance(entered, HalfSession):
        start_half_session(entered.half_token)
        return redirect(url_for("pages.second_step", next=request.args.get("next")))
    start_session(*entered)
    return redirect(onward)


def _checked(form: SignInForm) -> Session | HalfSession:
    agent = request.user_agent.string[:200]
    address = request.remote_addr or ""
    now = portal().clock.now()
    return sign_ins.sign_in(text_of(form.email), text_of(form.password), agent, address, now)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Sign this browser out, and at its identity provider if that is wanted there."""
    onward = _told_elsewhere()
    end_session()
    if onward is not None:
        return lead_to(onward, "You are signed out here.")
    return done("You are signed out.", "sign_in", next=request.args.get("next"))


def _told_elsewhere() -> Redirect | PostForm | None:
    if not is_signed_in():
        return None
    return tell_signed_out(current_token(), portal().clock.now())


@pages.route("/forgotten-password", methods=["GET", "POST"])
@limiter.limit(attempts, methods=["POST"])
def forgotten_password() -> ResponseReturnValue:
    """Send a way back; the answer is the same whether the address is known or not."""
    form = ForgottenForm()
    if form.validate_on_submit():
        passwords.ask_reset(text_of(form.email), portal().clock.now())
        return done(
            "If Coffer knows that address, a message with a link is on its way. "
            "It works for one hour.",
            "sign_in",
        )
    return page("sign_in/forgotten_password.html", form)


@pages.route("/reset-password/<token>", methods=["GET", "POST"])
@limiter.limit(attempts, methods=["POST"])
def reset_password(token: str) -> ResponseReturnValue:
    """Set a new password by the link that was sent."""
    claims = portal().links.read("reset", token, portal().clock.now())
    form = NewPasswordForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            passwords.reset(
                claims["person"],
                claims["fingerprint"],
                text_of(form.password),
                portal().clock.now(),
            )
            session.clear()
            return done("Your password is changed. Sign in with the new one.", "sign_in")
    return page("sign_in/reset_password.html", form)


@pages.get("/.well-known/change-password")
def change_password_address() -> ResponseReturnValue:
    """Where password managers look for the page on which a password is changed."""
    return redirect(url_for("pages.profile", _anchor="password"))
