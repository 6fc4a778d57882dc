"""VERBS: take what was told of a refund, once: it went back, or the credits come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.command import AddGrant
from app.domain.grant import Source
from app.domain.payment import FAILED, UNRESOLVED, AttemptState, Purpose, ask_after, follows
from app.domain.take_back import NothingLeft, TakeBackRest
from app.hookspecs import Money, Outcome, Processed, RefundChanged
from app.services.billing.history import COFFER, note
from app.services.billing.invoices.write_invoice import write_credit_note
from app.services.billing.step import STATES, Unmoved
from app.services.billing.tell import tell_operators
from app.services.billing.waiting import known_payment
from app.services.credits.within import post_between
from app.store.database import add, transaction
from app.store.payments import LONGEST_WORDS, PaymentAttempt, attempt_by_id
from app.store.refunds import PaymentRefund, refund_by_key, refunded_amount

MADE_ELSEWHERE = "It was made at the provider."
Nothing = Callable[[], object]


def take_refund_outcome(
    key: str,
    outcome: Outcome,
    now: datetime,
    *,
    by: str = COFFER,
    claim: Nothing = lambda: None,
) -> AttemptState:
    """Take an outcome of a refund of ours; returns how it stands then."""
    row = _row(key)
    told = STATES[type(outcome)]

    def first() -> None:
        claim()
        _write(_row(key, lock=True), outcome, now)

    def last(line: Any = None) -> None:  # noqa: ANN401 - the line of the pool's history
        refund = _row(key)
        if line is not None:
            refund.given_back, refund.attempt.grant = True, line.draws[0].grant
        said = _said(refund, outcome)
        note(refund.attempt, f"refund {told.value}", by, now, refund.person_id, **said)
        if told is AttemptState.PROCESSED:
            _credit(refund.attempt, key, Money(refund.amount, refund.currency), refund.reason, now)

    try:
        if told in FAILED and row.credits and not row.given_back:
            words = f"The refund of {row.attempt.words} did not happen"
            command = AddGrant(Source.ADJUSTMENT, row.credits, None, words)
            post_between(row.attempt.account_id, command, now, first=first, last=last)
        else:
            with transaction():
                first()
                last()
    except Unmoved:
        with transaction():
            claim()
    return _row(key).state


def take_refund_made_elsewhere(
    provider: str, event: RefundChanged, now: datetime, *, claim: Nothing
) -> None:
    """Take a refund that somebody made at the provider: of a whole pack, the rest leaves the pool.

    The operators are told in any case.
    """
    paid, outcome = known_payment(provider, event.charge), event.outcome
    if not isinstance(outcome, Processed):
        with transaction():
            claim()
        return
    key, money = f"elsewhere-{outcome.reference}"[:80], outcome.money
    attempt_id = paid.id

    def first() -> None:
        claim()

    def last(line: Any = None) -> None:  # noqa: ANN401
        row, credits = attempt_by_id(attempt_id), -line.credits if line is not None else 0
        add(_made_elsewhere(row, key, outcome, credits, now))
        note(row, "refund processed", provider, now, reason=MADE_ELSEWHERE, credits=credits)
        _credit(row, key, money, MADE_ELSEWHERE, now)
        what = f"{money} of {row.words} ({row.key}) went back: {MADE_ELSEWHERE}"
        tell_operators("payment_problem", now, what=what)

    whole = money.amount == paid.amount and paid.purpose in (Purpose.TOP_UP, Purpose.AUTO_TOP_UP)
    take_rest(paid if whole else None, f"Refund of {paid.words}", now, first=first, last=last)


def take_rest(
    paid: PaymentAttempt | None,
    reason: str,
    now: datetime,
    *,
    first: Nothing,
    last: Callable[..., object],
) -> None:
    """Take back what is left of what was bought, if anything is; `last` is given the line."""
    if paid is not None and paid.grant is not None:
        command = TakeBackRest(paid.grant, reason)
        try:
            post_between(paid.account_id, command, now, first=first, last=last)
        except NothingLeft:
            pass
        else:
            return
    with transaction():
        first()
        last()


def _row(key: str, *, lock: bool = False) -> PaymentRefund:
    row = refund_by_key(key, lock=lock)
    assert row is not None
    return row


def _write(row: PaymentRefund, outcome: Outcome, now: datetime) -> None:
    told = STATES[type(outcome)]
    if not follows(row.state, told) or (row.given_back and told is not AttemptState.PROCESSED):
        raise Unmoved("It stands as it did.")
    row.state, row.changed_at = told, now
    row.reference = getattr(outcome, "reference", None) or row.reference
    row.due_at = now + ask_after(row.asked) if told in UNRESOLVED else None


def _said(row: PaymentRefund, outcome: Outcome) -> dict[str, Any]:
    reason = getattr(outcome, "reason", None) or row.reason
    return {"reason": reason[:LONGEST_WORDS], "credits": row.credits, "refund": row.key}


def _credit(row: PaymentAttempt, key: str, money: Money, reason: str, now: datetime) -> None:
    write_credit_note(key, row.key, money, reason, now)


def _made_elsewhere(
    row: PaymentAttempt, key: str, outcome: Processed, credits: int, now: datetime
) -> PaymentRefund:
    return PaymentRefund(
        key=key,
        attempt_id=row.id,
        amount=outcome.money.amount,
        currency=outcome.money.currency,
        credits=credits,
        reason=MADE_ELSEWHERE,
        state=AttemptState.PROCESSED,
        reference=outcome.reference,
        created_at=now,
        changed_at=now,
    )


def left_to_credit(row: PaymentAttempt) -> int:
    """How much of a payment did not go back yet, in the minor unit."""
    return max(row.amount - refunded_amount(row.id), 0)
