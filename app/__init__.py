"""Coffer: the admin portal for workspaces. `create_app()` loads the factory late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(**overrides: Any) -> Flask:  # noqa: ANN401 - a setting may be of any type
    """Build the portal; `overrides` are settings by field name, for tests and scripts.

    The factory is imported here and not above, so that importing a rule of
    `app.domain` never loads Flask.
    """
    from app.factory import build

    return build(**overrides)
