"""Plugins for the operator: how each stands and fares in all processes, switches, settings."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, PasswordField, SelectField, StringField

from app.domain.refusals import InvalidRequest
from app.services.plugins import backlog, configure
from app.services.plugins.checked import last_check
from app.services.plugins.listing import IS_SET, FieldView, PluginPage, list_plugins, show_plugin
from app.services.plugins.set_fields import set_settings
from app.services.plugins.without import workspaces_without
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.form import Form, options, refusals_beside
from app.web.pages.page import done, pages
from app.web.portal import portal

PREFIX = "setting_"
FORGET = "forget_"


@pages.get("/admin/plugins")
@for_operators
def admin_plugins() -> ResponseReturnValue:
    """List the plugins, how each stands, and what is still to be told to it."""
    plugins = list_plugins(portal().clock.now())
    return admin_page("admin/plugins.html", plugins=plugins, backlogs=backlog.backlogs())


@pages.route("/admin/plugins/<name>", methods=["GET", "POST"])
@for_operators
def admin_plugin(name: str) -> ResponseReturnValue:
    """Show one plugin, and set its settings."""
    now = portal().clock.now()
    found = show_plugin(name, now)
    form = _form(found)
    if form.validate_on_submit():
        with refusals_beside(form):
            _set(found, form)
            return done(f"The settings of {name} hold in all processes.", "admin_plugin", name=name)
    return admin_page(
        "admin/plugin.html",
        form,
        found=found,
        backlog=backlog.backlogs().get(name),
        parked=backlog.parked_events(name, now),
        failing=backlog.failing_events(name, now),
        without=workspaces_without(name),
        check=last_check(name),
        setting_fields=[form[PREFIX + field.name] for field in found.fields],
    )


@pages.post("/admin/plugins/<name>/switch")
@for_operators
def admin_switch_plugin(name: str) -> ResponseReturnValue:
    """Switch a plugin on or off everywhere."""
    on = request.form.get("on") == "yes"
    configure.switch(name, on=on)
    return done(f"{name} is switched {'on' if on else 'off'}.", "admin_plugin", name=name)


@pages.post("/admin/plugins/<name>/shadow")
@for_operators
def admin_shadow_plugin(name: str) -> ResponseReturnValue:
    """Begin or end shadow mode."""
    on = request.form.get("on") == "yes"
    configure.shadow(name, on=on)
    words = "is asked and not heeded" if on else "is heeded again"
    return done(f"{name} {words}.", "admin_plugin", name=name)


@pages.post("/admin/plugins/<name>/release")
@for_operators
def admin_release_plugin(name: str) -> ResponseReturnValue:
    """Let a plugin out of quarantine."""
    configure.release(name)
    return done(f"{name} is out of quarantine in all processes.", "admin_plugin", name=name)


@pages.post("/admin/plugins/<name>/workspaces")
@for_operators
def admin_switch_plugin_for(name: str) -> ResponseReturnValue:
    """Switch a plugin on or off for one workspace."""
    slug, on = request.form.get("slug", "").strip(), request.form.get("on") == "yes"
    configure.switch_for(name, slug, on=on)
    words = "on" if on else "off"
    return done(f"{name} is switched {words} for {slug}.", "admin_plugin", name=name)


@pages.post("/admin/plugins/<name>/retry")
@for_operators
def admin_retry_plugin(name: str) -> ResponseReturnValue:
    """Tell a plugin again what it failed at too often."""
    found = show_plugin(name, portal().clock.now())
    event = request.form.get("event") or None
    count = backlog.retry_parked(found.plugin.name, portal().clock.now(), event)
    flash(f"{count} to be told again." if count else "There was nothing to tell again.", "info")
    return redirect(url_for("pages.admin_plugin", name=name))


def _form(found: PluginPage) -> Form:
    """Make the form that the plugin's declared settings ask for."""
    fields: dict[str, Any] = {}
    for field in found.fields:
        fields[PREFIX + field.name] = _field(field)
        if field.kind == "secret":
            fields[FORGET + field.name] = BooleanField(f"Forget {_label(field)}")
    made: Form = type("SettingsForm", (Form,), fields)()
    return made


def _field(field: FieldView) -> Any:  # noqa: ANN401 - a field of WTForms
    label, meaning, value = _label(field), field.meaning, field.value
    plain = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
    match field.kind:
        case "boolean":
            return BooleanField(label, description=meaning, default=value)
        case "choice":
            choices = options([(choice, choice) for choice in field.choices])
            return SelectField(label, choices=choices, description=meaning, default=value)
        case "secret":
            note = "It is set; leave this empty to keep it." if value == IS_SET else "Not set yet."
            return PasswordField(
                label,
                description=f"{meaning}. {note} It is stored encrypted and never shown.",
                render_kw=plain | {"autocomplete": "new-password"},
            )
        case "integer":
            number = {"inputmode": "numeric"}
            return StringField(label, description=meaning, default=str(value), render_kw=number)
    return StringField(label, description=meaning, default=value, render_kw=plain)


def _label(field: FieldView) -> str:
    return field.name.replace("_", " ").capitalize()


def _set(found: PluginPage, form: Form) -> None:
    """Set all settings at once; what is wrong is told beside its field."""
    texts = {field.name: _text(field, form) for field in found.fields}
    forgotten = [
        field.name
        for field in found.fields
        if field.kind == "secret" and form[FORGET + field.name].data
    ]
    try:
        set_settings(found.plugin.name, texts, forget=forgotten)
    except InvalidRequest as wrong:
        errors = [(PREFIX + name, message) for name, message in wrong.errors]
        raise InvalidRequest(wrong.detail, errors) from None


def _text(field: FieldView, form: Form) -> str:
    data = form[PREFIX + field.name].data
    if field.kind == "boolean":
        return "true" if data else "false"
    return str(data or "")
