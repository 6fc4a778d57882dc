"""Statements that read the audit log: for people, by what they look for, and to prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from app.store.audit_lines import HEADS, LINES, AuditLine
from app.store.database import db


@dataclass(frozen=True, slots=True)
class AuditSought:
    """What is looked for. `chain` None is all of them; `person` and `text` are parts of texts."""

    chain: int | None = None
    kind: str | None = None
    person: str | None = None
    person_id: int | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def lines_sought(sought: AuditSought, limit: int, before: int | None) -> Sequence[AuditLine]:
    """List lines, the latest first, from the one before the id `before`."""
    conditions = [*_conditions(sought)]
    if before is not None:
        conditions.append(AuditLine.id < before)
    statement = select(AuditLine).where(*conditions).order_by(AuditLine.id.desc()).limit(limit)
    return db.session.scalars(statement).all()


def read_heads(connection: Connection) -> dict[int, Any]:
    """The head of each chain."""
    return {row.chain: row for row in connection.execute(select(HEADS))}


def read_chains(connection: Connection) -> list[int]:
    """List the chains that have lines."""
    return list(connection.scalars(select(LINES.c.chain).distinct().order_by(LINES.c.chain)))


def read_sealed(connection: Connection, chain: int, after: int, limit: int) -> Sequence[Any]:
    """List a chain's sealed lines in their order, from the one after the number `after`."""
    statement = (
        select(LINES)
        .where(LINES.c.chain == chain, LINES.c.seq > after)
        .order_by(LINES.c.seq, LINES.c.id)
        .limit(limit)
    )
    return connection.execute(statement).all()


def read_unsealed(connection: Connection, chain: int, after: int, limit: int) -> Sequence[Any]:
    """List a chain's lines that wait for their seal, from the one after the id `after`."""
    statement = (
        select(LINES)
        .where(LINES.c.chain == chain, LINES.c.seq.is_(None), LINES.c.id > after)
        .order_by(LINES.c.id)
        .limit(limit)
    )
    return connection.execute(statement).all()


def read_doubled(connection: Connection) -> tuple[int, str] | None:
    """Find a line that is there twice, if one is: its chain and nonce."""
    doubled = (
        select(LINES.c.chain, LINES.c.nonce)
        .group_by(LINES.c.chain, LINES.c.nonce)
        .having(func.count() > 1)
        .limit(1)
    )
    row = connection.execute(doubled).first()
    return (row[0], row[1]) if row else None


def _conditions(sought: AuditSought) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.chain is not None:
        found.append(AuditLine.chain == sought.chain)
    if sought.kind is not None:
        family = AuditLine.kind.startswith(f"{sought.kind}.", autoescape=True)
        found.append(or_(AuditLine.kind == sought.kind, family))
    if sought.person_id is not None:
        found.append(AuditLine.person_id == sought.person_id)
    elif sought.person is not None:
        found.append(_has(AuditLine.actor_name, sought.person))
    if sought.text is not None:
        texts = (AuditLine.about, AuditLine.before, AuditLine.after, AuditLine.address)
        found.append(or_(*(_has(column, sought.text) for column in texts)))
    if sought.since is not None:
        found.append(AuditLine.at >= sought.since)
    if sought.until is not None:
        found.append(AuditLine.at < sought.until)
    return found


def _has(column: Any, part: str) -> ColumnElement[bool]:  # noqa: ANN401 - a column of texts
    return func.lower(column).contains(part.lower(), autoescape=True)
