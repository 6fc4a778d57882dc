"""VERBS of the operator: see every mail with sample values, and let what failed be tried again.

The samples are made for whatever a template asks for, so that a new mail has a preview by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import Environment, meta

from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.services.mail.postman import TEMPLATES, Postman
from app.services.mail.queue_mail import Link, mail_of
from app.store.database import transaction
from app.store.desk_mails import troubled_mails, try_again
from app.store.mails import Mail

SAMPLES: dict[str, Any] = {
    "name": "Bob Birch",
    "recipient": "Bob Birch",
    "workspace": "Acme",
    "slug": "acme",
    "role": "admin",
    "inviter": "Alice Arden",
    "other": "Alice Arden",
    "owner": "Alice Arden",
    "is_owner": True,
    "left": 3,
    "money": "99.00 EUR",
    "words": "Business: 5,000 credits, monthly",
    "email": "bob@acme.example",
    "domain": "acme.example",
    "url": "https://hooks.acme.example/coffer",
}
AN_INSTANT = ("at", "until", "again", "renews_at", "renewed_at", "since")
LINKED = {"verify", "reset", "invitation"}
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class MailPreview:
    """A mail as somebody would get it, with sample values."""

    name: str
    subject: str
    text: str
    html: str


def mail_names() -> list[str]:
    """List the mails that Coffer sends, by the names of their templates."""
    return sorted(path.stem for path in TEMPLATES.glob("*.txt"))


def preview_mail(name: str, postman: Postman, now: datetime) -> MailPreview:
    """Write a mail with sample values, or raise `NotFound`."""
    if name not in mail_names():
        raise NotFound("There is no such mail.")
    link: Link | None = (name, {}) if name in LINKED else None
    mail = mail_of("bob@acme.example", name, now, link=link)
    mail.id, mail.context["values"] = 0, _samples(name, now)
    message = postman.render(mail)
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    texts = {kind: body.get_content() if body else "" for kind, body in bodies.items()}
    return MailPreview(name, str(message["Subject"]), texts["plain"], texts["html"])


def failed_mails() -> list[Mail]:
    """List mails that did not arrive, the latest first."""
    return troubled_mails(MOST_SHOWN)


def send_again(now: datetime, mail_id: int | None = None) -> None:
    """Let mails that did not arrive be tried again, all or one of them."""
    with transaction():
        try_again(now, mail_id)
        note("person.mail_tried_again", None, now, about=str(mail_id or "all that failed"))


def _samples(name: str, now: datetime) -> dict[str, Any]:
    source = (TEMPLATES / f"{name}.txt").read_text("utf-8")
    asked = meta.find_undeclared_variables(Environment(autoescape=True).parse(source))
    return {each: _sample(each, now) for each in asked - {"public_url", "link"}}


def _sample(name: str, now: datetime) -> Any:  # noqa: ANN401 - whatever the template shows
    if name in AN_INSTANT:
        return f"{now:%-d %B %Y, %H:%M} UTC"
    return SAMPLES.get(name, f"({name.replace('_', ' ')})")
