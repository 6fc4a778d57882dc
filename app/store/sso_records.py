"""The flight recorder: the last sign-ins through each identity provider, check by check."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, choice, db
from app.store.identity_providers import IdentityProviderRow

# Strangers can send what they like; it must not push out what administrators look for.
KEPT = 50


class RecordKind(StrEnum):
    """What was recorded. A stray answer belongs to no sign-in that was begun here."""

    SIGN_IN = "sign_in"
    TEST = "test"
    SIGN_OUT = "sign_out"
    STRAY = "stray"


class SsoRecord(Base):
    """One answer of an identity provider and what came of it.

    `refused_by` is the name of the check that failed, `words` what it means. `checks` are name,
    result and words of each. `attributes` are kept of tests only.
    """

    __tablename__ = "sso_records"
    __table_args__ = (Index(None, "idp_id", "kind", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    idp_id: Mapped[int] = mapped_column(ForeignKey(IdentityProviderRow.id))
    kind: Mapped[RecordKind] = mapped_column(choice(RecordKind))
    at: Mapped[datetime] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(45))
    subject: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(254))
    refused_by: Mapped[str | None] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(Text)
    checks: Mapped[list[Any]] = mapped_column(JSON)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)


def records_of(idp_id: int, limit: int = 2 * KEPT) -> list[SsoRecord]:
    """List what was recorded, the latest first."""
    statement = select(SsoRecord).where(SsoRecord.idp_id == idp_id)
    return list(db.session.scalars(statement.order_by(SsoRecord.id.desc()).limit(limit)))


def record_of(idp_id: int, record_id: int) -> SsoRecord | None:
    """Find one record of an identity provider."""
    found = db.session.get(SsoRecord, record_id)
    return found if found is not None and found.idp_id == idp_id else None


def latest_test(idp_id: int) -> SsoRecord | None:
    """Find the latest test sign-in that succeeded."""
    statement = select(SsoRecord).where(
        SsoRecord.idp_id == idp_id,
        SsoRecord.kind == RecordKind.TEST,
        SsoRecord.refused_by.is_(None),
    )
    return db.session.scalar(statement.order_by(SsoRecord.id.desc()).limit(1))


def forget_older(idp_id: int, kind: RecordKind) -> None:
    """Keep the latest records of a kind."""
    oldest = db.session.scalar(
        select(SsoRecord.id)
        .where(SsoRecord.idp_id == idp_id, SsoRecord.kind == kind)
        .order_by(SsoRecord.id.desc())
        .offset(KEPT)
        .limit(1)
    )
    if oldest is not None:
        of_kind = (SsoRecord.idp_id == idp_id, SsoRecord.kind == kind)
        db.session.execute(delete(SsoRecord).where(*of_kind, SsoRecord.id <= oldest))


def delete_records(idp_id: int) -> None:
    """Forget all records of an identity provider."""
    db.session.execute(delete(SsoRecord).where(SsoRecord.idp_id == idp_id))
