"""The catalogue: plans, prices of actions and top-up packs, as the operator has them now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from app.domain.period import Period, Renews, period
from app.domain.refusals import InvalidRequest


@dataclass(frozen=True, slots=True)
class Plan:
    """What an account pays for: `credits` per cycle, kept up to `rollover_cap` (None: not kept).

    `amount` is its price per cycle in the currency's minor unit; 0 costs nothing. One that is not
    `on_sale` stays with those who have it; nobody else can come to it.
    """

    key: str
    name: str
    credits: int
    renews: Renews
    rollover_cap: int | None
    workspaces: bool
    amount: int = 0
    currency: str = "EUR"
    on_sale: bool = True

    def period(self, anchor: datetime, index: int) -> Period:
        """Compute a period of this plan."""
        return period(self.renews, anchor, index)

    def allocation_expires_at(self, anchor: datetime, index: int) -> datetime:
        """An allocation lives to the end of the next cycle; without rollover, of its own."""
        last = index if self.rollover_cap is None else index + 1
        return self.period(anchor, last).end


@dataclass(frozen=True, slots=True)
class Price:
    """What one action costs, in credits, from an instant on. Versions count up per action."""

    action: str
    credits: int
    version: int
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Pack:
    """Credits bought once, that never expire. `amount` is in the currency's minor unit."""

    key: str
    name: str
    credits: int
    amount: int
    currency: str
    on_sale: bool = True


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is on sale at one moment."""

    plans: Mapping[str, Plan]
    prices: Mapping[str, int]
    packs: Mapping[str, Pack]

    def plan(self, key: str) -> Plan:
        """Find a plan, or raise `InvalidRequest` naming those that there are."""
        if key not in self.plans:
            known = ", ".join(self.plans)
            raise InvalidRequest.of("plan", f"There is no plan “{key}”; there are: {known}.")
        return self.plans[key]

    def price(self, action: str) -> int:
        """The credits that one unit of the action costs, or raise `InvalidRequest`."""
        price = self.prices.get(action)
        if price is None:
            near = get_close_matches(action, self.prices, n=1)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            raise InvalidRequest.of("action", f"There is no such action in the catalogue.{hint}")
        return price
