"""VERBS: read the audit log, as an account's owner and admins, or as an operator."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.audit_kind import words_of
from app.domain.audit_line import INSTALLATION
from app.domain.refusals import InvalidRequest, NotFound
from app.domain.role import Access, Right
from app.services.people.read_address import read_address
from app.store.accounts import account_by_slug
from app.store.audit_lines import AuditLine, slugs_of_chains
from app.store.audit_reading import AuditSought, lines_sought
from app.store.people import person_by_email


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for. `person` is an address or part of a name, `kind` a kind or a family.

    `account` is a slug, for operators alone; "-" is what concerns the installation.
    """

    person: str | None = None
    kind: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class AuditView:
    """A line as people read it. `seq` is its number in the sealed chain; None: it waits for it."""

    id: int
    at: datetime
    kind: str
    words: str
    about: str
    actor: str
    who: str
    door: str
    address: str
    browser: str
    before: dict[str, Any]
    after: dict[str, Any]
    account: str | None
    account_name: str | None
    seq: int | None


def audit_of(
    access: Access, wanted: AuditFilter, limit: int, before: int | None = None
) -> list[AuditView]:
    """List an account's lines, the latest first, for its owner and admins."""
    access.require(Right.SEE_AUDIT)
    return _views(lines_sought(_sought(wanted, access.account_id), limit, before))


def audit_of_all(wanted: AuditFilter, limit: int, before: int | None = None) -> list[AuditView]:
    """The same of all accounts and the installation, for operators."""
    return _views(lines_sought(_sought(wanted, _chain(wanted.account)), limit, before))


def _chain(slug: str | None) -> int | None:
    if slug is None:
        return None
    if slug == "-":
        return INSTALLATION
    account = account_by_slug(slug) if slug.isprintable() else None
    if account is None:
        raise NotFound(f"There is no account “{slug[:40]}”.")
    return account.id


def _sought(wanted: AuditFilter, chain: int | None) -> AuditSought:
    person_id = _person(wanted.person)
    person = None if person_id is not None else wanted.person
    return AuditSought(
        chain, wanted.kind, person, person_id, wanted.text, wanted.since, wanted.until
    )


def _person(text: str | None) -> int | None:
    """Whose whole address it is, if it is one: their lines are found by any name they had."""
    try:
        person = person_by_email(read_address(text)) if text and "@" in text else None
    except InvalidRequest:
        return None
    return person.id if person else None


def _views(lines: Sequence[AuditLine]) -> list[AuditView]:
    accounts = slugs_of_chains(line.chain for line in lines)
    return [_view(line, *accounts.get(line.chain, (None, None))) for line in lines]


def _view(line: AuditLine, slug: str | None, name: str | None) -> AuditView:
    return AuditView(
        line.id,
        line.at,
        line.kind,
        words_of(line.kind),
        line.about,
        line.actor,
        line.actor_name,
        line.door,
        line.address,
        line.browser,
        _read(line.before),
        _read(line.after),
        slug,
        name,
        line.seq,
    )


def _read(text: str) -> dict[str, Any]:
    """What was written; a text that is none (somebody changed it) is shown as it is."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {"unreadable": text}
    return found if isinstance(found, dict) else {"unreadable": text}
