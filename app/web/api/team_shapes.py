"""DOORS, API: what answers about workspaces and apps look like."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from app.web.api.shapes import Page, RoleName, Shape


class Workspace(Shape):
    """A workspace; `role` is the caller's; a service token acts as the owner."""

    slug: str
    name: str
    role: RoleName
    created_at: datetime


class Member(Shape):
    """A person in a workspace."""

    email: str
    name: str
    role: RoleName
    joined_at: datetime


class Invitation(Shape):
    """An address that was asked to join."""

    id: str = Field(examples=["invitation_5"])
    email: str
    role: RoleName
    invited_by: str
    state: Literal["open", "expired"]
    created_at: datetime
    sent_at: datetime
    expires_at: datetime


class RefusedAddress(Shape):
    """An address that could not be invited, and why."""

    email: str
    reason: str


class Invited(Shape):
    """Who was invited and who could not be."""

    invited: list[Invitation]
    refused: list[RefusedAddress]


class Domain(Shape):
    """A domain whose people join by their address once it is verified."""

    domain: str = Field(description="as DNS spells it", examples=["xn--bcher-kva.com"])
    name: str = Field(description="as people read it", examples=["bücher.com"])
    state: Literal["pending", "verified", "lapsed"]
    txt_record: str = Field(description="text of the TXT record to publish at the domain itself")
    default_role: RoleName
    vouched: bool = Field(description="verified by the operator's word: DNS is not asked")
    finding: str | None = Field(description="what DNS answered when it was asked last")
    created_at: datetime
    verified_at: datetime | None
    checked_at: datetime | None


class App(Shape):
    """Something that a team builds; its account pays."""

    id: str = Field(examples=["app_12"])
    account: str
    name: str
    description: str
    created_by: str
    created_at: datetime


class AppVersion(Shape):
    """A version of an app's files. Number 0 is the app before its first file."""

    app: str = Field(examples=["app_12"])
    number: int
    at: datetime
    by: str = Field(description="e-mail of who made it")
    why: str
    origin: Literal["edit", "upload", "restore", "generate"]
    restored_from: int | None
    file_count: int
    size: int = Field(description="of all files, in bytes")


class AppFile(Shape):
    """A file of a version."""

    path: str
    size: int = Field(description="in bytes")
    sha256: str


class AppVersionWhole(AppVersion):
    """A version with the list of its files."""

    files: list[AppFile]


class AppVersionPage(Page):
    """A part of the versions, the newest first."""

    items: list[AppVersion]


class WorkspacePage(Page):
    """A part of the workspaces."""

    items: list[Workspace]


class MemberPage(Page):
    """A part of the members."""

    items: list[Member]


class InvitationPage(Page):
    """A part of the open invitations, the newest first."""

    items: list[Invitation]


class DomainPage(Page):
    """A part of the domains."""

    items: list[Domain]


class AppPage(Page):
    """A part of the apps."""

    items: list[App]
