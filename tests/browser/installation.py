"""An installation as an operator runs it: `coffer serve` in processes of its own, and real mail."""

import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from app import create_app
from app.store.database import db
from tests.cli.running import eventually, free_port, run, started, status_of
from tests.services.mail.sink import Sink, mail_server

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Installation:
    """A portal that is served, with its command line, its API and the mail it sent."""

    url: str
    environment: dict[str, str]
    sink: Sink

    def coffer(self, *arguments: str) -> str:
        """Run a command as the operator; what it printed."""
        done = run(*arguments, environment=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def link_for(self, recipient: str, subject: str) -> str:
        """Wait for a mail, and give the link in it."""
        eventually(lambda: self._mails(recipient, subject) != [], f"mail for {recipient}")
        text = self._mails(recipient, subject)[-1].get_body(("plain",)).get_content()
        (link,) = re.findall(r"https?://\S+", text)
        assert link.startswith(self.url), link
        return link

    def _mails(self, recipient: str, subject: str) -> list:
        return [
            message
            for recipients, message in list(self.sink.messages)
            if recipient in recipients and subject in message["Subject"]
        ]

    def deduct(self, token: str, key: str, **body: object) -> tuple[int, dict]:
        """Spend as the platform does; the status and what was answered."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        address = f"{self.url}/api/v1/deductions"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)


def nothing(_: Flask) -> None:
    """Leave a new installation empty."""


@contextmanager
def served(
    template: Path,
    folder: Path,
    prepare: Callable[[Flask], None] = nothing,
    *,
    clock_shift: int = 0,
    **more: object,
) -> Iterator[Installation]:
    """Install, let `prepare` fill it, and serve it with its scheduler and a mail server.

    `more` are further settings by name.
    """
    port = free_port()
    shutil.copy(template, folder / "coffer.db")
    with mail_server() as (sink, mail_url):
        settings = {
            "instance": folder,
            "database_url": f"sqlite:///{folder}/coffer.db",
            "public_url": f"http://{HOST}:{port}",
            "mail_url": mail_url,
            "sign_in_rate_limit": "10000/minute",
            "clock_shift_seconds": clock_shift,
            **more,
        }
        fill(create_app(**settings), prepare)
        environment = {f"COFFER_{name.upper()}": str(value) for name, value in settings.items()}
        environment["DATABASE_URL"] = environment.pop("COFFER_DATABASE_URL")
        log = folder / "log"
        with started("serve", "--port", str(port), environment=environment, log=log):
            url = f"http://{HOST}:{port}"
            eventually(lambda: status_of(f"{url}/readyz") == 200, "it serves")
            yield Installation(url, environment, sink)
        assert "Traceback" not in log.read_text(), log.read_text()


def fill(app: Flask, prepare: Callable[[Flask], None]) -> None:
    """Let `prepare` work on the database before anybody else does."""
    with app.app_context():
        prepare(app)
        db.session.remove()
        db.engine.dispose()
