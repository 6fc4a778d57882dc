"""VERBS: ask the plugins that decide, one by one, each for at most its time box.

A refusal stands, whatever others answer. What failure means is stated at each hook of the
contract: a broken plugin stops nobody's work, and lets nobody in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from app.domain.command import LARGEST_AMOUNT
from app.domain.refusals import RefusedByPlugin
from app.domain.role import Role
from app.hookspecs import Allow, JoinAs, Joining, Price, Refuse, Spending
from app.plugin_manager import Failed, Plugin
from app.services.directory import View, directory
from app.services.plugins.installed import asked_for, installed

LONGEST_REASON = 500


def decided_price(view: View, spending: Spending) -> int:
    """The credits that it costs after all deciders, or raise `RefusedByPlugin`."""
    credits = spending.credits
    for plugin, settings in asked_for("before_deduction", view):
        given = {"spending": _at(spending, credits)}
        match installed().call(plugin, "before_deduction", given, settings, _wrong_price):
            case Refuse(reason):
                raise _refused(plugin, reason)
            case Price(price):
                credits = price
    return credits


def decided_role(workspace: str, email: str, role: Role, now: datetime) -> Role:
    """The role with which somebody may join, or raise `RefusedByPlugin`. `role` is the highest."""
    for plugin, settings in asked_for("before_member_joins", directory().fresh(now)):
        joining = Joining(workspace, email, _word(role), _word(role))
        given = {"joining": joining}
        match installed().call(plugin, "before_member_joins", given, settings, _wrong_role):
            case Failed():
                raise _refused(plugin, "It could not decide, so nobody may join; try again later.")
            case Refuse(reason):
                raise _refused(plugin, reason)
            case JoinAs(chosen):
                role = min(role, Role(chosen), key=_rank)
    return role


def _rank(role: Role) -> bool:
    return role is Role.ADMIN


def _at(spending: Spending, credits: int) -> Spending:
    return replace(spending, credits=credits)


def _word(role: Role) -> Literal["admin", "member"]:
    return "admin" if role is Role.ADMIN else "member"


def _refused(plugin: Plugin, reason: str) -> RefusedByPlugin:
    sentence = str(reason).strip()[:LONGEST_REASON] or "It gave no reason."
    return RefusedByPlugin(sentence, plugin=plugin.name, reason=sentence)


def _wrong_price(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    match answer:
        case None | Allow() | Refuse(reason=str()):
            return None
        case Price(credits=int(credits)) if not isinstance(credits, bool):
            if 1 <= credits <= LARGEST_AMOUNT:
                return None
            return f"it asked for {credits} credits; an action costs 1 to {LARGEST_AMOUNT}"
    return f"it answered with {type(answer).__name__}; answer Allow, Refuse, Price or None"


def _wrong_role(answer: Any) -> str | None:  # noqa: ANN401
    match answer:
        case None | Allow() | Refuse(reason=str()) | JoinAs(role="member" | "admin"):
            return None
    return f"it answered with {type(answer).__name__}; answer Allow, Refuse, JoinAs or None"
