"""VERBS: give the money of an unused pack back. The credits leave first, and come back if not.

An owner may for two weeks, an operator at any time; only while nothing of the pack was used.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.payment import (
    ARRIVES_WITHIN,
    REFUND_WITHIN,
    UNRESOLVED,
    AttemptState,
    ask_after,
)
from app.domain.refusals import Conflict, NotFound
from app.domain.role import Access, Right
from app.domain.take_back import TakeBackUnused
from app.hookspecs import BillingProvider, Cancelled, Money, Outcome, Refund, RefundChanged, Unknown
from app.services.billing.history import COFFER, note
from app.services.billing.providers import ask
from app.services.billing.refund_outcome import take_refund_made_elsewhere, take_refund_outcome
from app.services.credits.within import post_between
from app.services.workspaces.access import present_access
from app.store.database import add, transaction
from app.store.payments import PaymentAttempt, attempt_by_key
from app.store.refunds import (
    PaymentRefund,
    claim_refund,
    due_refunds,
    refund_by_key,
    refund_by_reference,
    refunded_amount,
)

AT_ONCE = 100
UNUSED = "The pack was not used."
NOT_YET = "It has not arrived, and may still be on its way."


def refund_pack(access: Access, key: str, now: datetime) -> AttemptState:
    """Give back a pack that was bought within two weeks and not used, as its owner.

    Returns how the refund stands. Raises `Conflict` when it was used, refunded or is too old.
    """

    def allowed() -> None:
        present_access(access, Right.MANAGE_BILLING)
        row = attempt_by_key(key)
        if row is None or row.account_id != access.account_id:
            raise NotFound
        if now - row.changed_at > REFUND_WITHIN:
            days = REFUND_WITHIN.days
            raise Conflict(f"A pack can be given back for {days} days. Write to the operator.")

    return _refund(key, UNUSED, access.person_id, allowed, now)


def refund_as_operator(
    key: str, reason: str, now: datetime, person_id: int | None = None
) -> AttemptState:
    """Give back a pack that was not used, however old it is, as an operator."""
    return _refund(key, reason.strip() or UNUSED, person_id, lambda: None, now)


def ask_about_due_refunds(now: datetime) -> int:
    """Ask what became of refunds whose end is not known; returns how many were asked about."""
    done = 0
    for key, asked in due_refunds(now, AT_ONCE):
        with transaction():
            ours = claim_refund(key, asked, now + ask_after(asked + 1))
        if ours:
            _ask_about(key, now)
            done += 1
    return done


def take_refund(
    provider: str, event: RefundChanged, now: datetime, *, claim: Callable[[], object]
) -> None:
    """Take what a provider told of a refund, also of one that was made there and not here."""
    known = refund_by_key(event.key) if event.key else None
    if known is None and (reference := getattr(event.outcome, "reference", None)):
        known = refund_by_reference(provider, reference)
    if known is None:
        take_refund_made_elsewhere(provider, event, now, claim=claim)
    elif known.attempt.provider != provider:
        raise NotFound
    else:
        take_refund_outcome(known.key, event.outcome, now, by=provider, claim=claim)


def _refund(
    key: str, reason: str, person_id: int | None, allowed: Callable[[], None], now: datetime
) -> AttemptState:
    bought = attempt_by_key(key)
    if bought is None:
        raise NotFound
    if bought.grant is None or bought.state is not AttemptState.PROCESSED:
        raise Conflict("No credits came of this payment that could be given back.")
    refund_key = f"refund-{secrets.token_hex(12)}"

    def first() -> None:
        allowed()
        row = attempt_by_key(key, lock=True)
        assert row is not None
        if refunded_amount(row.id):
            raise Conflict("This was given back before, or is about to be.")

    def last(line: Any) -> None:  # noqa: ANN401 - the line of the pool's history
        row = attempt_by_key(key)
        assert row is not None
        add(_open_refund(row, refund_key, -line.credits, reason, person_id, now))
        note(row, "refund asked", COFFER, now, person_id, reason=reason, credits=-line.credits)

    command = TakeBackUnused(bought.grant, f"Refund of {bought.words}: {reason}")
    post_between(bought.account_id, command, now, first=first, last=last)
    return take_refund_outcome(refund_key, _call(refund_key, now), now)


def _open_refund(
    row: PaymentAttempt,
    key: str,
    credits: int,
    reason: str,
    person_id: int | None,
    now: datetime,
) -> PaymentRefund:
    return PaymentRefund(
        key=key,
        attempt_id=row.id,
        person_id=person_id,
        amount=row.amount,
        currency=row.currency,
        credits=credits,
        reason=reason,
        state=AttemptState.OPEN,
        created_at=now,
        changed_at=now,
        due_at=now + ask_after(0),
    )


def _call(key: str, now: datetime) -> Outcome:
    with transaction():  # it ends before the call begins
        row = refund_by_key(key)
        assert row is not None
        assert row.attempt.reference is not None
        money = Money(row.amount, row.currency)
        refund = Refund(key, row.attempt.reference, money, row.reason)
        provider = row.attempt.provider
    return ask(provider, "refund", lambda desk: desk.refund(refund), now)


def _ask_about(key: str, now: datetime) -> None:
    with transaction():
        row = refund_by_key(key)
        assert row is not None
        provider, reference, state = row.attempt.provider, row.reference, row.state
        may_arrive = now - row.created_at < ARRIVES_WITHIN and state is not AttemptState.PENDING

    def question(desk: BillingProvider) -> Outcome:
        return desk.find_refund(key, reference)

    if state in UNRESOLVED:
        outcome = ask(provider, "find_refund", question, now)
        if isinstance(outcome, Cancelled) and may_arrive:
            outcome = Unknown(NOT_YET)
        take_refund_outcome(key, outcome, now)
