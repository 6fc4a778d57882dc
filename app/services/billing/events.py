"""VERBS: read what arrived at a plugin's address, and take what its provider tells, once for ever.

An event takes effect in the transaction that claims its id. One about a payment that is not known
yet waits, since events may come in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.domain.refusals import NotFound, Refusal
from app.hookspecs import (
    BadSignature,
    ChargeChanged,
    Delivery,
    DisputeClosed,
    DisputeOpened,
    ProviderEvent,
    RefundChanged,
)
from app.plugin_manager import Failed
from app.services.billing.dispute import close_dispute, open_dispute
from app.services.billing.providers import Desk, consult, desks, wrong_outcome
from app.services.billing.record import take_outcome
from app.services.billing.refund import take_refund
from app.services.billing.spelled import event_from, facts_of
from app.services.billing.tell import tell_operators
from app.services.billing.waiting import NotKnownYet
from app.store.database import UniqueTaken, add, transaction
from app.store.money_events import ProviderEventRow, provider_event, waiting_events

EVENTS = (ChargeChanged, RefundChanged, DisputeOpened, DisputeClosed)
LONGEST_ID = 255
AT_ONCE = 100
TELL_AFTER = timedelta(days=1)


class NotTaken(Exception):  # noqa: N818 - the door answers so that it is sent again
    """A delivery could not be read now; the sender is to send it again later."""


class NotBelieved(Exception):  # noqa: N818 - said as what it is
    """A delivery was not signed by a provider, or too long ago."""


class _Taken(Refusal):
    code, title = "taken", "This event was taken before"


def read_delivery(plugin: str, body: bytes, headers: Mapping[str, str], now: datetime) -> int:
    """Read what arrived at `/plugins/<plugin>/events` and take it; returns how many events it had.

    Raises `NotFound` when the plugin is off or brings no provider, `NotBelieved` when none of its
    providers believes it, and `NotTaken` when one could not read it.
    """
    delivery = Delivery(body, headers, now)
    found = desks(now, plugin)
    if not found:
        raise NotFound
    for at in found:
        events = consult(at, "read_events", lambda p: _read(p, delivery), _wrong_events)
        if isinstance(events, Failed):
            raise NotTaken(events.reason)
        if events is None:
            continue
        take_events(plugin, events, now, provider=at.key)
        return len(events)
    raise NotBelieved("It was not signed by a provider of this plugin.")


def take_events(
    plugin: str, events: Iterable[ProviderEvent], now: datetime, *, provider: str | None = None
) -> None:
    """Take events as told by a plugin's provider, each once for ever, whatever their order.

    `provider` may be left out where the plugin brings one. Raises `NotFound` when it brings none.
    """
    if provider is None:
        provider = _only(desks(now, plugin)).key
    for event in events:
        if _wrong_event(event) is None:
            take_event(provider, event, now)


def take_event(provider: str, event: ProviderEvent, now: datetime) -> bool:
    """Take one event; False when it was taken before. What it is about may not be known yet."""
    try:
        _take(provider, event, now, lambda: _claim(provider, event, now, taken_at=now))
    except _Taken:
        return False
    except (NotKnownYet, NotFound):
        try:
            with transaction():
                _claim(provider, event, now, taken_at=None)
        except _Taken:
            return False
    return True


def take_waiting(now: datetime) -> int:
    """Try again what waited for a payment to be known; returns how many events were taken."""
    with transaction():
        rows = [(row.provider, row.id, row.facts) for row in waiting_events(AT_ONCE)]
    return sum(_taken_now(provider, key, event_from(facts), now) for provider, key, facts in rows)


def _taken_now(provider: str, key: str, event: ProviderEvent, now: datetime) -> bool:
    try:
        _take(provider, event, now, lambda: _reclaim(provider, key, now))
    except (NotKnownYet, NotFound):
        _tell_that_it_waits(provider, key, now)
        return False
    except _Taken:
        return False
    return True


def _take(provider: str, event: ProviderEvent, now: datetime, claim: Callable[[], None]) -> None:
    match event:
        case ChargeChanged(key=key, outcome=outcome):
            take_outcome(key, outcome, now, by=provider, claim=claim, provider=provider)
        case RefundChanged():
            take_refund(provider, event, now, claim=claim)
        case DisputeOpened():
            open_dispute(provider, event, now, claim=claim)
        case DisputeClosed():
            close_dispute(provider, event, now, claim=claim)


def _claim(provider: str, event: ProviderEvent, now: datetime, taken_at: datetime | None) -> None:
    """Make the event's id ours, inside the transaction in which it takes effect."""
    row = ProviderEventRow(
        provider=provider,
        id=event.id,
        facts=facts_of(event),
        received_at=now,
        taken_at=taken_at,
    )
    try:
        add(row)
    except UniqueTaken:
        raise _Taken("It was taken before.") from None


def _reclaim(provider: str, key: str, now: datetime) -> None:
    row = provider_event(provider, key, lock=True)
    if row is None or row.taken_at is not None:
        raise _Taken("It was taken before.")
    row.taken_at = now


def _tell_that_it_waits(provider: str, key: str, now: datetime) -> None:
    with transaction():
        row = provider_event(provider, key, lock=True)
        assert row is not None
        if row.told_at is None and now - row.received_at >= TELL_AFTER:
            row.told_at = now
            what = f"{provider} told of a payment that is not known here: {row.facts}"
            tell_operators("payment_problem", now, what=what)


def _read(provider: Any, delivery: Delivery) -> Sequence[ProviderEvent] | None:  # noqa: ANN401
    """Read it within the plugin's thread; None when it is not believed."""
    try:
        return list(provider.read_events(delivery))
    except BadSignature:
        return None


def _wrong_events(answer: Any) -> str | None:  # noqa: ANN401
    wrong = map(_wrong_event, [] if answer is None else answer)
    return next(filter(None, wrong), None)


def _wrong_event(event: Any) -> str | None:  # noqa: ANN401
    if not isinstance(event, EVENTS):
        return f"it answered with {type(event).__name__}; answer events of a provider"
    identity: Any = event.id
    if not isinstance(identity, str) or not 0 < len(identity) <= LONGEST_ID:
        return f"the id of an event is a text of 1 to {LONGEST_ID} characters"
    if isinstance(event, ChargeChanged | RefundChanged):
        return wrong_outcome(event.outcome)
    return None


def _only(found: Sequence[Desk]) -> Desk:
    if len(found) != 1:
        raise NotFound("Say which provider of this plugin tells it.")
    return found[0]
