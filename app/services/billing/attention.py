"""VERBS of the operator: the payments of all accounts, and those that somebody has to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.payment import AttemptState, Purpose
from app.domain.refusals import NotFound
from app.services.billing.attempt import AttemptView, view_of
from app.services.billing.dispute import DisputeView, disputes
from app.services.billing.history import COFFER, MoneyLine, lines_about, note
from app.services.billing.reconcile import Difference, book_differences
from app.store.accounts import account_by_id
from app.store.database import transaction
from app.store.money_events import waiting_events
from app.store.payments import (
    PaymentAttempt,
    attempt_by_key,
    latest_attempts,
    unsettling_attempts,
)
from app.store.refunds import refunded_amount

AT_ONCE = 50
LONG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AccountPayment:
    """A payment, and whose it is."""

    account: str
    slug: str
    payment: AttemptView


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """Something that a provider told of what is not known here."""

    provider: str
    id: str
    what: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """What operators have to look at: money without effect, or of unknown end for an hour."""

    payments: Sequence[AccountPayment]
    disputes: Sequence[DisputeView]
    differences: Sequence[Difference]
    waiting: Sequence[WaitingEvent]

    @property
    def is_nothing(self) -> bool:
        """Tell whether there is nothing to look at."""
        return not (self.payments or self.disputes or self.differences or self.waiting)


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """All that is known of one payment, and whether its pack can be asked back."""

    about: AccountPayment
    lines: Sequence[MoneyLine]
    refundable: bool


def attention(now: datetime) -> Attention:
    """Gather what operators have to look at; disputes that ended are not among it."""
    waiting = [
        WaitingEvent(row.provider, row.id, str(row.facts.get("event")), row.received_at)
        for row in waiting_events(AT_ONCE)
    ]
    return Attention(
        [_payment(row) for row in unsettling_attempts(now - LONG, AT_ONCE)],
        [each for each in disputes() if each.won is None],
        book_differences(),
        waiting,
    )


def every_payment(*, before: int | None = None, limit: int = AT_ONCE) -> list[AccountPayment]:
    """List the payments of all accounts, the latest first. `before` is a payment's id."""
    return [_payment(row) for row in latest_attempts(limit, before)]


def payment_file(key: str) -> PaymentFile:
    """Find a payment of any account, or raise `NotFound`."""
    row = attempt_by_key(key) if key.isprintable() else None
    if row is None:
        raise NotFound
    is_pack = row.purpose in (Purpose.TOP_UP, Purpose.AUTO_TOP_UP) and row.grant is not None
    paid = row.state is AttemptState.PROCESSED
    refundable = is_pack and paid and not refunded_amount(row.id)
    return PaymentFile(_payment(row), lines_about(row.id), refundable)


def settle_problem(key: str, person_id: int, now: datetime) -> None:
    """Note that an operator has dealt with a payment that had no effect."""
    with transaction():
        row = attempt_by_key(key, lock=True) if key.isprintable() else None
        if row is None:
            raise NotFound
        if row.problem is not None:
            note(row, "problem settled", COFFER, now, person_id, reason=row.problem)
            row.problem = None


def _payment(row: PaymentAttempt) -> AccountPayment:
    account = account_by_id(row.account_id)
    assert account is not None
    return AccountPayment(account.name, account.slug, view_of(row))
