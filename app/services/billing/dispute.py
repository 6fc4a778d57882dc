"""VERBS: a payer's bank takes a payment back. What is left of a pack leaves the pool, never more.

The operators are told at once and see it on a page. Of a plan's payment nothing is taken back by
itself: what to do is theirs to decide. A dispute that is won gives back what it took.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.command import AddGrant
from app.domain.grant import Source
from app.hookspecs import DisputeClosed, DisputeOpened, Money
from app.services.billing.history import note
from app.services.billing.invoices.write_invoice import write_credit_note
from app.services.billing.refund_outcome import left_to_credit, take_rest
from app.services.billing.tell import tell_operators
from app.services.billing.waiting import NotKnownYet, known_payment
from app.services.credits.within import post_between
from app.store.accounts import account_by_id
from app.store.database import add, transaction
from app.store.payments import LONGEST_WORDS, attempt_by_id
from app.store.refunds import PaymentDispute, dispute_by_name, latest_disputes

Nothing = Callable[[], object]
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute as operators see it. `credits` left the pool for it; `won` is None while open."""

    provider: str
    dispute: str
    account: str
    words: str
    payment: str
    money: Money
    reason: str
    credits: int
    opened_at: datetime
    closed_at: datetime | None
    won: bool | None


def disputes(limit: int = AT_ONCE) -> list[DisputeView]:
    """List disputes for operators: the open ones first, then the latest."""
    return [_view(row) for row in latest_disputes(limit)]


def open_dispute(provider: str, event: DisputeOpened, now: datetime, *, claim: Nothing) -> None:
    """Take what is left of what was bought, and tell the operators; once for each dispute."""
    paid = known_payment(provider, event.charge)
    if dispute_by_name(provider, event.dispute) is not None:
        with transaction():
            claim()
        return
    attempt_id, reason = paid.id, event.reason[:LONGEST_WORDS]

    def last(line: Any = None) -> None:  # noqa: ANN401 - the line of the pool's history
        row, credits = attempt_by_id(attempt_id), -line.credits if line is not None else 0
        add(
            PaymentDispute(
                provider=provider,
                dispute=event.dispute,
                attempt_id=attempt_id,
                amount=event.money.amount,
                currency=event.money.currency,
                reason=reason,
                credits=credits,
                opened_at=now,
            )
        )
        note(row, "dispute opened", provider, now, reason=reason, credits=credits)
        account = account_by_id(row.account_id)
        assert account is not None
        said = {"words": row.words, "key": row.key, "account": account.name, "reason": reason}
        tell_operators(
            "payment_disputed",
            now,
            money=str(event.money),
            credits=f"{credits:,}",
            provider=provider,
            **said,
        )

    take_rest(paid, f"Dispute of {paid.words}", now, first=claim, last=last)


def close_dispute(provider: str, event: DisputeClosed, now: datetime, *, claim: Nothing) -> None:
    """End a dispute: won gives back what it took, lost is money that went back."""
    found = dispute_by_name(provider, event.dispute)
    if found is None:
        raise NotKnownYet(f"No dispute is called {event.dispute} by {provider}.")
    account_id, credits, words = found.attempt.account_id, found.credits, found.attempt.words

    def first() -> None:
        claim()
        row = dispute_by_name(provider, event.dispute)
        assert row is not None
        row.closed_at, row.won = now, event.won

    def last(line: Any = None) -> None:  # noqa: ANN401
        row = dispute_by_name(provider, event.dispute)
        assert row is not None
        if line is not None:
            row.attempt.grant = line.draws[0].grant
        how = "dispute won" if event.won else "dispute lost"
        note(row.attempt, how, provider, now, credits=row.credits)
        if not event.won:
            _credit(row, now)

    if found.closed_at is not None:
        with transaction():
            claim()
    elif event.won and credits:
        command = AddGrant(Source.ADJUSTMENT, credits, None, f"Dispute won: {words}")
        post_between(account_id, command, now, first=first, last=last)
    else:
        with transaction():
            first()
            last()


def _credit(row: PaymentDispute, now: datetime) -> None:
    amount = min(row.amount, left_to_credit(row.attempt))
    if amount:
        money = Money(amount, row.currency)
        reason = f"Taken back by the payer's bank: {row.reason}"
        write_credit_note(f"dispute-{row.id}", row.attempt.key, money, reason, now)


def _view(row: PaymentDispute) -> DisputeView:
    account = account_by_id(row.attempt.account_id)
    assert account is not None
    return DisputeView(
        row.provider,
        row.dispute,
        account.slug,
        row.attempt.words,
        row.attempt.key,
        Money(row.amount, row.currency),
        row.reason,
        row.credits,
        row.opened_at,
        row.closed_at,
        row.won,
    )
