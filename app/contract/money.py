"""Money: whole numbers of a currency's minor unit, never floats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor unit of an ISO 4217 currency: 49 euros are 4900, 490 yen are 490."""

    amount: int
    currency: str
