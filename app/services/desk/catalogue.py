"""VERBS of the operator: edit the catalogue. Each moves the directory's version and is audited.

What time has done until now is settled before a plan changes, so that a period that began before
the change has the credits that the plan had then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain import catalogue_change as read
from app.domain.name import name_from
from app.domain.period import Renews
from app.domain.refusals import Conflict, NotFound
from app.hookspecs import minor_digits
from app.services.audit.note import note
from app.services.credits.settle import close_due_periods
from app.store.catalogue import PackRow, PlanRow, PriceRow
from app.store.database import UniqueTaken, add, read_connection, transaction
from app.store.desk_accounts import count_on_plan
from app.store.desk_catalogue import (
    delete_price,
    next_position,
    next_version,
    pack_row,
    pack_rows,
    plan_row,
    plan_rows,
    price_row,
    price_rows,
)


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What can be changed of a plan, as it is typed: `price` is `99.00`, per cycle; 0 is free."""

    name: str
    credits: int
    rollover_cap: int | None
    price: str
    currency: str

    def read(self) -> dict[str, Any]:
        """Check it, and spell it as the catalogue keeps it; raise `InvalidRequest`."""
        credits = read.credits_from(self.credits)
        return {
            "name": name_from(self.name),
            "credits": credits,
            "rollover_cap": read.cap_from(self.rollover_cap, credits),
            **_money(self.price, self.currency, least=0),
        }


