"""VERB: the price of an action: the catalogue's, or that of the plugin which brings the action."""

from __future__ import annotations

from typing import Any

from app.domain.catalogue import Catalogue
from app.domain.command import LARGEST_AMOUNT
from app.plugin_manager import Failed
from app.services.directory import View
from app.services.plugins.installed import asked_for, installed

LONGEST_ACTION = 60


def price_of(view: View, action: str) -> int:
    """The credits of one unit, or raise `InvalidRequest`. The catalogue wins."""
    if action in view.catalogue.prices:
        return view.catalogue.prices[action]
    brought = view.remember("brought prices", lambda: _brought(view))
    return Catalogue({}, {**brought, **view.catalogue.prices}, {}).price(action)


def _brought(view: View) -> dict[str, int]:
    prices: dict[str, int] = {}
    for plugin, settings in asked_for("action_prices", view):
        answer = installed().call(plugin, "action_prices", {}, settings, wrong_prices)
        if not isinstance(answer, Failed):
            prices |= answer
    return prices


def wrong_prices(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    if type(answer) is not dict:
        return f"it answered with {type(answer).__name__}; answer a dict of prices by action"
    for action, price in answer.items():
        if type(action) is not str or not 0 < len(action) <= LONGEST_ACTION:
            return f"an action is named by 1 to {LONGEST_ACTION} characters"
        if type(price) is not int or not 1 <= price <= LARGEST_AMOUNT:
            return f"the price of {action} is no number of credits, 1 or more"
    return None
