"""What follows from an attempt: a plan begins, a period is paid, credits enter, or it failed.

Each effect is one transaction, together with the outcome itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.domain.command import AddGrant
from app.domain.grant import NEVER, Source
from app.domain.payment import FAILED, Purpose, ask_after, auto_retry_after, retry_at
from app.domain.refusals import Conflict
from app.hookspecs import Money
from app.services.billing.history import COFFER, note_of
from app.services.billing.payments import bought, declined, paid
from app.services.billing.read import plan_of
from app.services.billing.step import Step
from app.services.billing.tell import tell_owner
from app.services.credits.within import post_between
from app.services.directory import directory
from app.store.accounts import AccountKind, account_by_id
from app.store.auto_top_ups import auto_top_up
from app.store.database import add, transaction
from app.store.payments import PaymentAttempt, failures_of
from app.store.subscriptions import Subscription, SubscriptionState, lock_subscription

REASON_UNKNOWN = "The provider gave no reason."


def only_note(step: Step, _row: PaymentAttempt) -> None:
    """Nothing follows but that it is written down."""
    with transaction():
        step.first()
        step.last()


def begin_plan(step: Step, row: PaymentAttempt) -> None:
    """The plan begins; one with workspaces, bought by a person, waits for its workspace."""
    account = account_by_id(row.account_id)
    assert account is not None
    assert row.plan is not None
    assert row.person_id is not None
    plan = directory().catalogue(step.now).plan(row.plan)
    if row.state in FAILED and plan_of(account, step.now).plan == plan.key:
        raise Conflict("The plan runs already, by another payment, so the money came twice.")
    if account.kind is AccountKind.PERSONAL and plan.workspaces:
        _begin_without_workspace(step, row.person_id, row.plan, row.provider)
        return
    bought(
        row.account_id,
        row.person_id,
        row.plan,
        row.provider,
        step.now,
        first=step.first,
        last=step.last,
    )


def _begin_without_workspace(step: Step, person_id: int, plan: str, provider: str) -> None:
    with transaction():
        step.first()
        add(
            Subscription(
                person_id=person_id,
                plan=plan,
                provider=provider,
                state=SubscriptionState.ACTIVE,
                created_at=step.now,
            )
        )
        step.last()


def pay_period(step: Step, row: PaymentAttempt) -> None:
    """The period is paid; who paid by another way than before goes on with that."""
    account_id, period = row.account_id, row.period
    provider = row.provider if row.present else None
    assert period is not None

    def first() -> None:
        step.first()
        subscription = lock_subscription(account_id)
        if subscription is not None and period <= subscription.paid_through:
            raise Conflict("This period was paid already, so the money came twice.")

    paid(account_id, period, step.now, provider=provider, first=first, last=step.last)


def add_credits(step: Step, row: PaymentAttempt) -> None:
    """The credits enter the pool, once: the attempt moves to processed in the same transaction."""
    words = f"{row.words}, {row.key}"
    command = AddGrant(Source.TOP_UP, row.credits, None, words)

    def first() -> None:
        taken = step.first()
        if taken.purpose is Purpose.AUTO_TOP_UP and (set_ := auto_top_up(taken.account_id)):
            set_.failures, set_.retry_at = 0, None

    def last(line: Any) -> None:  # noqa: ANN401 - the line of the pool's history
        (drawn,) = line.draws
        step.row().grant = drawn.grant
        step.last(credits=line.credits)

    post_between(row.account_id, command, step.now, first=first, last=last)


def on_period_failure(step: Step, row: PaymentAttempt) -> None:
    """A period was not paid: it is tried again on its day, or the plan falls past due."""
    assert row.subscription_id is not None
    assert row.period is not None
    failures, first_failed = failures_of(row.subscription_id, row.period)
    again = retry_at(first_failed or step.now, failures + 1)

    def first() -> None:
        taken = step.first()
        # What never arrived says nothing about the payer: it is tried again soon.
        soon = step.now + ask_after(taken.asked)
        taken.retry_at = (again or NEVER) if taken.is_failure else soon
        if taken.is_failure and again is not None:
            _tell_failed(taken, step.now, again)

    def past_due() -> None:
        step.last()
        fell_past_due(step.row(), step.now)

    if again is None and step.counts_after(row.state):
        declined(row.account_id, row.period, step.now, first=first, last=past_due)
        return
    with transaction():
        first()
        step.last()


def fell_past_due(row: PaymentAttempt, now: datetime) -> None:
    """Say that the days of grace began, if they did, inside the transaction in which they do."""
    subscription = lock_subscription(row.account_id)
    if subscription is None or subscription.state is not SubscriptionState.PAST_DUE:
        return
    note_of(row.account_id, "past due", COFFER, now, attempt_id=row.id, words=row.words)
    tell_owner(
        row.account_id,
        "payment_past_due",
        now,
        words=row.words,
        money=str(Money(row.amount, row.currency)),
    )


def on_auto_failure(step: Step, row: PaymentAttempt) -> None:
    """Automatic top-up waits longer after each failure, and switches itself off after three."""
    with transaction():
        taken = step.first()
        set_ = auto_top_up(row.account_id, lock=True)
        if set_ is not None and set_.is_on:
            set_.failures += taken.is_failure
            wait = auto_retry_after(max(set_.failures, 1))
            set_.retry_at = None if wait is None else step.now + wait
            if wait is None:
                set_.is_on, set_.stopped_because = False, taken.reason or REASON_UNKNOWN
                _tell_stopped(taken, step.now)
        step.last()


def _tell_failed(row: PaymentAttempt, now: datetime, again: datetime) -> None:
    tell_owner(
        row.account_id,
        "payment_failed",
        now,
        words=row.words,
        money=str(Money(row.amount, row.currency)),
        reason=row.reason or REASON_UNKNOWN,
        again=again,
    )


def _tell_stopped(row: PaymentAttempt, now: datetime) -> None:
    note_of(row.account_id, "auto top-up stopped", COFFER, now, attempt_id=row.id)
    reason = row.reason or REASON_UNKNOWN
    tell_owner(row.account_id, "auto_top_up_stopped", now, words=row.words, reason=reason)


EFFECTS: Mapping[Purpose, Callable[[Step, PaymentAttempt], None]] = {
    Purpose.PLAN: begin_plan,
    Purpose.PERIOD: pay_period,
    Purpose.TOP_UP: add_credits,
    Purpose.AUTO_TOP_UP: add_credits,
}
