"""Statements of the operator's desk about mail that did not arrive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select, update

from app.store.database import db
from app.store.mails import Mail

UNSENT = Mail.sent_at.is_(None)


def troubled_mails(limit: int) -> list[Mail]:
    """List mails that were given up, or failed and are tried again, the latest first."""
    troubled = or_(Mail.given_up_at.is_not(None), Mail.last_error.is_not(None))
    statement = select(Mail).where(UNSENT, troubled).order_by(Mail.id.desc())
    return list(db.session.scalars(statement.limit(limit)))


def count_troubled_mails() -> int:
    """Count them."""
    troubled = or_(Mail.given_up_at.is_not(None), Mail.last_error.is_not(None))
    return db.session.scalar(select(func.count()).select_from(Mail).where(UNSENT, troubled)) or 0


def count_overdue_mails(due_before: datetime) -> int:
    """Count mails that wait for their first attempt though they were due before an instant."""
    waits = (UNSENT, Mail.given_up_at.is_(None), Mail.due_at < due_before)
    return db.session.scalar(select(func.count()).select_from(Mail).where(*waits)) or 0


def try_again(now: datetime, mail_id: int | None = None) -> None:
    """Let mails that did not arrive be tried anew, all or one of them."""
    troubled = or_(Mail.given_up_at.is_not(None), Mail.last_error.is_not(None))
    chosen = (UNSENT, troubled) if mail_id is None else (UNSENT, troubled, Mail.id == mail_id)
    anew = {"due_at": now, "given_up_at": None, "attempts": 0}
    db.session.execute(update(Mail).where(*chosen).values(**anew))
