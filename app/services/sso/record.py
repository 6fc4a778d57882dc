"""VERBS: the flight recorder, in which each answer is kept with every check and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.refusals import NotFound
from app.domain.role import Access
from app.hookspecs import Check
from app.services.sso.set_up import provider_of
from app.store.database import add, transaction
from app.store.identity_providers import IdentityProviderRow
from app.store.sso_records import (
    RecordKind,
    SsoRecord,
    forget_older,
    latest_test,
    record_of,
    records_of,
)

MOST_CHECKS = 100
LONGEST_WORDS = 500
MOST_ATTRIBUTES = 100
MOST_VALUES = 20


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose browser it is, as far as can be told: its name for itself, and the caller's address."""

    user_agent: str
    address: str


@dataclass(frozen=True, slots=True)
class Flight:
    """What is recorded of one answer."""

    kind: RecordKind
    checks: tuple[Check, ...]
    words: str = ""
    subject: str | None = None
    email: str | None = None
    attributes: Mapping[str, tuple[str, ...]] | None = None


def note_flight(idp_id: int, flight: Flight, visitor: Visitor, now: datetime) -> int:
    """Record an answer, in a transaction of its own; returns the record's number."""
    with transaction():
        return write_flight(idp_id, flight, visitor, now)


def write_flight(idp_id: int, flight: Flight, visitor: Visitor, now: datetime) -> int:
    """Record an answer, inside a running transaction."""
    failed = next((check for check in flight.checks if not check.passed), None)
    record = SsoRecord(
        idp_id=idp_id,
        kind=flight.kind,
        at=now,
        address=_plain(visitor.address)[:45],
        subject=_plain(flight.subject or "")[:255] or None,
        email=_plain(flight.email or "")[:254] or None,
        refused_by=_plain(failed.name)[:60] if failed else None,
        words=_plain(failed.words if failed else flight.words)[:LONGEST_WORDS],
        checks=[
            [_plain(check.name)[:60], bool(check.passed), _plain(check.words)[:LONGEST_WORDS]]
            for check in flight.checks[:MOST_CHECKS]
        ],
        attributes=_attributes(flight) if flight.kind is RecordKind.TEST else {},
    )
    add(record)
    forget_older(idp_id, flight.kind)
    return record.id


def flights_of(access: Access, public_id: str) -> list[SsoRecord]:
    """List what was recorded of an identity provider, the latest first."""
    return records_of(provider_of(access, public_id).id)


def flight_of(access: Access, public_id: str, number: int) -> tuple[IdentityProviderRow, SsoRecord]:
    """Find one record and its identity provider."""
    row = provider_of(access, public_id)
    record = record_of(row.id, number)
    if record is None:
        raise NotFound
    return row, record


def latest_test_of(row: IdentityProviderRow) -> SsoRecord | None:
    """Find the latest test sign-in that succeeded."""
    return latest_test(row.id)


def _attributes(flight: Flight) -> dict[str, list[str]]:
    found = list((flight.attributes or {}).items())[:MOST_ATTRIBUTES]
    return {
        _plain(name)[:200]: [_plain(value)[:LONGEST_WORDS] for value in values[:MOST_VALUES]]
        for name, values in found
    }


def _plain(text: object) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(text))
