"""The catalogue's tables: plans, prices with versions, top-up packs. The operator edits them."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, String, select, true
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.catalogue import Catalogue, Pack, Plan
from app.domain.period import Renews
from app.store.database import Base, Instant, choice, db

SHIPPED = Path(__file__).with_name("shipped_catalogue.toml")
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class PlanRow(Base):
    """A plan. `rollover_cap` null: nothing is carried over. `amount` is in the minor unit.

    One that is not `on_sale` stays with those who have it, and nobody else can come to it.
    """

    __tablename__ = "plans"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    credits: Mapped[int]
    renews: Mapped[Renews] = mapped_column(choice(Renews))
    rollover_cap: Mapped[int | None]
    workspaces: Mapped[bool]
    position: Mapped[int]
    amount: Mapped[int] = mapped_column(default=0, server_default="0")
    currency: Mapped[str] = mapped_column(String(3), default="EUR", server_default="EUR")
    on_sale: Mapped[bool] = mapped_column(default=True, server_default=true())


class PriceRow(Base):
    """What an action costs from an instant on; a new price is a new version."""

    __tablename__ = "prices"

    action: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    credits: Mapped[int]
    effective_from: Mapped[datetime] = mapped_column(Instant)


class PackRow(Base):
    """A top-up pack. `amount` is in the currency's minor unit."""

    __tablename__ = "packs"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    credits: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    on_sale: Mapped[bool] = mapped_column(default=True, server_default=true())


def read_catalogue(connection: Connection, now: datetime) -> tuple[Catalogue, datetime | None]:
    """Read the catalogue as it is at `now`, and the next instant at which a price changes."""
    plans = connection.execute(select(PlanRow.__table__).order_by(PlanRow.position))
    packs = connection.execute(select(PackRow.__table__).order_by(PackRow.credits))
    prices = connection.execute(
        select(PriceRow.__table__).order_by(
            PriceRow.action, PriceRow.effective_from, PriceRow.version
        )
    ).all()
    changes = [row.effective_from for row in prices if row.effective_from > now]
    found = Catalogue(
        plans={row.key: _plan(row) for row in plans},
        prices={row.action: row.credits for row in prices if row.effective_from <= now},
        packs={row.key: Pack(*row) for row in packs},
    )
    return found, min(changes, default=None)


def _plan(row: Row[*tuple[Any, ...]]) -> Plan:
    renewal = (row.credits, row.renews, row.rollover_cap)
    money = (row.amount, row.currency)
    return Plan(row.key, row.name, *renewal, row.workspaces, *money, row.on_sale)


def has_catalogue() -> bool:
    """Tell whether a catalogue was put in place."""
    return db.session.scalar(select(PlanRow.key).limit(1)) is not None


def add_shipped_catalogue() -> None:
    """Write the catalogue that Coffer ships; its prices have always been in effect."""
    shipped = tomllib.loads(SHIPPED.read_text("utf-8"))
    for position, plan in enumerate(shipped["plans"]):
        db.session.add(PlanRow(**plan, position=position))
    for action, credits in shipped["prices"].items():
        db.session.add(
            PriceRow(action=action, version=1, credits=credits, effective_from=BEGINNING)
        )
    db.session.add_all(PackRow(**pack) for pack in shipped["packs"])
