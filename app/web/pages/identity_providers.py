"""A workspace's identity providers: set one up, test it, switch it on, and see its sign-ins."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from app.domain.role import Right
from app.services.sso.begin import begin_test
from app.services.sso.certificates import DAYS
from app.services.sso.given import Given
from app.services.sso.record import flight_of, flights_of
from app.services.sso.require import require_sso, requirement_of, stop_requiring_sso
from app.services.sso.set_up import (
    add_provider,
    edit_provider,
    people_signed_in,
    providers_of,
    remove_provider,
    switch_off,
    switch_on,
)
from app.services.sso.show import ProviderView, choices, show_provider
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.pages.sso import browser_mark, sent_on
from app.web.portal import portal

PREFIX = "value-"
ROLES = (("admin", "become admins"), ("member", "become members"))


class NewProviderForm(Form):
    """A name, and which protocol."""

    name = StringField(
        "Name",
        [DataRequired("Give it a name."), Length(max=100)],
        description="What your people see when they sign in, such as “Acme Login”.",
        render_kw={"maxlength": 100},
    )
    handler = SelectField("It speaks")


class ProviderForm(Form):
    """Everything of an identity provider but the fields of its protocol."""

    name = StringField("Name", [DataRequired("Give it a name.")], render_kw={"maxlength": 100})
    document_file = FileField("A file")
    document_url = StringField(
        "Or its address",
        [Length(max=2000)],
        description="It is fetched once, now; of an OpenID provider the issuer is enough. After a "
        "change at your side, press Save again.",
        render_kw={"inputmode": "url", "spellcheck": "false", "autocapitalize": "off"},
    )
    document = TextAreaField("Or its text", render_kw={"rows": 5, "spellcheck": "false"})
    unsolicited = BooleanField(
        "Sign-ins may begin at the identity provider",
        description="Needed for tiles in a start page. It lets others sign people's browsers in "
        "unasked, so leave it off unless you need it.",
    )
    role_attribute = StringField(
        "Attribute with roles",
        [Length(max=200)],
        description="Such as “groups”. Empty: roles are managed in Coffer alone.",
    )
    role_admin = StringField(
        "Whoever has one of these values becomes an admin",
        [Optional(), Length(max=1000)],
        description="Values of that attribute, separated by commas. Nobody becomes owner so.",
    )
    role_member = StringField(
        "Whoever has one of these values becomes a member",
        [Optional(), Length(max=1000)],
    )


@pages.get("/accounts/<slug>/identity-providers")
@in_account(Right.MANAGE_SSO, workspace=True)
def identity_providers(here: Here) -> ResponseReturnValue:
    """List them, and say whether members have to sign in through them."""
    return page(
        "identity_providers/list.html",
        Form(),
        found=providers_of(here.access),
        requirement=requirement_of(here.access),
        people=people_signed_in(here.access),
        has_protocol=bool(choices(portal().clock.now())),
    )


@pages.route("/accounts/<slug>/identity-providers/new", methods=["GET", "POST"])
@in_account(Right.MANAGE_SSO, workspace=True)
def new_identity_provider(here: Here) -> ResponseReturnValue:
    """Begin to set one up: our addresses are known at once."""
    now, form = portal().clock.now(), NewProviderForm()
    form.handler.choices = options(choices(now))
    if form.validate_on_submit():
        with refusals_beside(form):
            given = Given(name=text_of(form.name))
            row = add_provider(here.access, text_of(form.handler), given, now)
            said = f"{row.name} is added. Now let it know Coffer, and Coffer know it."
            return _to(here, said, row.public_id)
    return page("identity_providers/new.html", form)


@pages.route("/accounts/<slug>/identity-providers/<public_id>", methods=["GET", "POST"])
@in_account(Right.MANAGE_SSO, workspace=True)
def identity_provider(here: Here, public_id: str) -> ResponseReturnValue:
    """Show what both sides have to know of each other, and change it."""
    now = portal().clock.now()
    view = show_provider(here.access, public_id, now)
    form = _form(view)
    if form.validate_on_submit():
        with refusals_beside(form):
            edit_provider(here.access, public_id, _given(form, view), now)
            return _to(here, "Saved. Test it once more before you rely on it.", public_id)
    return page(
        "identity_providers/provider.html",
        form,
        view=view,
        values=[form[PREFIX + field.name] for field, _ in view.fields],
        warned=max(DAYS),
    )


@pages.get("/accounts/<slug>/identity-providers/<public_id>/test")
@in_account(Right.MANAGE_SSO, workspace=True)
def test_identity_provider(here: Here, public_id: str) -> ResponseReturnValue:
    """Sign in for a test; what comes of it stands in the sign-in records."""
    return sent_on(begin_test(here.access, public_id, browser_mark(), portal().clock.now()))


@pages.post("/accounts/<slug>/identity-providers/<public_id>/on")
@in_account(Right.MANAGE_SSO, workspace=True)
def switch_identity_provider_on(here: Here, public_id: str) -> ResponseReturnValue:
    """Let people sign in through it."""
    row = switch_on(here.access, public_id)
    return _to(here, f"{row.name} is on.", public_id)


@pages.post("/accounts/<slug>/identity-providers/<public_id>/off")
@in_account(Right.MANAGE_SSO, workspace=True)
def switch_identity_provider_off(here: Here, public_id: str) -> ResponseReturnValue:
    """Let nobody sign in through it."""
    row = switch_off(here.access, public_id)
    return _to(here, f"{row.name} is off.", public_id)


@pages.route("/accounts/<slug>/identity-providers/<public_id>/remove", methods=["GET", "POST"])
@in_account(Right.MANAGE_SSO, workspace=True)
def remove_identity_provider(here: Here, public_id: str) -> ResponseReturnValue:
    """Say what ends with it, and remove it."""
    view = show_provider(here.access, public_id, portal().clock.now())
    form = Form()
    if form.validate_on_submit():
        with refusals_beside(form):
            name = view.row.name
            remove_provider(here.access, public_id)
            return done(f"{name} is removed.", "identity_providers", slug=here.account.slug)
    return page("identity_providers/remove.html", form, view=view)


@pages.get("/accounts/<slug>/identity-providers/<public_id>/records")
@in_account(Right.MANAGE_SSO, workspace=True)
def sso_records(here: Here, public_id: str) -> ResponseReturnValue:
    """Show the last sign-ins."""
    view = show_provider(here.access, public_id, portal().clock.now())
    return page(
        "identity_providers/records.html", view=view, found=flights_of(here.access, public_id)
    )


@pages.get("/accounts/<slug>/identity-providers/<public_id>/records/<int:number>")
@in_account(Right.MANAGE_SSO, workspace=True)
def sso_record(here: Here, public_id: str, number: int) -> ResponseReturnValue:
    """Show one sign-in with each check."""
    row, record = flight_of(here.access, public_id, number)
    return page("identity_providers/record.html", row=row, record=record)


@pages.post("/accounts/<slug>/identity-providers/require")
@in_account(Right.MANAGE_SSO, workspace=True)
def require_identity_provider(here: Here) -> ResponseReturnValue:
    """Let members sign in through identity providers only."""
    require_sso(here.access, portal().clock.now())
    said = "Members with an address of your domains now sign in through your identity provider."
    return done(said, "identity_providers", slug=here.account.slug)


@pages.post("/accounts/<slug>/identity-providers/stop-requiring")
@in_account(Right.MANAGE_SSO, workspace=True)
def stop_requiring_identity_provider(here: Here) -> ResponseReturnValue:
    """Let members sign in as they like."""
    stop_requiring_sso(here.access)
    said = "Members sign in as they like again."
    return done(said, "identity_providers", slug=here.account.slug)


def _to(here: Here, said: str, public_id: str) -> ResponseReturnValue:
    return done(said, "identity_provider", slug=here.account.slug, public_id=public_id)


def _form(view: ProviderView) -> ProviderForm:
    """The form with the protocol's own fields, whose names begin with a prefix."""
    own: dict[str, Any] = {PREFIX + field.name: _field(field) for field, _ in view.fields}
    kind = type("OneProviderForm", (ProviderForm,), own)
    row = view.row
    values = {PREFIX + field.name: value for field, value in view.fields}
    roles = {f"role_{role}": _listed(row.role_values, role) for role, _ in ROLES}
    form: ProviderForm = kind(
        name=row.name,
        document_url=row.document_url,
        unsolicited=row.unsolicited,
        role_attribute=row.role_attribute,
        **roles,
        **values,
    )
    if not view.unsolicited:
        del form.unsolicited
    return form


