"""The apps of an account: make, describe, transfer and delete them, and handle their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request, session
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from app.domain.reference import numbers_of
from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.actions.read import actions_of
from app.services.apps import edit
from app.services.apps.listing import list_apps
from app.services.apps.transfer import transfer_app as transfer
from app.services.apps.versions import history_of
from app.services.sites.show import site_view
from app.services.tokens import make_token, revoke_token
from app.services.tokens.list_tokens import app_keys
from app.services.workspaces.consequences import if_moved
from app.web.login import current_person
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.layout import contexts
from app.web.pages.page import Here, begins_at, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.accounts import Account
    from app.store.apps import App

LAST_VERSIONS = 3
LAST_ACTIONS = 3
PAGE = 50
MOST_COUNTED = 10
LONGEST_SEARCH = 100


class AppForm(Form):
    """What an app is called and what it does."""

    name = StringField("Name", [DataRequired("Give the app a name.")], render_kw={"maxlength": 100})
    description = TextAreaField(
        "Description", description="What it does, for your team.", render_kw={"rows": 3}
    )


class KeyForm(Form):
    """What a key is for."""

    name = StringField(
        "Name of the key",
        [DataRequired("Say what the key is for.")],
        description="Say where it is used, so that you know which to revoke.",
        render_kw={"maxlength": 100},
    )


class TransferForm(Form):
    """The account that the app goes to."""

    to = SelectField("To", [DataRequired("Choose an account.")], validate_choice=False)


def found(account: Account, access: Access, reference: str) -> App:
    """Find an app by its reference; one of another account is not here."""
    (number,) = numbers_of("app", reference, 1)
    app, _ = edit.find_app(access.person_id, number)
    if app.account_id != account.id:
        raise NotFound
    return app


@pages.get("/accounts/<slug>/apps")
@in_account()
def apps(here: Here) -> ResponseReturnValue:
    """List the apps, a part at a time, or those with certain words."""
    search = request.args.get("search", "").strip()[:LONGEST_SEARCH]
    found = list_apps(here.access, search, PAGE + 1, begins_at("after"))
    more = found[PAGE - 1].id if len(found) > PAGE else None
    is_part = bool(search or more or "after" in request.args)
    shown = found[:PAGE]
    return page("apps/apps.html", apps=shown, search=search, more=more, is_part=is_part)


@pages.route("/accounts/<slug>/apps/new", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def new_app(here: Here) -> ResponseReturnValue:
    """Make an app."""
    form = AppForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            now = portal().clock.now()
            app = edit.create_app(here.access, text_of(form.name), text_of(form.description), now)
            return _to_app(f"{app.name} is created.", here.account, app)
    return page("apps/new.html", form)


@pages.route("/accounts/<slug>/apps/<reference>", methods=["GET", "POST"])
@in_account()
def app(here: Here, reference: str) -> ResponseReturnValue:
    """Show an app, and change its name or description."""
    shown = found(here.account, here.access, reference)
    form = AppForm(name=shown.name, description=shown.description)
    if form.validate_on_submit():
        with refusals_beside(form):
            edit.edit_app(
                here.access,
                shown.id,
                portal().clock.now(),
                name=text_of(form.name),
                description=text_of(form.description),
            )
            return _to_app("Saved.", here.account, shown)
    return _show(shown, here.access, form, KeyForm(prefix="key"))


@pages.route("/accounts/<slug>/apps/<reference>/delete", methods=["GET", "POST"])
@in_account()
def delete_app(here: Here, reference: str) -> ResponseReturnValue:
    """Say what deleting an app destroys, and do it."""
    shown = found(here.account, here.access, reference)
    here.access.require_app(shown.created_by_id)
    form = Form()
    if form.validate_on_submit():
        edit.delete_app(here.access, shown.id, portal().clock.now())
        return done(f"{shown.name} is deleted.", "apps", slug=here.account.slug)
    return page("apps/delete.html", form, app=shown, keys=app_keys(here.access, shown.id))


@pages.route("/accounts/<slug>/apps/<reference>/transfer", methods=["GET", "POST"])
@in_account(Right.TRANSFER_APPS)
def transfer_app(here: Here, reference: str) -> ResponseReturnValue:
    """Move an app to another account, whose pool pays from then on."""
    shown = found(here.account, here.access, reference)
    form = TransferForm()
    others = [each for each in contexts() if each.slug != here.account.slug]
    form.to.choices = options((each.slug, each.name) for each in others)
    if form.validate_on_submit():
        with refusals_beside(form):
            moved = transfer(current_person().id, shown.id, text_of(form.to), portal().clock.now())
            return _to_app(f"{moved.name} is moved.", moved.account, moved)
    me = current_person().id
    moves = [if_moved(me, shown.id, each.slug) for each in others[:MOST_COUNTED]]
    return page("apps/transfer.html", form, app=shown, moves=moves)


@pages.post("/accounts/<slug>/apps/<reference>/keys")
@in_account()
def new_key(here: Here, reference: str) -> ResponseReturnValue:
    """Make a key, whose text the next page shows once."""
    shown = found(here.account, here.access, reference)
    here.access.require_app(shown.created_by_id)
    form = KeyForm(prefix="key")
    if form.validate_on_submit():
        with refusals_beside(form):
            now = portal().clock.now()
            _, session["secret"] = make_token.make_app_key(
                here.access, shown.id, text_of(form.name), now
            )
            return _to_app("The key is made.", here.account, shown)
    return _show(shown, here.access, AppForm(formdata=None, obj=shown), form)


@pages.post("/accounts/<slug>/apps/<reference>/keys/<int:key>/revoke")
@in_account()
def revoke_key(here: Here, reference: str, key: int) -> ResponseReturnValue:
    """Revoke a key; what calls with it is refused at once."""
    shown = found(here.account, here.access, reference)
    revoke_token.revoke_app_key(here.access, key, portal().clock.now())
    return _to_app("The key is revoked.", here.account, shown)


def _to_app(said: str, account: Account, shown: App) -> ResponseReturnValue:
    return done(said, "app", slug=account.slug, reference=f"app_{shown.id}")


def _show(shown: App, access: Access, form: AppForm, key_form: KeyForm) -> ResponseReturnValue:
    mine = shown.created_by_id == access.person_id
    may_delete = access.may(Right.DELETE_OWN_APPS if mine else Right.DELETE_ANY_APPS)
    return page(
        "apps/app.html",
        key_form if key_form.errors else form,
        edit_form=form,
        key_form=key_form,
        app=shown,
        may_delete=may_delete,
        keys=app_keys(access, shown.id) if may_delete else [],
        versions=history_of(access, shown.id, LAST_VERSIONS),
        runs=actions_of(access, shown.id, LAST_ACTIONS),
        site=site_view(access, shown.id, portal().settings),
        secret_text=session.pop("secret", None),
    )
