"""Events as plugins are told them: messages of the outbox, with the names of the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.domain.reference import reference
from app.hookspecs import (
    CreditsDeducted,
    CreditsExhausted,
    CreditsLow,
    CycleClosed,
    Happened,
    HoldExpired,
    MemberJoined,
    MemberLeft,
    SubscriptionChanged,
    TopUpCompleted,
)
from app.services.directory import View
from app.services.outbox.topic import Topic
from app.store.outbox import Message

EVENT = "event"
Facts = Mapping[str, Any]
Spell = Callable[[View, Message, Facts], Happened]


def event_of(view: View, message: Message) -> Happened:
    """Spell a message as an event of the contract."""
    return _SPELL[Topic(message.topic)](view, message, message.facts)


def is_observed(topic: str) -> bool:
    """Tell whether events of that topic have a form in the contract."""
    return topic in _SPELL


def event_id(message: Message) -> str:
    """The id of an event: the same for every plugin, however often it is told."""
    return reference(EVENT, message.pool, message.number)


def _deducted(view: View, message: Message, facts: Facts) -> CreditsDeducted:
    return CreditsDeducted(
        **_common(view, message),
        **_who(view, facts),
        transaction=reference("tx", message.pool, facts["line"]),
        credits=facts["credits"],
        balance_after=facts["balance_after"],
    )


def _low(view: View, message: Message, facts: Facts) -> CreditsLow:
    return CreditsLow(**_common(view, message), available=facts["available"])


def _exhausted(view: View, message: Message, _facts: Facts) -> CreditsExhausted:
    return CreditsExhausted(**_common(view, message))


def _hold(view: View, message: Message, facts: Facts) -> HoldExpired:
    return HoldExpired(
        **_common(view, message),
        **_who(view, facts),
        hold=reference("hold", message.pool, facts["hold"]),
        credits=facts["credits"],
    )


def _top_up(view: View, message: Message, facts: Facts) -> TopUpCompleted:
    return TopUpCompleted(
        **_common(view, message),
        transaction=reference("tx", message.pool, facts["line"]),
        credits=facts["credits"],
        balance_after=facts["balance_after"],
    )


def _joined(view: View, message: Message, facts: Facts) -> MemberJoined:
    email = _email(view, facts["person"]) or ""
    return MemberJoined(**_common(view, message), email=email, role=facts["role"])


def _left(view: View, message: Message, facts: Facts) -> MemberLeft:
    email = _email(view, facts["person"]) or ""
    return MemberLeft(
        **_common(view, message), email=email, removed_by=_email(view, facts["removed_by"])
    )


def _cycle(view: View, message: Message, facts: Facts) -> CycleClosed:
    return CycleClosed(
        **_common(view, message),
        plan=facts["plan"],
        period_start=datetime.fromisoformat(facts["start"]),
        period_end=datetime.fromisoformat(facts["end"]),
        allocated=facts["allocated"],
        expired=facts["expired"],
    )


def _subscription(view: View, message: Message, facts: Facts) -> SubscriptionChanged:
    return SubscriptionChanged(**_common(view, message), **facts)


_SPELL: dict[Topic, Spell] = {
    Topic.CREDITS_DEDUCTED: _deducted,
    Topic.CREDITS_LOW: _low,
    Topic.CREDITS_EXHAUSTED: _exhausted,
    Topic.HOLD_EXPIRED: _hold,
    Topic.TOP_UP_COMPLETED: _top_up,
    Topic.MEMBER_JOINED: _joined,
    Topic.MEMBER_LEFT: _left,
    Topic.CYCLE_CLOSED: _cycle,
    Topic.SUBSCRIPTION_CHANGED: _subscription,
}


def _common(view: View, message: Message) -> dict[str, Any]:
    account = view.account_by_id(message.pool)
    slug = account.slug if account else ""
    return {"id": event_id(message), "at": message.at, "account": slug}


def _who(view: View, facts: Facts) -> dict[str, Any]:
    app = facts["app"]
    return {
        "member": _email(view, facts["member"]),
        "app": reference("app", app) if app is not None else None,
        "action": facts["action"],
    }


def _email(view: View, person_id: int | None) -> str | None:
    person = view.person(person_id) if person_id is not None else None
    return person.email if person else None
