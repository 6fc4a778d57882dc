"""VERBS: ask the plugins that decide, one by one, each for at most its time box.

A refusal stands, whatever others answer. What failure means is stated at each hook of the
contract: a broken plugin stops nobody's work, and lets nobody in. A plugin in shadow mode is
asked, and what it would have said is remembered; one that is switched off for the workspace is
not asked.
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
from app.services.plugins.installed import Asked, asked, installed
from app.services.plugins.shadow import remember_answer

LONGEST_REASON = 500


def decided_price(view: View, spending: Spending) -> int:
    """The credits that it costs after all deciders, or raise `RefusedByPlugin`."""
    credits = spending.credits
    for plugin, settings, in_shadow, _ in _asked("before_deduction", view, spending.account):
        given = {"spending": replace(spending, credits=credits)}
        answer = installed().call(plugin, "before_deduction", given, settings, _wrong_price)
        if in_shadow:
            remember_answer(plugin, "before_deduction", _spelled(spending), answer)
            continue
        match answer:
            case Refuse(reason):
                raise _refused(plugin, reason)
            case Price(price):
                credits = price
    return credits


def decided_role(workspace: str, email: str, role: Role, now: datetime) -> Role:
    """The role with which somebody may join, or raise `RefusedByPlugin`. `role` is the highest."""
    view = directory().fresh(now)
    for plugin, settings, in_shadow, _ in _asked("before_member_joins", view, workspace):
        given = {"joining": Joining(workspace, email, _word(role), _word(role))}
        answer = installed().call(plugin, "before_member_joins", given, settings, _wrong_role)
        if in_shadow:
            about = f"{email} joins {workspace} as {role}"
            remember_answer(plugin, "before_member_joins", about, answer)
            continue
        role = _enforced(plugin, answer, role)
    return role


def _enforced(plugin: Plugin, answer: Any, role: Role) -> Role:  # noqa: ANN401
    match answer:
        case Failed():
            raise _refused(plugin, "It could not decide, so nobody may join; try again later.")
        case Refuse(reason):
            raise _refused(plugin, reason)
        case JoinAs(chosen):
            return min(role, Role(chosen), key=_rank)
    return role


def _asked(hook: str, view: View, slug: str) -> list[Asked]:
    """Those to ask for an account: where none is switched off anywhere, its id doesn't matter."""
    standing = asked(hook, view)
    if not any(one.off_for for one in standing):
        return standing
    account = view.account(slug)
    return [one for one in standing if account is None or account.id not in one.off_for]


def _spelled(spending: Spending) -> str:
    who = spending.member or spending.app or "nobody"
    return (
        f"{spending.quantity} {spending.action} for {spending.credits} in {spending.account} "
        f"by {who}"
    )


def _rank(role: Role) -> bool:
    return role is Role.ADMIN


def _word(role: Role) -> Literal["admin", "member"]:
    return "admin" if role is Role.ADMIN else "member"


def _refused(plugin: Plugin, reason: str) -> RefusedByPlugin:
    sentence = str(reason).strip()[:LONGEST_REASON] or "It gave no reason."
    return RefusedByPlugin(sentence, plugin=plugin.name, reason=sentence)


def _wrong_price(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    if type(answer) is Price:
        credits = answer.credits
        if type(credits) is int and 1 <= credits <= LARGEST_AMOUNT:
            return None
        return f"it asked for {credits!r} credits; an action costs 1 to {LARGEST_AMOUNT}"
    if _is_allowed_or_refused(answer):
        return None
    return f"it answered with {type(answer).__name__}; answer Allow, Refuse, Price or None"


def _wrong_role(answer: Any) -> str | None:  # noqa: ANN401
    if type(answer) is JoinAs:
        role: Any = answer.role
        if type(role) is str and role in ("member", "admin"):
            return None
        return f"it chose the role {role!r}; choose member or admin"
    if _is_allowed_or_refused(answer):
        return None
    return f"it answered with {type(answer).__name__}; answer Allow, Refuse, JoinAs or None"


def _is_allowed_or_refused(answer: Any) -> bool:  # noqa: ANN401
    """Look at exact types only: an object of a plugin's own making may change as it is read."""
    if type(answer) is Refuse:
        return type(answer.reason) is str
    return answer is None or type(answer) is Allow
