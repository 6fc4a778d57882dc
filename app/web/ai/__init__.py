"""DOORS, AI proxy: AI models for apps, at /ai/v1, in OpenAI's wire format."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Stand in front of Flask."""
    from app.web.ai.door import AiDoor

    app.wsgi_app = AiDoor(app, app.wsgi_app)  # type: ignore[method-assign]