@dataclass(frozen=True, slots=True)
class PackTerms:
    """What can be changed of a pack, as it is typed: `price` is `25.00`."""

    name: str
    credits: int
    price: str
    currency: str

    def read(self) -> dict[str, Any]:
        """Check it, and spell it as the catalogue keeps it; raise `InvalidRequest`."""
        return {
            "name": name_from(self.name),
            "credits": read.credits_from(self.credits),
            **_money(self.price, self.currency, least=1),
        }


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan with how many accounts are on it, and how many come to it after their period."""

    plan: PlanRow
    accounts: int
    coming: int


@dataclass(frozen=True, slots=True)
class PriceLine:
    """An action: what it costs now (None: nothing yet) and every version, the latest first."""

    action: str
    credits: int | None
    versions: Sequence[PriceRow]
    planned: Sequence[PriceRow]


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """All of the catalogue, as operators see it."""

    plans: Sequence[PlanLine]
    packs: Sequence[PackRow]
    prices: Sequence[PriceLine]


def whole_catalogue(now: datetime) -> CatalogueView:
    """Show plans, packs and prices, those withdrawn from sale and those to come, too."""
    lines: dict[str, list[PriceRow]] = {}
    for row in price_rows():
        lines.setdefault(row.action, []).append(row)
    plans = [plan_line(row.key) for row in plan_rows()]
    prices = [_price_line(action, rows, now) for action, rows in lines.items()]
    return CatalogueView(plans, pack_rows(), prices)


def plan_line(key: str) -> PlanLine:
    """Show a plan with who is on it, or raise `NotFound`."""
    row = plan_row(key)
    if row is None:
        raise NotFound(f"There is no plan “{key[:40]}”.")
    with read_connection() as connection:
        return PlanLine(row, *count_on_plan(connection, key))


def known_pack(key: str) -> PackRow:
    """Find a pack, or raise `NotFound`."""
    row = pack_row(key)
    if row is None:
        raise NotFound(f"There is no pack “{key[:40]}”.")
    return row


def price_line(action: str, now: datetime) -> PriceLine:
    """Show what an action costs, cost and will cost, or raise `NotFound`."""
    rows = price_rows(action) if action.isprintable() else []
    if not rows:
        raise NotFound(f"There is no action “{action[:60]}” in the catalogue.")
    return _price_line(action, rows, now)


def add_plan(
    key: str, terms: PlanTerms, renews: Renews, now: datetime, *, workspaces: bool
) -> PlanRow:
    """Put a new plan on sale, as the biggest of all."""
    values, key = terms.read(), read.key_from(key)
    with transaction():
        row = PlanRow(
            key=key,
            renews=renews,
            workspaces=workspaces,
            position=next_position(),
            **values,
        )
        _add(row, f"There is a plan “{key}” already.")
        after = {**values, "renews": renews.value, "workspaces": workspaces}
        note("catalogue.plan_added", None, now, about=key, after=after)
    return row


def change_terms(key: str, terms: PlanTerms, now: datetime) -> None:
    """Change a plan; for each account that has it, from its next period on."""
    plan_line(key)
    values = terms.read()
    close_due_periods(now)
    with transaction():
        row = plan_row(key)
        assert row is not None
        _change(row, values, "catalogue.plan_changed", now)


def add_pack(key: str, terms: PackTerms, now: datetime) -> PackRow:
    """Put a new pack on sale."""
    values, key = terms.read(), read.key_from(key)
    with transaction():
        row = PackRow(key=key, **values)
        _add(row, f"There is a pack “{key}” already.")
        note("catalogue.pack_added", None, now, about=key, after=values)
    return row


def change_pack(key: str, terms: PackTerms, now: datetime) -> None:
    """Change a pack; what was bought stays as it was."""
    known_pack(key)
    values = terms.read()
    with transaction():
        _change(known_pack(key), values, "catalogue.pack_changed", now)


def put_on_sale(what: str, key: str, now: datetime, *, on: bool) -> None:
    """Sell a plan or pack, or withdraw it from sale; those who have it keep it and go on."""
    kind = "catalogue.put_on_sale" if on else "catalogue.withdrawn"
    with transaction():
        row = plan_line(key).plan if what == "plan" else known_pack(key)
        if what == "plan" and key == "free" and not on:
            raise Conflict("Everybody falls back on the plan Free, so it stays.")
        if row.on_sale != on:
            row.on_sale = on
            note(kind, None, now, about=f"{what} {key}")


def set_price(
    action: str, credits: int, wanted: datetime | None, now: datetime, *, new: bool = False
) -> PriceRow:
    """Let an action cost so much from now on, or from an instant to come (`wanted`).

    It is a new version; those before are kept. A hold keeps the price that it began with.
    """
    action, credits = read.action_from(action), read.credits_from(credits)
    at = read.effective_from(wanted, now)
    with transaction():
        known = price_rows(action)
        if new and known:
            raise Conflict(f"There is an action “{action}” already.")
        if not new and not known:
            raise NotFound(f"There is no action “{action}” in the catalogue.")
        row = PriceRow(
            action=action, version=next_version(action), credits=credits, effective_from=at
        )
        _add(row, "Somebody set this price a moment ago. Look again.")
        before = {"credits": _cost_at(known, at)}
        after = {"credits": credits, "effective_from": at, "version": row.version}
        note("catalogue.price_set", None, now, about=action, before=before, after=after)
    return row


def cancel_price(action: str, version: int, now: datetime) -> None:
    """Take a price back that has not taken effect yet."""
    with transaction():
        row = price_row(action, version)
        if row is None:
            raise NotFound("There is no such price.")
        if row.effective_from <= now:
            raise Conflict("This price is in effect, or was. Set a new one instead.")
        before = {"credits": row.credits, "effective_from": row.effective_from}
        delete_price(row)
        note("catalogue.price_cancelled", None, now, about=action, before=before)


def _cost_at(rows: Sequence[PriceRow], at: datetime) -> int | None:
    return next((row.credits for row in reversed(rows) if row.effective_from <= at), None)


def price_text(amount: int, currency: str) -> str:
    """Spell an amount as it is typed: `99.00`, `490` of JPY."""
    digits = minor_digits(currency)
    return str(Decimal(amount).scaleb(-digits)) if digits else str(amount)


def _money(price: str, currency: str, *, least: int) -> dict[str, Any]:
    digits = minor_digits(currency.strip().upper())
    amount = read.minor_units(price, digits)
    amount, code = read.money_from(amount, currency, least=least)
    return {"amount": amount, "currency": code}


def _add(row: PlanRow | PackRow | PriceRow, taken: str) -> None:
    try:
        add(row)
    except UniqueTaken:
        raise Conflict(taken) from None


def _change(row: PlanRow | PackRow, values: dict[str, Any], kind: str, now: datetime) -> None:
    old = {name: getattr(row, name) for name in values}
    changed = [name for name in values if values[name] != old[name]]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        before, after = ({name: of[name] for name in changed} for of in (old, values))
        note(kind, None, now, about=row.key, before=before, after=after)


def _price_line(action: str, rows: Sequence[PriceRow], now: datetime) -> PriceLine:
    past = [row for row in rows if row.effective_from <= now]
    planned = [row for row in rows if row.effective_from > now]
    return PriceLine(action, past[-1].credits if past else None, past[::-1], planned)
