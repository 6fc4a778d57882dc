"""How money comes in: what a billing provider is asked, and what it may answer.

Coffer decides what is owed and when; a provider moves the money. Each attempt has a key that
Coffer made and stored before it called, the same however often the call is repeated. An attempt
ends in one of five outcomes. `Unknown` is resolved by asking the provider what became of the key,
never by paying again. Credits arrive when an attempt was *processed*, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from app.contract.money import Money


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays. `reference` is the provider's own name for them, once it has told one."""

    account: str
    name: str
    email: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Charge:
    """Money to take. `key` is the attempt's, to be given to whatever moves the money.

    With `present` somebody sits at a browser: they may be sent to a page (`Pending.visit`) and come
    back to `return_url`. Without, only a means of payment that was saved before can be charged.
    """

    key: str
    payer: Payer
    money: Money
    description: str
    purpose: Literal["subscription", "top_up"]
    present: bool
    return_url: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money to give back of a charge that was processed, named by the provider's reference."""

    key: str
    charge: str
    money: Money
    reason: str


@dataclass(frozen=True, slots=True)
class TaxLine:
    """Tax within a payment: its words (“VAT 19 %”) and its amount, contained in the total."""

    words: str
    money: Money


@dataclass(frozen=True, slots=True)
class Processed:
    """The money moved. `reference` is the provider's name for the payment or refund."""

    reference: str
    money: Money
    tax: tuple[TaxLine, ...] = ()
    payer_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """No money moved, and this attempt will not move any. `reason` is for the payer to read."""

    reason: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """It will be known later: an event tells, or asking. `visit` is a page for the payer.

    `instructions` are sentences for the payer, such as where to send the money; then the invoice
    is written before it is paid, with this `tax`.
    """

    reference: str | None = None
    visit: str | None = None
    instructions: str | None = None
    payer_reference: str | None = None
    tax: tuple[TaxLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody gave it up before any money moved: the payer, the provider, or Coffer."""

    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It can't be told now what became of the attempt; Coffer asks again.

    `reason` is for operators.
    """

    reason: str


Outcome = Processed | Declined | Pending | Cancelled | Unknown


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived at `/plugins/<name>/events`: not to be believed before its signature is."""

    body: bytes
    headers: Mapping[str, str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ChargeChanged:
    """An attempt came to an outcome. `id` is the event's, unique for ever."""

    id: str
    key: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RefundChanged:
    """A refund came to an outcome. `key` is ours; a refund made elsewhere has none.

    `charge` is the reference of the payment it gives back.
    """

    id: str
    key: str | None
    charge: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class DisputeOpened:
    """The payer's bank took a payment back, or is about to. `charge` is the payment's reference."""

    id: str
    dispute: str
    charge: str
    money: Money
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeClosed:
    """A dispute ended; with `won` the money stays with the operator."""

    id: str
    dispute: str
    won: bool


ProviderEvent = ChargeChanged | RefundChanged | DisputeOpened | DisputeClosed


class BadSignature(Exception):  # noqa: N818 - said as what it is
    """A delivery was not signed by the provider, or too long ago. Nothing of it is believed."""


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment as the provider's books have it, to be compared with Coffer's."""

    reference: str
    key: str | None
    money: Money
    refunded: int
    at: datetime


class BillingProvider(Protocol):
    """Moves money. Every method may be called again with the same key, and then changes nothing.

    What a method raises, and taking longer than twenty seconds, counts as `Unknown`.
    """

    @property
    def key(self) -> str:
        """Its name in Coffer's books, for ever: small letters, digits and _."""

    @property
    def title(self) -> str:
        """What people choose, such as “Card” or “Invoice”."""

    @property
    def charges_absent(self) -> bool:
        """Tell whether it can charge a saved means of payment; auto top-up needs that."""

    def charge(self, charge: Charge) -> Outcome:
        """Take money, or begin to."""

    def find_charge(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of an attempt; one that never arrived is `Cancelled`."""

    def cancel_charge(self, key: str, reference: str | None) -> Outcome:
        """Give up an attempt that is pending; where that is too late, tell its outcome."""

    def refund(self, refund: Refund) -> Outcome:
        """Give money back; what was not processed can't be refunded and is `Declined`."""

    def find_refund(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a refund; one that never arrived is `Cancelled`."""

    def read_events(self, delivery: Delivery) -> Sequence[ProviderEvent]:
        """Read what arrived, or raise `BadSignature`. What says nothing to Coffer is left out."""

    def payments(self, since: datetime, until: datetime) -> Iterable[ProviderPayment]:
        """List what was processed within `since <= at < until`, for the books to be compared."""

    def manage_page(self, payer: Payer, return_url: str) -> str | None:
        """Give the address where the payer changes their means of payment, if there is one."""
