"""VERB: list the workspaces for which a plugin is switched off."""

from __future__ import annotations

from app.store import plugins
from app.store.accounts import Account


def workspaces_without(plugin: str) -> list[Account]:
    """List the workspaces for which a plugin is switched off, by slug."""
    return plugins.workspaces_without(plugin)
