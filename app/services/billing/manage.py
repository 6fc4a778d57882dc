"""VERBS: where an owner changes how they pay, and by which way the next periods are paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.happening import SubscriptionMoved
from app.domain.refusals import Conflict
from app.domain.role import Access, Right
from app.plugin_manager import Failed
from app.services.billing.attempt import payer_of
from app.services.billing.history import COFFER, note_of
from app.services.billing.providers import consult, desk, required_desk
from app.services.outbox.write import tell
from app.services.workspaces.access import present_access
from app.store.database import transaction
from app.store.subscriptions import OPERATOR, lock_subscription


def manage_page(access: Access, provider: str, return_url: str, now: datetime) -> str | None:
    """Ask a provider where this account's owner changes their means of payment; None: nowhere."""
    access.require(Right.MANAGE_BILLING)
    with transaction():  # it ends before the provider is asked
        payer = payer_of(access.account_id, provider)
    at = desk(provider, now)
    if at is None:
        return None
    page = consult(at, "manage_page", lambda p: p.manage_page(payer, return_url), _wrong_page)
    return None if isinstance(page, Failed) else page


def pay_by(access: Access, provider: str, now: datetime) -> None:
    """Pay the next periods by another provider; what is under way stays with the one before."""
    required_desk(provider, now)
    with transaction():
        present_access(access, Right.MANAGE_BILLING)
        subscription = lock_subscription(access.account_id)
        if subscription is None or subscription.provider == OPERATOR:
            raise Conflict("This account pays for no plan, so there is nothing to change.")
        subscription.provider = provider
        facts = (subscription.plan, subscription.state.value, provider)
        tell(access.account_id, SubscriptionMoved(now, *facts), now)
        note_of(access.account_id, "pays by", COFFER, now, access.person_id, provider=provider)


def _wrong_page(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    if answer is None or (isinstance(answer, str) and answer.startswith(("https://", "http://"))):
        return None
    return "it answered with something that is no address"
