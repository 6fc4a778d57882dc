"""An installation to measure: a database of its own, a hot pool, and the server on top."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.domain.command import AddGrant
from app.domain.grant import Source
from app.services.catalogue import ship_catalogue
from app.services.credits.ledger import submit_one
from app.services.credits.post import Entry
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.open import start_workspace
from app.store.database import Base, db
from app.store.revision import run_migrations
from tests.bench.load import Target
from tests.bench.target import OrmGrant, OrmPool
from tests.servers.postgres import PostgresServer

PLENTY = 10**12
OWNER = "alice@acme.test"
PASSWORD = "correct horse battery"
UP_IN_SECONDS = 30
START = datetime.now(UTC)


@dataclass(frozen=True)
class Installation:
    """An installed database, and the application on it in this process."""

    app: Flask
    url: str
    folder: Path
    hot_pool: int
    token: str

    @property
    def workers(self) -> int:
        """As many server processes as `coffer serve` would take."""
        return 1 if self.url.startswith("sqlite") else 2

    def signed_in(self) -> FlaskClient:
        """A browser in which the owner is signed in."""
        self.app.config["WTF_CSRF_ENABLED"] = False
        client = self.app.test_client()
        answer = client.post("/sign-in", data={"email": OWNER, "password": PASSWORD})
        assert answer.status_code == HTTPStatus.FOUND, answer.text
        return client


@contextmanager
def database(kind: str, **settings: str) -> Iterator[str]:
    """Start an empty database, with every durability setting on."""
    if kind == "postgresql":
        with PostgresServer(settings=settings) as server:
            yield server.create_database("bench")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/coffer.db"


@contextmanager
def installed(url: str) -> Iterator[Installation]:
    """Set the database up with one hot pool that never runs dry."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(database_url=url, instance=Path(folder), log_level="warning")
        with app.app_context():
            run_migrations(app)
            Base.metadata.create_all(db.engine)
            ship_catalogue()
            create_person(OWNER, "Alice Arden", PASSWORD, START, verified=True)
            hot = start_workspace(OWNER, "hot", "Hot", "business", START, START).id
            fill(hot, START)
            db.session.add(OrmPool(id=1, balance=PLENTY))
            db.session.add(OrmGrant(pool=1, remaining=PLENTY))
            db.session.commit()
            token = make_service_token("bench", START)[1]
            db.session.remove()
            yield Installation(app, url, Path(folder), hot, token)
            db.engine.dispose()


def fill(pool: int, now: datetime) -> None:
    """Top a pool up beyond any bench's need."""
    submit_one(pool, Entry(AddGrant(Source.TOP_UP, PLENTY)), now)


@contextmanager
def served(installation: Installation, *, workers: int | None = None) -> Iterator[Target]:
    """Serve the installation from processes of their own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    count = workers or installation.workers
    command = [sys.executable, "-m", "tests.bench.target", f"--port={port}", f"--workers={count}"]
    environment = {
        **os.environ,
        "COFFER_INSTANCE": str(installation.folder),
        "DATABASE_URL": installation.url,
        "COFFER_LOG_LEVEL": "warning",
        "BENCH_POOL": str(installation.hot_pool),
    }
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        _wait_until_up(port, process)
        yield Target(port, installation.token, "hot", OWNER)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + UP_IN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server under measure did not come up")
