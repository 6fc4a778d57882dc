"""Payloads: an event as JSON in the form that Standard Webhooks recommends."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.domain.reference import reference
from app.domain.webhook import type_of
from app.services.directory import View
from app.services.outbox.topic import Topic
from app.services.plugins.event import event_of, is_observed
from app.store.outbox import Message

NOT_DATA = frozenset({"id", "at"})
PEOPLE = frozenset({"member", "person", "removed_by"})


def body_of(view: View, message: Message) -> str:
    """Spell a message: its type, its instant, and what is known of it, with names as of now."""
    data = _observed(view, message) if is_observed(message.topic) else _plain(view, message)
    return spelled(type_of(message.topic), message.at, data)


def spelled(event: str, at: datetime, data: dict[str, Any]) -> str:
    """Spell an event. `at` is when it happened."""
    whole = {"type": event, "timestamp": _instant(at), "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), default=_instant)


def is_told(topic: str) -> bool:
    """Tell whether a topic is still one: after an upgrade an old message may be of none."""
    return topic in set(Topic)


def _observed(view: View, message: Message) -> dict[str, Any]:
    facts = asdict(event_of(view, message))
    return {name: value for name, value in facts.items() if name not in NOT_DATA}


def _plain(view: View, message: Message) -> dict[str, Any]:
    """What no plugin is told of in this form: the facts, with people and apps by their names."""
    account = view.account_by_id(message.pool)
    facts = message.facts
    told = [_named(view, message, name, value) for name, value in facts.items()]
    return {"account": account.slug if account else "", **dict(told)}


def _named(view: View, message: Message, name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401
    is_person = name == "subject" and message.facts.get("who") == "member"
    if (name in PEOPLE or is_person) and isinstance(value, int):
        person = view.person(value)
        return "email" if name == "person" else name, person.email if person else None
    is_app = name == "subject" and message.facts.get("who") == "app"
    if (name == "app" or is_app) and isinstance(value, int):
        return name, reference("app", value)
    if name == "line":
        return "transaction", reference("tx", message.pool, value)
    return name, value


def _instant(value: object) -> str:
    assert isinstance(value, datetime), "JSON knows the rest"
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
