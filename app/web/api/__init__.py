"""DOORS, API: JSON for programs, under /api/v1, as the fixed contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Open the API, its document and the readable page, and the fast lane in front of Flask."""
    from app.web.api import doors

    doors.open_doors(app)
