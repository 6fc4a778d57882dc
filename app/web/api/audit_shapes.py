"""DOORS, API: what answers about the audit log look like."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.web.api.shapes import Page, Shape


class AuditActor(Shape):
    """Who did it, and from where."""

    kind: str = Field(examples=["person", "token", "operator", "provider", "coffer"])
    name: str = Field(description="what they were called then")
    door: str = Field(examples=["page", "api", "cli", "sso", "scim", "event", "job", "within"])
    address: str
    browser: str


class AuditLine(Shape):
    """One change."""

    id: str = Field(examples=["audit_17"])
    seq: int | None = Field(description="its number in the sealed chain; null until it is sealed")
    at: datetime
    kind: str = Field(examples=["member.role_changed"], description="new kinds may be added")
    words: str = Field(description="the kind in plain words")
    about: str = Field(description="what or whom it was done to")
    by: AuditActor
    before: dict[str, Any]
    after: dict[str, Any]


class AuditPage(Page):
    """Some of the changes of an account, the newest first."""

    items: list[AuditLine]
