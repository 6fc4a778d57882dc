"""The second step of signing in: a code, after the password."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.refusals import RateLimited
from app.extensions import limiter
from app.services.people.half_sign_in import is_half_signed_in
from app.services.people.two_factor_sign_in import finish_sign_in
from app.web.login import half_token, is_signed_in, safe_next, start_session
from app.web.pages.code_form import CodeForm, RecoveryCodeForm
from app.web.pages.form import refusals_beside, text_of
from app.web.pages.page import page, pages
from app.web.pages.sign_in import attempts
from app.web.portal import portal


@pages.route("/sign-in/code", methods=["GET", "POST"])
@limiter.limit(attempts, methods=["POST"])
def second_step() -> ResponseReturnValue:
    """Ask for a code, and go on to the page that asked to sign in."""
    onward = safe_next(request.args.get("next"))
    if is_signed_in():
        return redirect(onward)
    if not is_half_signed_in(half_token(), portal().clock.now()):
        return _begin_again()
    recovery = "recovery" in request.args
    form = RecoveryCodeForm() if recovery else CodeForm()
    if form.validate_on_submit():
        with refusals_beside(form, RateLimited):
            _finish(text_of(form.code))
            return redirect(onward)
    return page(
        "sign_in/second_step.html", form, onward=request.args.get("next"), recovery=recovery
    )


def _finish(code: str) -> None:
    agent, address = request.user_agent.string[:200], request.remote_addr or ""
    now = portal().clock.now()
    start_session(*finish_sign_in(half_token(), code, agent, address, now))


def _begin_again() -> ResponseReturnValue:
    if half_token():
        flash("That took too long. Begin with your password again.", "warning")
    return redirect(url_for("pages.sign_in", next=request.args.get("next")))
