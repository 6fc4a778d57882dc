"""Proving again who one is, before what is dangerous: a browser left open is not enough for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from wtforms import PasswordField
from wtforms.validators import DataRequired, Length

from app.domain.refusals import RateLimited
from app.extensions import limiter
from app.services.people.step_up import prove_again, proved_recently
from app.services.people.two_factor_code import has_two_factor
from app.web.login import current_person, current_sign_in, safe_next
from app.web.pages.code_form import either_code
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import View, page, pages
from app.web.pages.sign_in import attempts
from app.web.portal import portal

P = ParamSpec("P")


class PasswordOnlyForm(Form):
    """The password of who has no second factor."""

    password = PasswordField(
        "Password",
        [DataRequired("Write your password."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordAndCodeForm(PasswordOnlyForm):
    """The password, and a code of the second factor."""

    code = either_code()


def proof_wanted(
    back: str = "profile",
) -> Callable[[Callable[P, ResponseReturnValue]], View]:
    """Open a page only to who is signed in and proved lately who they are.

    Others prove it first and then come to the page; what they had sent, they send again from
    the page `back`.
    """

    def wrap(view: Callable[P, ResponseReturnValue]) -> View:
        @login_required  # type: ignore[untyped-decorator]
        @wraps(view)
        def door(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if proved_recently(current_sign_in(), portal().clock.now()):
                return view(*args, **kwargs)
            is_page = request.method == "GET"
            onward = request.full_path.rstrip("?") if is_page else url_for(f"pages.{back}")
            return redirect(url_for("pages.confirm", next=onward))

        return door  # type: ignore[no-any-return]

    return wrap


@pages.route("/confirm", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
@limiter.limit(attempts, methods=["POST"])
def confirm() -> ResponseReturnValue:
    """Ask for the password, and for a code of who has a second factor."""
    onward = request.args.get("next")
    me, here = current_person(), current_sign_in()
    form = PasswordAndCodeForm() if has_two_factor(me.id) else PasswordOnlyForm()
    if form.validate_on_submit():
        with refusals_beside(form, RateLimited):
            code = text_of(form.code) if isinstance(form, PasswordAndCodeForm) else ""
            prove_again(me.id, here.id, text_of(form.password), code, portal().clock.now())
            return redirect(safe_next(onward))
    return page("profile/confirm.html", form)
