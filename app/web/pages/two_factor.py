"""Two-factor sign-in of oneself: set a device up, keep recovery codes, switch it off."""

from __future__ import annotations

import segno
from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from markupsafe import Markup
from wtforms import PasswordField
from wtforms.validators import DataRequired, Length

from app.domain.refusals import RateLimited
from app.extensions import limiter
from app.services.people import two_factor as verbs
from app.services.people.recovery_codes import renew_recovery_codes
from app.services.people.two_factor_code import has_two_factor
from app.services.sealing import SealBroken, seal, unseal
from app.web.login import current_person, current_sign_in
from app.web.pages.code_form import CodeForm, either_code
from app.web.pages.confirm import proof_wanted
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import done, page, pages
from app.web.pages.sign_in import attempts
from app.web.portal import portal

CODES = "recovery_codes"
GROUP = 4


class SwitchOffForm(Form):
    """The password and a code, since whoever found a browser open has neither."""

    password = PasswordField(
        "Password",
        [DataRequired("Write your password."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    code = either_code()


@pages.post("/profile/two-factor/begin")
@proof_wanted("two_factor")
def begin_two_factor() -> ResponseReturnValue:
    """Make a secret, which the next page shows to the device."""
    verbs.begin_two_factor(current_person().id, portal().clock.now())
    return redirect(url_for("pages.two_factor"))


@pages.route("/profile/two-factor", methods=["GET", "POST"])
@proof_wanted("two_factor")
@limiter.limit(attempts, methods=["POST"])
def two_factor() -> ResponseReturnValue:
    """Tell the device its secret, and switch on by a code of it."""
    me, now, form = current_person(), portal().clock.now(), CodeForm()
    if has_two_factor(me.id):
        return redirect(url_for("pages.profile", _anchor="security"))
    if form.validate_on_submit():
        with refusals_beside(form):
            here = current_sign_in().id
            return _show_once(verbs.confirm_two_factor(me.id, text_of(form.code), here, now))
    set_up = verbs.set_up_of(me.id, now)
    if set_up is None:
        return page("profile/two_factor_begin.html", form)
    return page(
        "profile/two_factor.html",
        form,
        address=set_up.address,
        picture=_picture(set_up.address),
        secret_text=_grouped(set_up.secret),
    )


@pages.get("/profile/two-factor/recovery-codes")
@login_required  # type: ignore[untyped-decorator]
def recovery_codes() -> ResponseReturnValue:
    """Show new recovery codes once; later, how many are left."""
    state = verbs.two_factor_state(current_person().id)
    if state.on_since is None:
        return redirect(url_for("pages.profile", _anchor="security"))
    return page("profile/recovery_codes.html", codes=_shown_once(), left=state.recovery_codes)


@pages.post("/profile/two-factor/recovery-codes")
@proof_wanted("recovery_codes")
def new_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes; those that were left no longer work."""
    return _show_once(renew_recovery_codes(current_person().id, portal().clock.now()))


@pages.route("/profile/two-factor/off", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
@limiter.limit(attempts, methods=["POST"])
def switch_off_two_factor() -> ResponseReturnValue:
    """Switch it off, by the password and a code."""
    me, form = current_person(), SwitchOffForm()
    if not has_two_factor(me.id):
        return redirect(url_for("pages.profile", _anchor="security"))
    if form.validate_on_submit():
        with refusals_beside(form, RateLimited):
            password, code = text_of(form.password), text_of(form.code)
            verbs.switch_off_two_factor(me.id, password, code, portal().clock.now())
            return done("Two-factor sign-in is off.", "profile", _anchor="security")
    return page("profile/two_factor_off.html", form)


def _show_once(codes: list[str]) -> ResponseReturnValue:
    """Hand codes to the next page through the browser, sealed, so that no copy of them stays."""
    session[CODES] = seal("\n".join(codes), _about())
    return redirect(url_for("pages.recovery_codes"))


def _shown_once() -> list[str]:
    try:
        return unseal(session.pop(CODES, ""), _about()).split("\n")
    except SealBroken:
        return []


def _about() -> str:
    return f"recovery codes shown to person {current_person().id}"


def _picture(address: str) -> Markup:
    """Draw a QR code; phones read it best dark on light, also at night."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(  # noqa: S704 - drawn by a library from figures
        drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    )


def _grouped(secret: str) -> str:
    return " ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP))
