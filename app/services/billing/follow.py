"""VERB: let subscriptions follow their pools, whose periods open by time alone."""

from __future__ import annotations

from datetime import datetime

from app.domain.happening import SubscriptionMoved
from app.services.outbox.write import tell
from app.store.database import current_connection, transaction
from app.store.subscriptions import follow_pools


def follow_plans(now: datetime) -> int:
    """Write the plans that took over into the subscriptions; returns how many changed."""
    with transaction():
        followed = follow_pools(current_connection())
        for account_id, plan, state, provider in followed:
            tell(account_id, SubscriptionMoved(now, plan, state.value, provider), now)
    return len(followed)
