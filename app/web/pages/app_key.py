"""One key of an app: what it used at the AI proxy, what it may do there, and its new secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import session
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, Optional

from app.domain.ai_terms import BudgetPer, Terms
from app.domain.refusals import NotFound
from app.services.ai.purse import subject_of_key
from app.services.ai.terms import budget_used, set_key_terms, terms_of
from app.services.ai.use import NOT_USED, use_of
from app.services.tokens import rotate_token
from app.services.tokens.list_tokens import app_keys
from app.web.pages.apps import found
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.apps import App
    from app.store.tokens import Token

SPANS = [("day", "a day (UTC)"), ("cycle", "a cycle of the pool"), ("total", "in all")]
KEY = "/accounts/<slug>/apps/<reference>/keys/<int:key>"


class TermsForm(Form):
    """What a key may do; what is left empty is not limited."""

    budget = IntegerField(
        "Budget in credits",
        [Optional()],
        description="It takes nothing out of the pool: it only bounds what this key can use.",
        render_kw={"inputmode": "numeric"},
    )
    per = SelectField("Per", choices=options(SPANS))
    calls_per_minute = IntegerField(
        "Calls a minute", [Optional()], render_kw={"inputmode": "numeric"}
    )
    calls_at_once = IntegerField(
        "Calls at once",
        [Optional()],
        description="A stream counts until it ends.",
        render_kw={"inputmode": "numeric"},
    )


class RotateForm(Form):
    """How long the former secret stands beside the new one."""

    hours = IntegerField(
        "Hours that the present secret still stands",
        [InputRequired("Say how long; 0 ends it at once.")],
        description="Put the new one in place meanwhile. 0 to 720; 0 ends it at once.",
        render_kw={"inputmode": "numeric"},
    )


@pages.route(KEY, methods=["GET", "POST"])
@in_account()
def app_key(here: Here, reference: str, key: int) -> ResponseReturnValue:
    """Show a key and what it used, and set what it may do."""
    app, token = _found(here, reference, key)
    now = portal().clock.now()
    form = TermsForm(obj=terms_of(subject_of_key(token.id), now))
    if form.validate_on_submit():
        with refusals_beside(form):
            set_key_terms(here.access, token.id, _terms(form), now)
            return _back("Saved. It counts from the next call on.", here, app, token)
    return _show(here, app, token, form, RotateForm(formdata=None, hours=rotate_token.USUAL_HOURS))


@pages.post(f"{KEY}/rotate")
@in_account()
def rotate_key(here: Here, reference: str, key: int) -> ResponseReturnValue:
    """Make a new secret, which the next page shows once."""
    app, token = _found(here, reference, key)
    form = RotateForm()
    now = portal().clock.now()
    if form.validate_on_submit():
        with refusals_beside(form):
            _, session["secret"] = rotate_token.rotate_app_key(
                here.access, token.id, form.hours.data or 0, now
            )
            return _back("The key has a new secret.", here, app, token)
    terms = TermsForm(formdata=None, obj=terms_of(subject_of_key(token.id), now))
    return _show(here, app, token, terms, form)


@pages.post(f"{KEY}/end-former")
@in_account()
def end_former_secret(here: Here, reference: str, key: int) -> ResponseReturnValue:
    """End the former secret before its time."""
    app, token = _found(here, reference, key)
    rotate_token.end_former_secret(here.access, token.id, portal().clock.now())
    return _back("The former secret is refused from now on.", here, app, token)


def _found(here: Here, reference: str, key: int) -> tuple[App, Token]:
    """Find a key, for whoever may revoke it."""
    app = found(here.account, here.access, reference)
    for token in app_keys(here.access, app.id):
        if token.id == key:
            return app, token
    raise NotFound


def _terms(form: TermsForm) -> Terms:
    chosen = BudgetPer(text_of(form.per))
    return Terms(form.budget.data, chosen, form.calls_per_minute.data, form.calls_at_once.data)


def _back(said: str, here: Here, app: App, token: Token) -> ResponseReturnValue:
    where = {"slug": here.account.slug, "reference": f"app_{app.id}", "key": token.id}
    return done(said, "app_key", **where)


def _show(
    here: Here, app: App, token: Token, form: TermsForm, rotate_form: RotateForm
) -> ResponseReturnValue:
    now, subject = portal().clock.now(), subject_of_key(token.id)
    until = token.former_until
    return page(
        "apps/key.html",
        rotate_form if rotate_form.errors else form,
        terms_form=form,
        rotate_form=rotate_form,
        app=app,
        key=token,
        use=use_of([subject], now).get(subject, NOT_USED),
        terms=terms_of(subject, now),
        used=budget_used(subject, here.account.id, now),
        former_until=until if until is not None and until > now else None,
        address=f"{portal().settings.public_url}/ai/v1",
        secret_text=session.pop("secret", None),
    )
