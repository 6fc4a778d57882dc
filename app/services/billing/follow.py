"""VERB: let subscriptions follow their pools, whose periods open by time alone."""

from __future__ import annotations

from app.store.database import current_connection, transaction
from app.store.subscriptions import follow_pools


def follow_plans() -> int:
    """Write the plans that took over into the subscriptions; returns how many changed."""
    with transaction():
        return follow_pools(current_connection())
