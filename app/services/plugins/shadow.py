"""What plugins in shadow mode would have decided: remembered, and of no effect."""

from __future__ import annotations

from typing import Any

from app.hookspecs import JoinAs, Price, Refuse
from app.plugin_manager import Failed, Plugin, WouldHave
from app.services.plugins.installed import lent

LONGEST_WORDS = 300


def remember_answer(plugin: Plugin, hook: str, about: str, answer: Any) -> None:  # noqa: ANN401
    """Remember what a plugin in shadow mode answered."""
    kind, words = _spelled(answer)
    told = WouldHave(lent().now(), hook, about[:LONGEST_WORDS], words[:LONGEST_WORDS])
    plugin.shadow.add(kind, told)


def _spelled(answer: Any) -> tuple[str, str]:  # noqa: ANN401 - a judged answer
    """The kind of an answer, and the answer in words."""
    match answer:
        case Failed(reason):
            return "failed", f"failed: {reason}"
        case Refuse(reason):
            return "refused", f"refused: {reason}"
        case Price(credits):
            return "priced", f"priced at {credits}"
        case JoinAs(role):
            return "chose a role", f"chose the role {role}"
    return "allowed", "allowed"
