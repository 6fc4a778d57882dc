"""Topics: what consumers can be told of. Those that plugins observe have their hooks' names."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.happening import (
    FellShort,
    Happening,
    MemberCame,
    MemberWent,
    PeriodClosed,
    Shortage,
    SubscriptionMoved,
)
from app.domain.hold import Hold
from app.domain.limit import LimitEffect, LimitMet, Standing
from app.domain.transaction import Attribution, Transaction, TransactionKind


class Topic(StrEnum):
    """A kind of event."""

    CREDITS_DEDUCTED = "credits_deducted"
    CREDITS_SCARCE = "credits_scarce"
    CREDITS_LOW = "credits_low"
    CREDITS_EXHAUSTED = "credits_exhausted"
    HOLD_EXPIRED = "hold_expired"
    TOP_UP_COMPLETED = "top_up_completed"
    MEMBER_JOINED = "member_joined"
    MEMBER_LEFT = "member_left"
    CYCLE_CLOSED = "cycle_closed"
    SUBSCRIPTION_CHANGED = "subscription_changed"
    LIMIT_ALERTED = "limit_alerted"
    LIMIT_BLOCKED = "limit_blocked"


_OF_KINDS: dict[type, Topic] = {
    Hold: Topic.HOLD_EXPIRED,
    PeriodClosed: Topic.CYCLE_CLOSED,
    SubscriptionMoved: Topic.SUBSCRIPTION_CHANGED,
    MemberCame: Topic.MEMBER_JOINED,
    MemberWent: Topic.MEMBER_LEFT,
}
_OF_SHORTAGES = {
    Shortage.SCARCE: Topic.CREDITS_SCARCE,
    Shortage.LOW: Topic.CREDITS_LOW,
    Shortage.EXHAUSTED: Topic.CREDITS_EXHAUSTED,
}


def topic_of(happening: Happening) -> Topic:
    """Tell what kind of event it is."""
    if isinstance(happening, Transaction):
        is_top_up = happening.kind is TransactionKind.TOP_UP
        return Topic.TOP_UP_COMPLETED if is_top_up else Topic.CREDITS_DEDUCTED
    if isinstance(happening, FellShort):
        return _OF_SHORTAGES[happening.shortage]
    if isinstance(happening, LimitMet):
        is_alert = happening.standing.limit.effect is LimitEffect.ALERT
        return Topic.LIMIT_ALERTED if is_alert else Topic.LIMIT_BLOCKED
    return _OF_KINDS[type(happening)]


def instant_of(happening: Happening) -> datetime:
    """Tell when it happened."""
    if isinstance(happening, Hold):
        assert happening.ended_at is not None, "a hold is told of when it ended"
        return happening.ended_at
    return happening.at


def facts_of(happening: Happening) -> dict[str, Any]:
    """Spell it as JSON can keep it. People, apps and lines are ids: names are looked up later."""
    if isinstance(happening, LimitMet):
        return _limit(happening.standing)
    return _facts(happening)


def _facts(happening: Happening) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    match happening:
        case Transaction(seq=seq, credits=credits, balance_after=after):
            facts = {"line": seq, "credits": abs(credits), "balance_after": after}
            facts |= _who(happening.attribution)
        case Hold(number=number, credits=credits):
            facts = {"hold": number, "credits": credits, **_who(happening.attribution)}
        case FellShort(available=available):
            facts = {"available": available}
        case PeriodClosed(plan=plan, period=period):
            facts = {"plan": plan, "allocated": happening.allocated, "expired": happening.expired}
            facts |= {"start": period.start.isoformat(), "end": period.end.isoformat()}
        case SubscriptionMoved(plan=plan, state=state, provider=provider):
            facts = {"plan": plan, "state": state, "provider": provider}
        case MemberCame(person=person, role=role):
            facts = {"person": person, "role": role.value}
        case MemberWent(person=person, removed_by=remover):
            facts = {"person": person, "removed_by": remover}
    return facts


def _limit(standing: Standing) -> dict[str, Any]:
    limit, window = standing.limit, standing.window
    return {
        "limit": limit.id,
        "who": limit.who.value,
        "subject": standing.subject,
        "credits": limit.credits,
        "counted": standing.counted,
        "per": limit.per.value,
        "since": window.start.isoformat(),
        "until": window.end.isoformat() if window.end else None,
    }


def _who(attribution: Attribution) -> dict[str, Any]:
    return {"member": attribution.member, "app": attribution.app, "action": attribution.action}
