"""VERBS of the operator: switch plugins on and off, in shadow, and out of quarantine."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.services.plugins.installed import found, installed
from app.services.plugins.listing import list_plugins
from app.services.plugins.set_fields import set_setting
from app.store.accounts import account_by_slug
from app.store.database import transaction
from app.store.plugins import PluginRow, is_decided, plugin_row, put_off

__all__ = ["list_plugins", "release", "set_setting", "shadow", "switch", "switch_for"]


def switch(name: str, *, on: bool) -> None:
    """Switch a plugin on or off, in all processes at once. On also lets it out of quarantine."""
    with transaction():
        row = _row(name)
        row.is_on = on
        row.releases += on
        note("plugin.on" if on else "plugin.off", None, about=name)


def shadow(name: str, *, on: bool) -> None:
    """Let a plugin's deciders be asked without being heeded, or heed them again."""
    with transaction():
        _row(name).in_shadow = on
        note("plugin.shadow_on" if on else "plugin.shadow_off", None, about=name)


def release(name: str) -> None:
    """Let a plugin out of quarantine, in every process as soon as it looks."""
    with transaction():
        _row(name).releases += 1
        note("plugin.released", None, about=name)


def switch_for(name: str, slug: str, *, on: bool) -> None:
    """Switch a plugin's deciders on or off for one workspace."""
    found(name)
    with transaction():
        account = account_by_slug(slug)
        if account is None or account.deleted_at is not None:
            raise NotFound(f"There is no account “{slug}”.")
        put_off(name, account.id, off=not on)
        note("plugin.on_for" if on else "plugin.off_for", account.id, about=name)


def _row(name: str) -> PluginRow:
    """The row of a plugin that was found here, or decided of before."""
    if name not in installed().plugins and not is_decided(name):
        raise NotFound(f"There is no plugin “{name}”.")
    return plugin_row(name)
