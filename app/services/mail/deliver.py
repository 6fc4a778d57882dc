"""VERB: deliver what is due. Each mail is claimed, sent outside any transaction, and noted."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.retry import wait_after
from app.services.mail.postman import Postman, Send, ServerAway
from app.store.database import transaction
from app.store.mails import Mail, claim_mail, mail_by_id, waiting_mails

# Longer than a round takes: only a deliverer that died gives its mail back.
LEASE = timedelta(minutes=30)


def deliver_due_mail(postman: Postman, now: datetime, limit: int = 50) -> int:
    """Send mails that are due, and tell how many went; any number may deliver at once.

    When the server can't be reached the round ends: the mails not yet tried stay due.
    """
    sent = 0
    with postman.round() as send:
        seen = [(mail.id, mail.attempts) for mail in waiting_mails(now, limit)]
        for mail_id, attempts in seen:
            mail = _claim(mail_id, attempts, now)
            if mail is None:
                continue
            error = _attempt(send, mail)
            _note(mail.id, error, now)
            if isinstance(error, ServerAway):
                break
            sent += error is None
    return sent


def _claim(mail_id: int, attempts: int, now: datetime) -> Mail | None:
    with transaction():
        if not claim_mail(mail_id, attempts, now + LEASE):
            return None
        return mail_by_id(mail_id)


def _attempt(send: Send, mail: Mail) -> Exception | None:
    try:
        send(mail)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the mail is kept
        return error
    return None


def _note(mail_id: int, error: Exception | None, now: datetime) -> None:
    with transaction():
        mail = mail_by_id(mail_id)
        if error is None:
            mail.sent_at, mail.last_error = now, None
            return
        mail.last_error = _in_words(error)
        wait = wait_after(mail.attempts)
        mail.due_at = now + (wait or timedelta())
        mail.given_up_at = now if wait is None else None


def _in_words(error: Exception) -> str:
    words = f"{type(error).__name__}: {error}"
    return "".join(letter if letter.isprintable() else " " for letter in words)[:500]
