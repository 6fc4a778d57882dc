"""VERB: take what was told of an attempt, by whomever, and let follow from it what follows, once.

It may be told any number of times and in any order. Money that came and can't have its effect is
noted as a problem, and the operators are told: it is never lost from sight.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from app.domain.payment import FAILED, AttemptState, Purpose
from app.domain.refusals import NotFound, Refusal
from app.hookspecs import Money, Outcome, Processed, Unknown
from app.services.billing.effects import EFFECTS, on_auto_failure, on_period_failure, only_note
from app.services.billing.history import COFFER, note
from app.services.billing.providers import title_of
from app.services.billing.step import Step, Unmoved
from app.services.billing.tell import tell_operators
from app.services.directory import Outdated
from app.store.database import transaction
from app.store.payments import LONGEST_WORDS, PaymentAttempt, attempt_by_key

Effect = Callable[[Step, PaymentAttempt], None]


def take_outcome(
    key: str,
    outcome: Outcome,
    now: datetime,
    *,
    by: str = COFFER,
    claim: Callable[[], object] = lambda: None,
    provider: str | None = None,
    withdrawn: bool = False,
) -> AttemptState:
    """Take an outcome; returns how the attempt stands then. `by` says who told.

    A `provider` is believed about its own attempts only. What was `withdrawn` at the wish of the
    one who pays is no failure of theirs.

    `claim` runs in the transaction in which it takes effect, or by itself when nothing follows.
    Raises `NotFound` for a key that was never given.
    """
    row = attempt_by_key(key)
    if row is None or provider not in (None, row.provider):
        raise NotFound("No payment has this key.")
    title = title_of(row.provider, now)
    step = Step(key, _checked(outcome, row), now, by, title, claim, withdrawn)
    try:
        _effect(step, row)(step, row)
    except Unmoved:
        with transaction():
            claim()
    except Outdated:
        raise
    except Refusal as refusal:
        if isinstance(step.outcome, Processed):
            _without_effect(step, refusal)
        else:
            only_note(step, row)
    return step.row().state


def _effect(step: Step, row: PaymentAttempt) -> Effect:
    if step.state is AttemptState.PROCESSED:
        return EFFECTS[row.purpose]
    if step.withdrawn:
        return only_note
    if step.state in FAILED and row.purpose is Purpose.PERIOD and not row.present:
        return on_period_failure
    if step.state in FAILED and row.purpose is Purpose.AUTO_TOP_UP:
        return on_auto_failure
    return only_note


def _checked(outcome: Outcome, row: PaymentAttempt) -> Outcome:
    """What took another amount than was asked for is nothing that we understand."""
    asked = Money(row.amount, row.currency)
    if isinstance(outcome, Processed) and outcome.money != asked:
        return Unknown(f"It says that {outcome.money} moved, and {asked} was asked for.")
    tax = [line.money for line in getattr(outcome, "tax", ())]
    is_foreign = any(each.currency != asked.currency for each in tax)
    if is_foreign or sum(each.amount for each in tax) > asked.amount:
        return Unknown(f"Its tax is not contained in the {asked} that were asked for.")
    return outcome


def _without_effect(step: Step, refusal: Refusal) -> None:
    with transaction():
        row = step.first()
        row.problem = refusal.detail[:LONGEST_WORDS]
        note(row, "problem", step.by, step.now, reason=row.problem)
        money = Money(row.amount, row.currency)
        what = f"{row.words} ({money}, {row.key}): {row.problem}"
        tell_operators("payment_problem", step.now, what=what)
        with suppress(Refusal):  # the document itself may be what can't be written
            step.last()
