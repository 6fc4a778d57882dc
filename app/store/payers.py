"""Payers: the names under which providers know the accounts that paid there."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.accounts import Account
from app.store.database import Base, db


class PayerRow(Base):
    """The name under which a provider knows an account that paid there."""

    __tablename__ = "payers"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    provider: Mapped[str] = mapped_column(String(60), primary_key=True)
    reference: Mapped[str] = mapped_column(String(255))


def payer_reference(account_id: int, provider: str) -> str | None:
    """Tell under which name a provider knows an account."""
    row = db.session.get(PayerRow, (account_id, provider))
    return row.reference if row else None


def keep_payer(account_id: int, provider: str, reference: str) -> None:
    """Keep the name under which a provider knows an account."""
    row = db.session.get(PayerRow, (account_id, provider))
    if row is None:
        db.session.add(PayerRow(account_id=account_id, provider=provider, reference=reference))
    else:
        row.reference = reference


def copy_payers(source_id: int, target_id: int) -> None:
    """Let providers know a new account by the names of the one that paid for it."""
    rows = db.session.scalars(select(PayerRow).where(PayerRow.account_id == source_id)).all()
    for row in rows:
        keep_payer(target_id, row.provider, row.reference)


def forget_payers(account_id: int) -> None:
    """Charge nobody any more by what they saved, since somebody else pays from now on."""
    rows = db.session.scalars(select(PayerRow).where(PayerRow.account_id == account_id)).all()
    for row in rows:
        db.session.delete(row)
