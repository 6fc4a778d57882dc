"""VERBS: ask what became of attempts, give them up, and make good what a crash left half done.

Whatever is open or unknown is asked about, ever more rarely, and never paid again. An attempt
that a crash left between being written down and being asked for is found to have never arrived.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app.domain.payment import PAY_WITHIN, UNRESOLVED, AttemptState, ask_after
from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.hookspecs import BillingProvider, Cancelled, Outcome, Unknown
from app.services.billing.attempt import AttemptView, is_believed_lost, view_of
from app.services.billing.effects import fell_past_due
from app.services.billing.patience import Patience
from app.services.billing.payments import declined
from app.services.billing.providers import ask
from app.services.billing.record import take_outcome
from app.store.database import transaction
from app.store.due_payments import claim_attempt, due_attempts, overdue_attempts
from app.store.payments import PaymentAttempt, attempt_by_key, attempts_of, unresolved_for_plan

AT_ONCE = 100
NOT_YET = "It has not arrived, and may still be on its way."


def payment(access: Access, key: str, now: datetime) -> AttemptView:
    """Show one of an account's payments, asking the provider first while its end is not known.

    That is what the page shows to which a payer comes back. `NotFound` for other accounts'.
    """
    row = _own(access, key)
    if row.state in UNRESOLVED:
        ask_about(key, now)
        row = _own(access, key)
    return view_of(row)


def payments_of(access: Access, *, before: int | None = None, limit: int = 50) -> list[AttemptView]:
    """List an account's payments, the latest first, as they are known. `before` is a view's id."""
    access.require(Right.MANAGE_BILLING)
    return [view_of(row) for row in attempts_of(access.account_id, limit, before)]


def give_up(access: Access, key: str, now: datetime) -> AttemptView:
    """Give up a payment that is pending; where that is too late, it shows what became of it."""
    _own(access, key)
    withdraw(key, now)
    return view_of(_own(access, key))


def withdraw(key: str, now: datetime) -> bool:
    """Have the provider give an attempt up; tells whether it has come to an end without money."""
    state = _asked(key, "cancel_charge", now)
    return state in (AttemptState.CANCELLED, AttemptState.DECLINED)


def withdraw_for_plan(account_id: int, now: datetime) -> bool:
    """Withdraw whatever is under way for an account's plan; False when some can't be."""
    return all(withdraw(key, now) for key in unresolved_for_plan(account_id))


def ask_about(key: str, now: datetime) -> AttemptState:
    """Ask the provider what became of an attempt, and take what it tells."""
    return _asked(key, "find_charge", now)


def ask_about_due(now: datetime) -> int:
    """Ask about every attempt that is due; any number of processes share them. Returns how many."""
    done, patience = 0, Patience()
    while due := due_attempts(now, AT_ONCE, without=patience.lost()):
        before = done
        for key, provider, asked in due:
            if not patience.is_over(provider) and _claimed(key, asked, now):
                patience.note(provider, ask_about(key, now))
                done += 1
        if done == before:
            break
    return done


def _claimed(key: str, asked: int, now: datetime) -> bool:
    with transaction():
        return claim_attempt(key, asked, now + ask_after(asked + 1))


def let_fall_overdue(now: datetime) -> int:
    """Let plans fall past due whose payment was pending for two weeks; it can still be paid."""
    keys = overdue_attempts(now - PAY_WITHIN, AT_ONCE)
    for key in keys:
        _fall_overdue(key, now)
    return len(keys)


def _fall_overdue(key: str, now: datetime) -> None:
    row = attempt_by_key(key)
    assert row is not None
    assert row.period is not None

    def first() -> None:
        taken = attempt_by_key(key, lock=True)
        assert taken is not None
        taken.is_failure = True

    def last() -> None:
        taken = attempt_by_key(key)
        assert taken is not None
        fell_past_due(taken, now)

    declined(row.account_id, row.period, now, first=first, last=last)


def _asked(key: str, what: Literal["find_charge", "cancel_charge"], now: datetime) -> AttemptState:
    with transaction():  # it ends before the provider is asked
        row = attempt_by_key(key)
        if row is None:
            raise NotFound("No payment has this key.")
        provider, reference, state = row.provider, row.reference, row.state
        believed = is_believed_lost(row, now)

    def question(desk: BillingProvider) -> Outcome:
        outcome: Outcome = getattr(desk, what)(key, reference)
        return outcome

    if state not in UNRESOLVED:
        return state
    outcome = ask(provider, what, question, now)
    if isinstance(outcome, Cancelled) and not believed:
        outcome = Unknown(NOT_YET)
    return take_outcome(key, outcome, now, withdrawn=what == "cancel_charge")


def _own(access: Access, key: str) -> PaymentAttempt:
    access.require(Right.MANAGE_BILLING)
    row = attempt_by_key(key)
    if row is None or row.account_id != access.account_id:
        raise NotFound
    return row
