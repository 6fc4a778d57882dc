"""Statements of the operator's desk about the catalogue: its rows, and every version of a price."""

from __future__ import annotations

from sqlalchemy import func, select

from app.store.catalogue import PackRow, PlanRow, PriceRow
from app.store.database import db


def plan_rows() -> list[PlanRow]:
    """List the plans in the catalogue's order, from small to big."""
    return list(db.session.scalars(select(PlanRow).order_by(PlanRow.position, PlanRow.key)))


def plan_row(key: str) -> PlanRow | None:
    """Find a plan."""
    return db.session.get(PlanRow, key)


def pack_rows() -> list[PackRow]:
    """List the packs, the smallest first."""
    return list(db.session.scalars(select(PackRow).order_by(PackRow.credits, PackRow.key)))


def pack_row(key: str) -> PackRow | None:
    """Find a pack."""
    return db.session.get(PackRow, key)


def price_rows(action: str | None = None) -> list[PriceRow]:
    """List every version of every price, or of one action's, as they take effect."""
    statement = select(PriceRow).order_by(
        PriceRow.action, PriceRow.effective_from, PriceRow.version
    )
    if action is not None:
        statement = statement.where(PriceRow.action == action)
    return list(db.session.scalars(statement))


def price_row(action: str, version: int) -> PriceRow | None:
    """Find one version of a price."""
    return db.session.get(PriceRow, (action, version))


def next_version(action: str) -> int:
    """The number that the next version of a price gets."""
    last = db.session.scalar(select(func.max(PriceRow.version)).where(PriceRow.action == action))
    return (last or 0) + 1


def next_position() -> int:
    """The place after the last plan."""
    last = db.session.scalar(select(func.max(PlanRow.position)))
    return 0 if last is None else last + 1


def delete_price(row: PriceRow) -> None:
    """Forget a version of a price, through the session, so that the directory's version moves."""
    db.session.delete(row)
