"""Rows that have done their service: sign-ins nobody uses, mails long since settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_

from app.store.database import db
from app.store.mails import Mail
from app.store.people import SignIn


def delete_sign_ins_unused_since(instant: datetime) -> None:
    """Forget browsers that were not used since that instant."""
    db.session.execute(delete(SignIn).where(SignIn.last_seen_at < instant))


def delete_mails_settled_before(instant: datetime) -> None:
    """Forget mails that were sent or given up before that instant."""
    db.session.execute(delete(Mail).where(or_(Mail.sent_at < instant, Mail.given_up_at < instant)))
