"""Tell Stripe where this portal is: `STRIPE_SECRET_KEY=sk_… python -m plugins.billing_stripe URL`.

Makes the webhook with the events that Coffer reads, in the version of Stripe's API that the SDK
speaks, and shows its signing secret, which Stripe tells only once. Run again, it brings the events
of that webhook up to date.
"""

from __future__ import annotations

import os
from typing import Any

import click
import stripe

from plugins.billing_stripe.connect import api_base, secret_key
from plugins.billing_stripe.events import READERS

DOOR = "/plugins/billing_stripe/events"


@click.command()
@click.argument("public_url")
@click.option("--api-base", "base", default="https://api.stripe.com", show_default=True)
def set_up(public_url: str, base: str) -> None:
    """Make or update the webhook for the portal at PUBLIC_URL."""
    try:
        key = secret_key(os.environ.get("STRIPE_SECRET_KEY", ""))
        endpoints = stripe.StripeClient(
            key, base_addresses={"api": api_base(base)}, max_network_retries=2
        ).v1.webhook_endpoints
        _set_up(endpoints, public_url.rstrip("/") + DOOR)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except stripe.StripeError as error:
        raise click.ClickException(f"Stripe says: {error.user_message}") from None


def _set_up(endpoints: stripe.WebhookEndpointService, url: str) -> None:
    events = sorted(READERS)
    known = next(
        (each for each in endpoints.list({"limit": 100}).auto_paging_iter() if each.url == url),
        None,
    )
    if known is not None:
        endpoints.update(known.id, {"enabled_events": events})
        click.echo(f"The webhook {known.id} is there already; it now sends {len(events)} events.")
        return
    asked: Any = {"url": url, "enabled_events": events, "api_version": stripe.api_version}
    made = endpoints.create(asked)
    click.echo(f"Made the webhook {made.id} for {url}.")
    click.echo("Its signing secret, shown this once; set it as `webhook_secret`:")
    click.echo(made.secret)


if __name__ == "__main__":
    set_up()
