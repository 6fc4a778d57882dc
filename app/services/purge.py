"""VERB: throw away what is kept for a stated time only."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.store.database import current_connection, transaction
from app.store.ledger import purge_keys
from app.store.leftovers import delete_mails_settled_before, delete_sign_ins_unused_since

MAIL_DAYS = 30


def purge(key_days: int, session_days: int, now: datetime) -> None:
    """Forget old idempotency keys, unused sign-ins and settled mails."""
    with transaction():
        purge_keys(current_connection(), now - timedelta(days=key_days))
    with transaction():
        delete_sign_ins_unused_since(now - timedelta(days=session_days))
        delete_mails_settled_before(now - timedelta(days=MAIL_DAYS))
