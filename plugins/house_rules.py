"""House rules: what an operator decides by setting, without code.

Who may join at all, which actions are frozen, what an action costs at night, and actions of one's
own with their prices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.hookspecs import (
    Allow,
    Joining,
    Manifest,
    Price,
    Refuse,
    SettingField,
    Spending,
    hookimpl,
)

manifest = Manifest(
    name="house_rules",
    version="1.0",
    summary="Rules by setting: who may join, frozen actions, discounts, own actions.",
    settings=(
        SettingField("joining_domains", "text", "domains whose addresses may join; empty: all", ""),
        SettingField("frozen_actions", "text", "actions that nobody may start now", ""),
        SettingField("discount_percent", "integer", "taken off every price, rounded up", 0),
        SettingField("own_actions", "text", "actions with prices: report.pdf=3, map.render=2", ""),
    ),
)


@hookimpl
def action_prices(settings: Mapping[str, Any]) -> Mapping[str, int]:
    """Bring the operator's own actions."""
    pairs = (part.partition("=") for part in _words(settings["own_actions"]))
    return {action: int(price) for action, _, price in pairs}


@hookimpl
def before_deduction(spending: Spending, settings: Mapping[str, Any]) -> Allow | Refuse | Price:
    """Refuse frozen actions; take the discount off the others."""
    if spending.action in _words(settings["frozen_actions"]):
        return Refuse(f"{spending.action} is frozen for now; ask your operator.")
    percent = min(max(settings["discount_percent"], 0), 100)
    if not percent:
        return Allow()
    return Price(max(1, -(-spending.credits * (100 - percent) // 100)))


@hookimpl
def before_member_joins(joining: Joining, settings: Mapping[str, Any]) -> Allow | Refuse:
    """Let in addresses of the named domains only."""
    domains = _words(settings["joining_domains"])
    if domains and joining.email.rpartition("@")[2] not in domains:
        return Refuse(f"Only addresses of {', '.join(domains)} may join.")
    return Allow()


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
