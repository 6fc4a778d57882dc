"""One's own profile: name, password, mails, personal tokens, and where one is signed in."""

from __future__ import annotations

from flask import session
from flask.typing import ResponseReturnValue
from flask_login import login_required
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import DataRequired

from app.extensions import limiter
from app.services.people import passwords
from app.services.people import sign_in as sign_ins
from app.services.people.list_sessions import list_sessions
from app.services.people.profile import rename_person
from app.services.people.two_factor import two_factor_state
from app.services.tokens import make_token, revoke_token
from app.services.tokens.list_tokens import personal_tokens
from app.web.login import current_person, current_sign_in
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import done, page, pages
from app.web.pages.sign_in import PASSWORD_HINT, attempts
from app.web.portal import portal

LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("", "Until revoked")]


class NameForm(Form):
    """The name that others see."""

    name = StringField(
        "Name",
        [DataRequired("Write your name.")],
        render_kw={"autocomplete": "name", "maxlength": 100},
    )


class PasswordForm(Form):
    """The present password and the next."""

    old_password = PasswordField(
        "Present password",
        [DataRequired("Write your present password.")],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        "New password",
        [DataRequired("Write a new password.")],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password", "minlength": 10, "maxlength": 200},
    )


class TokenForm(Form):
    """What a personal token is for, and how long it works."""

    name = StringField(
        "Name of the token", [DataRequired("Say what it is for.")], render_kw={"maxlength": 100}
    )
    days = SelectField("Works for", choices=options(LIFETIMES), default="90")

    def lifetime(self) -> int | None:
        """The days for which it works; None until it is revoked."""
        return int(self.days.data) if self.days.data else None


@pages.get("/profile")
@login_required  # type: ignore[untyped-decorator]
def profile() -> ResponseReturnValue:
    """Show everything about oneself."""
    return _show()


@pages.post("/profile/name")
@login_required  # type: ignore[untyped-decorator]
def change_name() -> ResponseReturnValue:
    """Change one's name."""
    form = NameForm(prefix="name")
    if form.validate_on_submit():
        with refusals_beside(form):
            rename_person(current_person().id, text_of(form.name))
            return done("Your name is changed.", "profile")
    return _show(name_form=form)


@pages.post("/profile/password")
@login_required  # type: ignore[untyped-decorator]
@limiter.limit(attempts)
def change_password() -> ResponseReturnValue:
    """Change one's password; every other browser is signed out."""
    form = PasswordForm(prefix="password")
    if form.validate_on_submit():
        with refusals_beside(form):
            old, new = text_of(form.old_password), text_of(form.new_password)
            keep = current_sign_in().id
            passwords.change(current_person().id, old, new, portal().clock.now(), keep)
            return done("Your password is changed. Other browsers are signed out.", "profile")
    return _show(password_form=form)


@pages.post("/profile/tokens")
@login_required  # type: ignore[untyped-decorator]
def new_token() -> ResponseReturnValue:
    """Make a personal token, whose text the next page shows once."""
    form = TokenForm(prefix="token")
    if form.validate_on_submit():
        with refusals_beside(form):
            me, now = current_person().id, portal().clock.now()
            _, session["secret"] = make_token.make_personal_token(
                me, text_of(form.name), now, form.lifetime()
            )
            return done("The token is made.", "profile", _anchor="tokens")
    return _show(token_form=form)


@pages.post("/profile/tokens/<int:number>/revoke")
@login_required  # type: ignore[untyped-decorator]
def revoke_personal_token(number: int) -> ResponseReturnValue:
    """Revoke one of one's tokens."""
    revoke_token.revoke_personal_token(current_person().id, number, portal().clock.now())
    return done("The token is revoked.", "profile", _anchor="tokens")


@pages.post("/profile/sessions/<int:number>/end")
@login_required  # type: ignore[untyped-decorator]
def end_session(number: int) -> ResponseReturnValue:
    """Sign one browser out."""
    sign_ins.end_session(current_person().id, number)
    return done("That browser is signed out.", "profile", _anchor="sessions")


@pages.post("/profile/sessions/end-others")
@login_required  # type: ignore[untyped-decorator]
def end_other_sessions() -> ResponseReturnValue:
    """Sign out every browser but this."""
    sign_ins.end_other_sessions(current_person().id, current_sign_in().id)
    return done("All other browsers are signed out.", "profile", _anchor="sessions")


def _show(
    name_form: NameForm | None = None,
    password_form: PasswordForm | None = None,
    token_form: TokenForm | None = None,
) -> ResponseReturnValue:
    me, now = current_person(), portal().clock.now()
    return page(
        "profile/profile.html",
        name_form or password_form or token_form,
        name_form=name_form or NameForm(formdata=None, prefix="name", name=me.name),
        password_form=password_form or PasswordForm(formdata=None, prefix="password"),
        token_form=token_form or TokenForm(formdata=None, prefix="token"),
        tokens=personal_tokens(me.id),
        sessions=list_sessions(me.id, now, portal().settings.session_days),
        here=current_sign_in().id,
        security=two_factor_state(me.id),
        secret_text=session.pop("secret", None),
    )
