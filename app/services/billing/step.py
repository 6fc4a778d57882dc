"""One step of an attempt: what was told of it, as the beginning and end of what that brings about.

Whatever follows from an outcome happens in the transaction that writes the outcome down. `first`
begins it: it takes the attempt, and raises `Unmoved` when this was known before. `last` ends it,
since invoices keep their series locked until the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.invoice import Line
from app.domain.payment import FAILED, UNRESOLVED, AttemptState, ask_after, follows
from app.domain.refusals import Refusal
from app.hookspecs import Cancelled, Declined, Money, Outcome, Pending, Processed, Unknown
from app.services.billing.history import note
from app.services.billing.invoices.write_invoice import Billed, cancel_invoice, write_invoice
from app.services.billing.tell import tell_owner
from app.store.payers import keep_payer
from app.store.payments import LONGEST_WORDS, PaymentAttempt, attempt_by_key

STATES = {
    Processed: AttemptState.PROCESSED,
    Declined: AttemptState.DECLINED,
    Pending: AttemptState.PENDING,
    Cancelled: AttemptState.CANCELLED,
    Unknown: AttemptState.UNKNOWN,
}
NOT_PAID = "The payment did not come."
# Who gave a payment up to pay in another way has so long before it is tried again by itself.
LEAVE_IN_PEACE = timedelta(hours=1)


class Unmoved(Refusal):
    """What was told is known already, or says less than what is known. Never leaves here."""

    code, title = "unmoved", "This is known"


@dataclass(slots=True)
class Step:
    """What was told of an attempt, `by` whom. `provider` is the title that people know.

    `claim` runs first of all; it raises when somebody else is at this very step.
    """

    key: str
    outcome: Outcome
    now: datetime
    by: str
    provider: str
    claim: Callable[[], object]
    withdrawn: bool = False

    @property
    def state(self) -> AttemptState:
        """The state that this outcome means."""
        return STATES[type(self.outcome)]

    def first(self) -> PaymentAttempt:
        """Take the attempt and write down what was told of it, or raise `Unmoved`."""
        self.claim()
        row = self.row(lock=True)
        before, told = row.state, self.state
        if not follows(before, told):
            raise Unmoved("It stands as it did.")
        row.state = told
        row.is_failure |= self.counts_after(before)
        self._write(row, before)
        return row

    def counts_after(self, before: AttemptState) -> bool:
        """Tell whether this is a failure of the payer's, and not one of the line."""
        if self.withdrawn:
            return False
        given_up = before is AttemptState.PENDING and self.state is AttemptState.CANCELLED
        return self.state is AttemptState.DECLINED or given_up

    def last(self, **details: str | int) -> None:
        """Note it in the history and on invoices."""
        row = self.row()
        said: dict[str, Any] = {"reason": row.reason, "reference": row.reference, **details}
        note(row, self.state.value, self.by, self.now, provider=self.provider, **said)
        if isinstance(self.outcome, Processed) or getattr(self.outcome, "instructions", None):
            write_invoice(self._billed(row), self.now)
        elif self.state in FAILED:
            cancel_invoice(self.key, row.reason or NOT_PAID, self.now)

    def row(self, *, lock: bool = False) -> PaymentAttempt:
        """Find the attempt."""
        row = attempt_by_key(self.key, lock=lock)
        assert row is not None
        return row

    def _write(self, row: PaymentAttempt, before: AttemptState) -> None:
        outcome = self.outcome
        row.changed_at = self.now
        row.reference = getattr(outcome, "reference", None) or row.reference
        row.reason = (getattr(outcome, "reason", None) or "")[:LONGEST_WORDS] or None
        unresolved = row.state in UNRESOLVED
        row.due_at = self.now + ask_after(row.asked) if unresolved else None
        if self.withdrawn:
            row.retry_at = self.now + LEAVE_IN_PEACE
        if not unresolved:
            row.visit = row.instructions = None
        if payer := getattr(outcome, "payer_reference", None):
            keep_payer(row.account_id, row.provider, payer)
        if isinstance(outcome, Pending):
            self._show(row, outcome, before)

    def _show(self, row: PaymentAttempt, outcome: Pending, before: AttemptState) -> None:
        """Keep where or how to pay; who was not there when it was asked for gets a mail."""
        row.visit = outcome.visit or row.visit
        row.instructions = outcome.instructions or row.instructions
        if not row.present and before is not AttemptState.PENDING:
            tell_owner(
                row.account_id,
                "payment_wanted",
                self.now,
                words=row.words,
                money=str(_money(row)),
                instructions=outcome.instructions or "",
            )

    def _billed(self, row: PaymentAttempt) -> Billed:
        outcome = self.outcome
        assert isinstance(outcome, Processed | Pending)
        processed = isinstance(outcome, Processed)
        return Billed(
            row.account_id,
            row.key,
            row.currency,
            (Line(row.words, 1, row.amount),),
            self.provider,
            tuple(outcome.tax),
            paid_at=self.now if processed else None,
            instructions="" if processed else getattr(outcome, "instructions", None) or "",
        )


def _money(row: PaymentAttempt) -> Money:
    return Money(row.amount, row.currency)
