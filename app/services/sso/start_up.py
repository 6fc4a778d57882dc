"""VERB: tell at the start which protocols of sign-in are switched on and can't be used."""

from __future__ import annotations

from datetime import datetime

from app.services.directory import directory
from app.services.plugins.installed import asked
from app.services.sso.handlers import handlers


def what_fails(now: datetime) -> list[str]:
    """Say which plugins are on and bring no handler, each with what they said."""
    brought = {found.plugin.name for found in handlers(now).values()}
    silent = [
        one.plugin
        for one in asked("sso_handlers", directory().fresh(now))
        if one.plugin.name not in brought
    ]
    return [
        f"Nobody can sign in through {plugin.name}: {plugin.last_error or 'it brings nothing'}"
        for plugin in silent
    ]
