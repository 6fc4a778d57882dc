"""VERBS: make an endpoint's secret, rotate it, and sign with those that count now.

A new secret counts at once. The former one signs beside it for a day, so that nothing is refused
while the other side takes the new one over.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from standardwebhooks import Webhook as Signer

from app.domain.role import Access
from app.domain.webhook import OVERLAP
from app.services.audit.note import note
from app.services.sealing import seal, unseal
from app.services.webhooks.find import changing
from app.store.database import transaction
from app.store.webhook_deliveries import NextDelivery
from app.store.webhooks import Webhook

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """Make a secret as the specification spells it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def sealed(webhook_id: int, secret: str) -> str:
    """Seal a secret for its endpoint."""
    return seal(secret, _about(webhook_id))


def rotate_secret(access: Access, webhook_id: int, now: datetime) -> tuple[Webhook, str]:
    """Give an endpoint a new secret, which is returned once. The present one signs for a day."""
    secret = new_secret()
    with transaction():
        webhook = changing(access, webhook_id)
        webhook.former_secret, webhook.former_until = webhook.secret, now + OVERLAP
        webhook.secret = sealed(webhook.id, secret)
        note("webhook.rotated", access, now, about=webhook.url)
    return webhook, secret


def keys_of(webhook: NextDelivery, now: datetime) -> list[str]:
    """Read the secrets that count now; `SealBroken` when the installation's secret is another."""
    found = [webhook.secret]
    if webhook.former_secret and webhook.former_until and now < webhook.former_until:
        found.append(webhook.former_secret)
    return [unseal(each, _about(webhook.webhook_id)) for each in found]


def signed(keys: list[str], event: str, body: str, now: datetime) -> dict[str, str]:
    """Sign a text with each of the secrets; returns the three headers of the specification."""
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(key).sign(event, now, body) for key in keys),
    }


def _about(webhook_id: int) -> str:
    return f"secret of webhook {webhook_id}"
