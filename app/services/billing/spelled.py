"""How a provider's events are kept while they wait: as JSON, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.hookspecs import (
    Cancelled,
    ChargeChanged,
    Declined,
    DisputeClosed,
    DisputeOpened,
    Money,
    Pending,
    Processed,
    ProviderEvent,
    RefundChanged,
    TaxLine,
    Unknown,
)

_EVENTS: dict[str, type[Any]] = {
    each.__name__: each for each in (ChargeChanged, RefundChanged, DisputeOpened, DisputeClosed)
}
_OUTCOMES: dict[str, type[Any]] = {
    each.__name__: each for each in (Processed, Declined, Pending, Cancelled, Unknown)
}


def facts_of(event: ProviderEvent) -> dict[str, Any]:
    """Spell an event."""
    facts: dict[str, Any] = {"event": type(event).__name__, **asdict(event)}
    if isinstance(event, ChargeChanged | RefundChanged):
        facts["outcome"]["outcome"] = type(event.outcome).__name__
    return facts


def event_from(facts: dict[str, Any]) -> ProviderEvent:
    """Read an event back."""
    values = {**facts}
    kind = _EVENTS[values.pop("event")]
    if "outcome" in values:
        values["outcome"] = _outcome(values["outcome"])
    if "money" in values:
        values["money"] = Money(**values["money"])
    event: ProviderEvent = kind(**values)
    return event


def _outcome(facts: dict[str, Any]) -> Any:  # noqa: ANN401 - one of the five
    values = {**facts}
    kind = _OUTCOMES[values.pop("outcome")]
    if "money" in values:
        values["money"] = Money(**values["money"])
    if "tax" in values:
        lines = values["tax"]
        values["tax"] = tuple(TaxLine(each["words"], Money(**each["money"])) for each in lines)
    return kind(**values)
