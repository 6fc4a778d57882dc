"""What is owed, what came for it, and what is to be sent back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.hookspecs import Money


@dataclass(frozen=True, slots=True)
class Receivable:
    """Money that somebody owes. Instants are None until they come."""

    key: str
    reference: str
    account: str
    name: str
    email: str
    money: Money
    words: str
    tax_words: str
    tax: Money
    instructions: str
    state: str
    received: Money
    created_at: datetime
    due_on: date
    settled_at: datetime | None

    @property
    def missing(self) -> Money:
        """What is still to come, while it is open."""
        left = self.money.amount - self.received.amount if self.state == "open" else 0
        return Money(max(left, 0), self.money.currency)

    @property
    def surplus(self) -> Money:
        """What came and is not ours: above the amount, or for what was cancelled."""
        ours = self.money.amount if self.state != "cancelled" else 0
        return Money(max(self.received.amount - ours, 0), self.money.currency)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came for a receivable, or with a minus, surplus that went back."""

    id: str
    amount: Money
    booked_on: date
    source: str
    noted_by: str


@dataclass(frozen=True, slots=True)
class Owed:
    """A refund: money that the operator has to send back, or has sent."""

    key: str
    reference: str
    money: Money
    reason: str
    state: str
    created_at: datetime
