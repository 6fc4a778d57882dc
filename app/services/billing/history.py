"""VERBS: write down what happened with money, and read it, for each account. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.role import Access, Right
from app.hookspecs import Money
from app.services.audit.note import note as audit
from app.store.database import add
from app.store.money_events import PaymentEvent, events_about, money_events
from app.store.payments import PaymentAttempt
from app.store.people import person_by_id

COFFER = "Coffer"
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """Something that happened with an account's money. `by` says who did it, `kind` what.

    `details` has `money`, `reason`, `credits` and the like, as texts and numbers.
    """

    id: int
    at: datetime
    kind: str
    by: str
    details: dict[str, Any]


def note(
    attempt: PaymentAttempt,
    kind: str,
    by: str,
    now: datetime,
    person_id: int | None = None,
    **details: Any,  # noqa: ANN401 - texts and numbers
) -> None:
    """Write a line about an attempt, inside a running transaction."""
    money = str(Money(attempt.amount, attempt.currency))
    facts = {"words": attempt.words, "money": money, "key": attempt.key, **details}
    note_of(attempt.account_id, kind, by, now, person_id, attempt_id=attempt.id, **facts)


def note_of(
    account_id: int,
    kind: str,
    by: str,
    now: datetime,
    person_id: int | None = None,
    *,
    attempt_id: int | None = None,
    **details: Any,  # noqa: ANN401
) -> None:
    """Write a line about an account, inside a running transaction."""
    kept = {name: value for name, value in details.items() if value is not None}
    add(
        PaymentEvent(
            account_id=account_id,
            attempt_id=attempt_id,
            at=now,
            kind=kind,
            by=by,
            person_id=person_id,
            details=kept,
        )
    )
    what, provider = kind.replace(" ", "_").replace("-", "_"), None if by == COFFER else by
    about = str(kept.get("words", ""))
    audit(
        f"billing.{what}", account_id, now, about=about, after=kept, by=person_id, provider=provider
    )


def money_history(
    access: Access, *, before: int | None = None, limit: int = AT_ONCE
) -> list[MoneyLine]:
    """List what happened with an account's money, the latest first; for its owner."""
    access.require(Right.MANAGE_BILLING)
    return lines_of(access.account_id, before=before, limit=limit)


def lines_of(
    account_id: int, *, before: int | None = None, limit: int = AT_ONCE
) -> list[MoneyLine]:
    """The same for operators."""
    return [_line(row) for row in money_events(account_id, limit, before)]


def lines_about(attempt_id: int) -> list[MoneyLine]:
    """List what happened with one payment, the first thing first; for operators."""
    return [_line(row) for row in events_about(attempt_id)]


def _line(row: PaymentEvent) -> MoneyLine:
    return MoneyLine(row.id, row.at, row.kind, _who(row), row.details)


def _who(row: PaymentEvent) -> str:
    person = person_by_id(row.person_id) if row.person_id is not None else None
    return person.name if person else row.by
