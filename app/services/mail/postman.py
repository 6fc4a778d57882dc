"""VERBS: write a queued mail out as a message, and hand it to the mail server or to a folder."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.services.mail.links import Links
from app.store.mails import Mail

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "mail"
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
PATIENCE_SECONDS = 20

# What the server says against one mail; of any other failure the next mail would die, too.
_ABOUT_THIS_MAIL = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
)

Send = Callable[[Mail], None]


class ServerAway(Exception):  # noqa: N818 - a state of the world
    """The mail server can't be reached, or broke off."""


class MailSettings(Protocol):
    """What the postman reads of the settings."""

    @property
    def instance(self) -> Path: ...
    @property
    def public_url(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def mail_url(self) -> str: ...
    @property
    def mail_from(self) -> str: ...


class Postman:
    """Knows the mail server, or the folder that stands for it while there is none."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._links = Links(settings.secret_key, settings.public_url)
        self._texts = _environment(autoescape=False)
        self._pages = _environment(autoescape=True)

    def render(self, mail: Mail) -> EmailMessage:
        """Write the message: a subject and a text from its template, and the same as HTML."""
        subject, text = self._subject_and_text(mail)
        message = EmailMessage(policy=policy.SMTP)
        message["Subject"] = subject
        message["From"] = _sender(self._settings.mail_from)
        message["To"] = Address(addr_spec=mail.recipient)
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = self._message_id(mail)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        page = self._pages.get_template("message.html")
        message.add_alternative(
            page.render(subject=subject, paragraphs=_paragraphs(text)), subtype="html"
        )
        return message

    @contextmanager
    def round(self) -> Iterator[Send]:
        """One round of delivery over one connection, which is made for the first mail."""
        if not self._settings.mail_url:
            yield self._put_into_folder
            return
        connection: list[smtplib.SMTP] = []

        def send(mail: Mail) -> None:
            message = self.render(mail)
            try:
                if not connection:
                    connection.append(_connect(urlsplit(self._settings.mail_url)))
                connection[0].send_message(message)
            except _ABOUT_THIS_MAIL:
                raise
            except OSError as error:
                raise ServerAway(f"{type(error).__name__}: {error}") from error

        try:
            yield send
        finally:
            for opened in connection:
                _hang_up(opened)

    def _subject_and_text(self, mail: Mail) -> tuple[str, str]:
        values = dict(mail.context.get("values", {}))
        if mail.context.get("link"):
            values["link"] = self._links.url(*mail.context["link"])
        template = self._texts.get_template(f"{mail.template}.txt")
        written = template.render(values, public_url=self._settings.public_url)
        subject, _, text = written.partition("\n\n")
        return " ".join(subject.removeprefix("Subject:").split()), text.strip() + "\n"

    def _message_id(self, mail: Mail) -> str:
        """The same at every attempt, so that a mail program shows a mail once."""
        host = urlsplit(self._settings.public_url).hostname or "coffer"
        return f"<coffer.{mail.id}.{int(mail.created_at.timestamp())}@{host}>"

    def _put_into_folder(self, mail: Mail) -> None:
        folder = self._settings.instance / "mail"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / f"{mail.id:08d}-{mail.template}.eml").write_bytes(bytes(self.render(mail)))


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701 - plain text is not escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _paragraphs(text: str) -> list[str]:
    parts = (part.strip() for part in text.split("\n\n"))
    return [part for part in parts if part]


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)


def _connect(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "localhost", server.port or PORTS[server.scheme]
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if server.scheme == "smtps":
        connection = smtplib.SMTP_SSL(host, port, timeout=PATIENCE_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(host, port, timeout=PATIENCE_SECONDS)
    try:
        if server.scheme == "smtp+starttls":
            connection.starttls(context=context)
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection


def _hang_up(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()
