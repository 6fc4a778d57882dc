"""Card payments through Stripe: Checkout for payers at a browser, saved cards for all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.hookspecs import BillingProvider, Host, Manifest, SettingField, hookimpl

manifest = Manifest(
    name="billing_stripe",
    version="1.0",
    summary="Card payments through Stripe.",
    settings=(
        SettingField("secret_key", "secret", "the secret or restricted key, sk_… or rk_…", ""),
        SettingField(
            "webhook_secret",
            "secret",
            "the signing secret of the webhook, whsec_…; several while they are changed",
            "",
        ),
        SettingField(
            "api_base",
            "text",
            "where Stripe's API is reached; only a test or a proxy changes it",
            "https://api.stripe.com",
        ),
        SettingField("currencies", "text", "currencies to accept: EUR, USD; empty: all", ""),
        SettingField(
            "statement_suffix",
            "text",
            "what stands behind your name on card statements; empty: nothing",
            "",
        ),
        SettingField(
            "automatic_tax",
            "boolean",
            "let Stripe Tax say how much tax the price contains",
            default=False,
        ),
    ),
    migrations="migrations",
    conformance="plugins.billing_stripe.conformance",
)


@hookimpl
def billing_providers(host: Host, settings: Mapping[str, Any]) -> Sequence[BillingProvider]:
    """Bring the provider `stripe`, once there is a key."""
    from plugins.billing_stripe.connect import connect

    return [connect(host, settings)] if settings["secret_key"] else []
