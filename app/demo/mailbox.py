"""DEMO, the mail: a server on this machine that keeps what it gets, and a page that shows it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Blueprint, Flask, render_template

MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """What the page shows of a mail."""

    recipient: str
    subject: str
    sent_at: datetime | None
    text: str


class Mailbox:
    """Takes every mail, whoever it is for, and forgets all of them in the end."""

    def __init__(self) -> None:
        self.letters: deque[Letter] = deque(maxlen=MOST_KEPT)

    async def handle_DATA(  # noqa: N802 - as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take one mail."""
        content = envelope.original_content or b""
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        self.letters.appendleft(
            Letter(
                recipient=", ".join(envelope.rcpt_tos),
                subject=str(message["Subject"]),
                sent_at=message["Date"].datetime if message["Date"] else None,
                text=str(body.get_content()).replace("\r\n", "\n").strip() if body else "",
            )
        )
        return "250 Taken"

    def open(self, port: int) -> None:
        """Listen on this machine only."""
        Controller(self, hostname="127.0.0.1", port=port).start()

    def show_in(self, app: Flask) -> None:
        """Add the page to the application."""
        demo = Blueprint("demo", __name__, url_prefix="/demo")

        @demo.get("/mail")
        def mail() -> str:
            return render_template("demo/mail.html", letters=list(self.letters))

        app.register_blueprint(demo)
        app.jinja_env.globals["has_demo_mail"] = True
