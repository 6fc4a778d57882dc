"""The corner shop: takes money over the counter, and sells no videos before its settings say so.

Its author never saw Coffer's code: it began with `coffer plugins new corner-shop`, and a decider
was added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.hookspecs import (
    BillingProvider,
    Host,
    Manifest,
    Refuse,
    SettingField,
    Spending,
    hookimpl,
)
from corner_shop.provider import CornerShopProvider
from corner_shop.sandbox import Sandbox

manifest = Manifest(
    name="corner_shop",
    version="0.1.0",
    summary="Takes money over the counter, and refuses what it does not sell.",
    settings=(
        SettingField("signing_secret", "secret", "signs what the shop delivers", ""),
        SettingField("not_for_sale", "text", "an action that it refuses", "ai.video"),
    ),
    conformance="corner_shop.conformance",
)

SANDBOX = Sandbox()


@hookimpl
def billing_providers(host: Host, settings: Mapping[str, Any]) -> Sequence[BillingProvider]:
    """Bring the provider."""
    SANDBOX.now = host.now
    return [CornerShopProvider(SANDBOX, settings["signing_secret"])]


@hookimpl
def before_deduction(spending: Spending, settings: Mapping[str, Any]) -> Refuse | None:
    """Refuse what is not for sale."""
    if spending.action == settings["not_for_sale"]:
        return Refuse(f"The corner shop does not sell {spending.action}.")
    return None
