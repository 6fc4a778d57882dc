"""DOOR for companies' directories: SCIM 2.0 under /scim/v2/<id>, with a token per workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Open the address."""
    from app.web.scim import door

    door.open_door(app)
