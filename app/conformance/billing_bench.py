"""What the kit needs of a billing provider's author: the provider, and its world in our hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from app.hookspecs import BillingProvider, Delivery, Payer


class Fate(StrEnum):
    """What the world does with the next charge that reaches it.

    Where the payer has to do something first, such as paying on a page, it is what comes of that
    as soon as the kit says `pay`.
    """

    PROCESS = "process"
    DECLINE = "decline"
    STAY_PENDING = "stay pending until the payer pays or gives up"
    CANCEL = "be cancelled"
    TIME_OUT = "be taken, but the answer gets lost on its way back"


class Lack(StrEnum):
    """What a provider may lack, if its bench says so; the kit then holds it to saying no."""

    ABSENT_CHARGES = "absent charges"
    DECLINES = "declines"
    TIME_OUTS = "time-outs"
    DELIVERIES = "deliveries"
    DISPUTES = "disputes"
    MANAGE_PAGE = "manage page"
    ZERO_DECIMALS = "currencies without minor unit"
    THREE_DECIMALS = "currencies with three decimals"


class BillingBench(Protocol):
    """A provider under test and its world, fresh for each test. Keys are those of charges."""

    @property
    def provider(self) -> BillingProvider:
        """The provider, as a portal would have it after its process started again."""

    @property
    def lacks(self) -> Mapping[Lack, str]:
        """What the provider lacks, each with the reason; it shows in the result."""

    @property
    def payer(self) -> Payer:
        """Somebody who can be charged absent, where that exists; else anybody."""

    @property
    def currency(self) -> str:
        """The currency for tests that don't care; it has two decimals."""

    def next_charge(self, fate: Fate) -> None:
        """Say what the world does with the next charge. Unless said, it processes."""

    def pay(self, key: str) -> None:
        """Let the payer pay what is pending: on the page, or by the instructions.

        What was cancelled or is out of time can't be paid any more, and then nothing happens.
        """

    def give_up(self, key: str) -> None:
        """Let what is pending come to nothing: the payer turns away, or time runs out."""

    def go_away(self) -> None:
        """Let the world be out of reach: no call of the provider arrives from now on."""

    def come_back(self) -> None:
        """Let the world be within reach again."""

    def finish_refund(self, key: str) -> None:
        """Bring a refund that is pending to its good end; `key` is the refund's."""

    def open_dispute(self, charge: str) -> None:
        """Let the payer's bank dispute a payment, named by the provider's reference."""

    def close_dispute(self, charge: str, *, won: bool) -> None:
        """Let the dispute of a payment end; `won` for the operator."""

    def deliveries(self) -> Sequence[Delivery]:
        """Hand over what the world has sent since this was asked last, signed as it sends it."""

    def taken(self, key: str) -> int:
        """How much money really moved for a charge, in the currency's minor unit."""

    def given_back(self, key: str) -> int:
        """How much of that really went back by refunds, in the currency's minor unit."""
