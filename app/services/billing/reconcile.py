"""VERBS: compare a provider's books with ours, keep what differs, and tell the operators once.

What we learnt of late stands earlier in their books, so theirs are read from some days before;
what moved a moment ago may not have reached ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.payment import AttemptState
from app.domain.refusals import Conflict
from app.hookspecs import BillingProvider, Money, ProviderPayment
from app.plugin_manager import Failed
from app.services.billing.providers import Desk, consult, desks, required_desk
from app.services.billing.tell import tell_operators
from app.store.book_differences import BookDifference, difference, standing_differences
from app.store.database import add, transaction
from app.store.payments import (
    PaymentAttempt,
    attempt_by_key,
    attempt_by_reference,
    processed_between,
)
from app.store.refunds import refunds_of

DAYS = 7
BEFORE, SLACK, SETTLED = timedelta(days=3), timedelta(hours=1), timedelta(minutes=15)
MOST_SHOWN = 20
MISSING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A payment about which the books differ. `kind` is missing here, missing there, amount,
    state or refunded; `ours` and `theirs` say what each side has.
    """

    provider: str
    kind: str
    about: str
    ours: str
    theirs: str
    paid_at: datetime


def reconcile_all(now: datetime) -> int:
    """Compare the last week with every provider that is there; returns how many differences."""
    count = 0
    for at in desks(now):
        try:
            count += len(_reconcile(at, now - timedelta(days=DAYS), now - SETTLED, now))
        except Conflict:
            continue
    return count


def reconcile(provider: str, since: datetime, until: datetime, now: datetime) -> list[Difference]:
    """Compare one provider's books with ours within a span, and keep what differs.

    Raises `Conflict` when the provider is not there or can't tell.
    """
    return _reconcile(required_desk(provider, now), since, until, now)


def book_differences(provider: str | None = None) -> list[Difference]:
    """List what differed when the books were compared last, for the operator's page."""
    return [
        Difference(row.provider, row.kind, row.about, row.ours, row.theirs, row.paid_at)
        for row in standing_differences(provider)
    ]


def _reconcile(at: Desk, since: datetime, until: datetime, now: datetime) -> list[Difference]:
    theirs = _their_books(at, since - BEFORE, until + SLACK)
    with transaction():
        found = list(_compared(at.key, theirs, since, until))
        new = [each for each in found if _keep(each, now)]
        _let_go(at.key, {(each.kind, each.about) for each in found}, since, until, now)
        if new:
            _tell(at.title, new, now)
    return found


def _their_books(at: Desk, since: datetime, until: datetime) -> list[ProviderPayment]:
    def read(provider: BillingProvider) -> list[ProviderPayment]:
        return list(provider.payments(since, until))

    found = consult(at, "payments", read, _wrong_books)
    if isinstance(found, Failed):
        raise Conflict(f"{at.title} can't tell its payments now: {found.reason}.")
    return list(found)


def _compared(
    provider: str, theirs: list[ProviderPayment], since: datetime, until: datetime
) -> Iterator[Difference]:
    seen = {payment.reference for payment in theirs}
    for payment in theirs:
        if since <= payment.at < until:
            yield from _differences(provider, payment, _ours(provider, payment))
    for row in processed_between(provider, since, until):
        if row.reference not in seen:
            money = str(_money(row))
            yield Difference(provider, "missing there", row.key, money, MISSING, row.changed_at)


def _ours(provider: str, payment: ProviderPayment) -> PaymentAttempt | None:
    by_key = attempt_by_key(payment.key) if payment.key else None
    found = by_key or attempt_by_reference(provider, payment.reference)
    return found if found is not None and found.provider == provider else None


def _differences(
    provider: str, payment: ProviderPayment, row: PaymentAttempt | None
) -> Iterator[Difference]:
    about = row.key if row else payment.key or payment.reference
    pairs: dict[str, tuple[str, str]] = {}
    if row is None:
        pairs["missing here"] = (MISSING, str(payment.money))
    else:
        pairs["amount"] = (str(_money(row)), str(payment.money))
        pairs["state"] = (row.state.value, AttemptState.PROCESSED.value)
        back, currency = _given_back(row), payment.money.currency
        pairs["refunded"] = (str(Money(back, currency)), str(Money(payment.refunded, currency)))
    for kind, (ours, told) in pairs.items():
        if ours != told:
            yield Difference(provider, kind, about, ours, told, payment.at)


def _given_back(row: PaymentAttempt) -> int:
    done = [each for each in refunds_of([row.id]) if each.state is AttemptState.PROCESSED]
    return sum(each.amount for each in done)


def _keep(found: Difference, now: datetime) -> bool:
    """Keep a difference; tells whether it is new, or is there again."""
    row = difference(found.provider, found.kind, found.about)
    is_new = row is None or row.gone_at is not None
    if row is None:
        row = BookDifference(
            provider=found.provider, kind=found.kind, about=found.about, found_at=now
        )
    row.ours, row.theirs, row.paid_at = found.ours, found.theirs, found.paid_at
    row.seen_at, row.gone_at = now, None
    add(row)
    return is_new


def _let_go(
    provider: str, standing: set[tuple[str, str]], since: datetime, until: datetime, now: datetime
) -> None:
    for row in standing_differences(provider):
        if since <= row.paid_at < until and (row.kind, row.about) not in standing:
            row.gone_at = now


def _tell(title: str, new: list[Difference], now: datetime) -> None:
    lines = [f"{e.about}, {e.kind}: {e.ours} here, {e.theirs} there." for e in new[:MOST_SHOWN]]
    if len(new) > MOST_SHOWN:
        lines.append(f"And {len(new) - MOST_SHOWN} more.")
    count = f"{len(new)} difference{'s' if len(new) > 1 else ''}"
    tell_operators("books_differ", now, provider=title, count=count, what=" ".join(lines))


def _money(row: PaymentAttempt) -> Money:
    return Money(row.amount, row.currency)


def _wrong_books(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    if all(isinstance(each, ProviderPayment) for each in answer):
        return None
    return "it answered with something that is no ProviderPayment"


def as_data(found: list[Difference]) -> list[Mapping[str, object]]:
    """Spell differences for a program."""
    return [{name: getattr(each, name) for name in Difference.__slots__} for each in found]
