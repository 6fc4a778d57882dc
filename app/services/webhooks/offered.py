"""VERB: list the types of events that an endpoint can be told of: one for each topic."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from app.domain.refusals import InvalidRequest
from app.domain.webhook import NOT_AT_FIRST, type_of, words_of
from app.services.outbox.topic import Topic


class EventType(NamedTuple):
    """A type of event; `at_first` if an endpoint is told of it unless somebody says otherwise."""

    name: str
    words: str
    at_first: bool


def offered() -> list[EventType]:
    """List all types, by name."""
    names = sorted({type_of(topic) for topic in Topic})
    return [EventType(name, words_of(name), name not in NOT_AT_FIRST) for name in names]


def read_events(chosen: Collection[str]) -> list[str]:
    """Read what somebody chose; `InvalidRequest` for a type that there isn't, or for none."""
    names = {event.name for event in offered()}
    unknown = sorted(set(chosen) - names)
    if unknown:
        raise InvalidRequest.of("events", f"There is no event {unknown[0][:60]}.")
    if not chosen:
        raise InvalidRequest.of("events", "Choose at least one event.")
    return sorted(set(chosen))