def _field(field: Any) -> Field:  # noqa: ANN401 - a setting of the contract
    label = field.meaning
    match field.kind:
        case "boolean":
            return BooleanField(label)
        case "integer":
            return IntegerField(label, [Optional()])
        case "choice":
            return SelectField(label, choices=options([(each, each) for each in field.choices]))
        case "secret":
            return PasswordField(label, description="Kept as it is if you leave this empty.")
    return StringField(label, [Length(max=2000)])


def _given(form: ProviderForm, view: ProviderView) -> Given:
    file = request.files.get("document_file")
    uploaded = file.read().decode("utf-8", "replace") if file and file.filename else ""
    roles = {
        value.strip(): role
        for role, _ in reversed(ROLES)
        for value in text_of(form[f"role_{role}"]).split(",")
        if value.strip()
    }
    values = {field.name: _text(form[PREFIX + field.name]) for field, _ in view.fields}
    return Given(
        name=text_of(form.name),
        document=uploaded or text_of(form.document) or None,
        document_url=text_of(form.document_url).strip() or None,
        values=values,
        unsolicited=bool(form.unsolicited.data) if view.unsolicited else None,
        role_attribute=text_of(form.role_attribute),
        role_values=roles,
    )


def _text(field: Any) -> str:  # noqa: ANN401 - a field of any kind
    return "" if field.data is None else str(field.data)


def _listed(mapped: dict[str, Any], role: str) -> str:
    return ", ".join(value for value, of in mapped.items() if of == role)
