"""An installation with a real server, and callers that remember what they were told."""

import http.client
import json
import os
import signal
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app import create_app
from app.domain.role import Role
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_personal_token, make_service_token
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.store.accounts import account_by_slug
from app.store.database import db
from tests.cli.running import all_gone, eventually, family_of, free_port, run, started, status_of

ALICE, BOB = "alice@acme.test", "bob@acme.test"
PATIENCE = 60
CREATED, REFUSED, NOT_FOUND = 201, 402, 404
SERVER_BROKE = 500
MOST_TRIES = 100


@dataclass
class Ask:
    """One deduction that a caller wants, and everything that it was told about it."""

    key: str
    member: str = BOB
    credits: int = 1
    status: int | None = None
    answer: dict = field(default_factory=dict)
    replayed: bool = False

    @property
    def is_unknown(self):
        """Nobody told whether it was done."""
        return self.status is None or self.status >= SERVER_BROKE


class Api:
    """A caller with one connection to one server."""

    def __init__(self, port, token):
        self.port, self.token = port, token
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def call(self, method, path, body=None, **headers):
        """Call, and return status, headers and answer; `None` when there was no answer."""
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            self.connection.request(method, f"/api/v1{path}", text, headers)
            response = self.connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return None, {}, {}
        return response.status, response.headers, json.loads(content) if content else {}

    def deduct(self, ask):
        """Ask for a deduction; the ask remembers the answer."""
        body = {
            "account": "acme",
            "member": ask.member,
            "action": "deploy",
            "quantity": ask.credits,
            "metadata": {"key": ask.key},
        }
        told = self.call("POST", "/deductions", body, **{"Idempotency-Key": ask.key})
        ask.status, headers, ask.answer = told
        ask.replayed = headers.get("Idempotency-Replayed") == "true"
        return ask


class Site:
    """An installation on one database: Alice owns Acme with 5,000 credits, Bob is a member."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder
        self.environment = {
            "COFFER_INSTANCE": str(folder / "instance"),
            "DATABASE_URL": url,
            "COFFER_LOG_LEVEL": "error",
        }
        self._servers = 0

    def install(self):
        """Create the database's tables."""
        done = run("init", environment=self.environment)
        assert done.returncode == 0, done.stderr
        return self

    def top_up(self, credits):
        """Let credits enter the pool."""
        done = run("credits", "grant", "acme", str(credits), environment=self.environment)
        assert done.returncode == 0, done.stderr

    def set_up(self):
        """Let people and tokens be."""
        with self.inside():
            now = datetime.now(UTC)
            alice = create_person(ALICE, "Alice Arden", None, now, verified=True)
            create_person(BOB, "Bob Birch", None, now, verified=True)
            start_workspace(ALICE, "acme", "Acme", "business", now, now)
            add_member("acme", BOB, Role.MEMBER, now)
            self.token = make_service_token("platform", now)[1]
            self.alices_token = make_personal_token(alice.id, "own", now, None)[1]
        return self

    @contextmanager
    def inside(self):
        """Work on the installation in this process."""
        app = create_app(database_url=self.url, instance=self.folder / "inside")
        with app.app_context():
            yield
            db.session.remove()
            db.engine.dispose()

    @contextmanager
    def served(self, port=None, *, scheduler=False):
        """Serve from processes of their own; gives the first process and the port."""
        port = port or free_port()
        self._servers += 1
        log = self.folder / f"server-{self._servers}.log"
        alone = () if scheduler else ("--no-scheduler",)
        command = ("serve", "--port", str(port), *alone)
        with started(*command, environment=self.environment, log=log) as process:
            wait_until_ready(port)
            yield process, port

    def deduct(self, port, key, credits=1):
        """Ask once, for one deduction."""
        with Api(port, self.token) as api:
            return api.deduct(Ask(key, credits=credits))

    def lines(self):
        """Every line of Acme's history, the oldest first."""
        with self.inside():
            now = datetime.now(UTC)
            account = account_by_slug("acme")
            found = transactions(account, TransactionFilter(), 10**6, None, now)
            self.available = pool(account, now).available
            return found[::-1]

    def require_sound(self):
        """The ledger agrees with itself, as the operator would ask; returns all lines."""
        verified = run("ledger", "verify", environment=self.environment)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        lines = self.lines()
        assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
        balance = 0
        for line in lines:
            balance += line.credits
            assert line.balance_after == balance >= 0
        assert self.available == balance
        return lines

    def require_kept(self, asks):
        """What was answered 201 is in the ledger just so, and nothing is in it twice."""
        lines = self.require_sound()
        by_key = {line.metadata["key"]: line for line in lines if line.kind == "deduction"}
        assert len(by_key) == sum(line.kind == "deduction" for line in lines)
        for ask in asks:
            if ask.status == CREATED:
                line, told = by_key[ask.key], ask.answer
                assert (line.seq, -line.credits, line.balance_after, line.member) == (
                    told["seq"],
                    told["credits"],
                    told["balance_after"],
                    ask.member,
                )
                assert told["metadata"] == {"key": ask.key}
        return by_key


def wait_until_ready(port):
    """Wait until a server can serve."""
    ready = f"http://127.0.0.1:{port}/readyz"
    eventually(lambda: status_of(ready) == 200, f"{ready} says that it is")


def kill(process):
    """Kill a server's whole process group, as it stands."""
    family = family_of(process.pid)
    os.killpg(process.pid, signal.SIGKILL)
    eventually(lambda: all_gone(family), "all processes of the server are gone")


class Crowd:
    """Many callers who deduct until they are told to stop, or until nobody answers."""

    def __init__(self, site, ports, name, *, callers=40, asks=10**6, member=BOB):
        self.site, self.name, self.member, self.most = site, name, member, asks
        self.stopping, self.answered = threading.Event(), threading.Semaphore(0)
        self.asks = [[] for _ in range(callers)]
        self.ports = [ports[number % len(ports)] for number in range(callers)]
        self.set_work(self._run)

    def set_work(self, work):
        """Let each caller do this, given its number and its server's port."""
        self.threads = [
            threading.Thread(target=work, args=numbered) for numbered in enumerate(self.ports)
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def _run(self, number, port):
        with Api(port, self.site.token) as api:
            for count in range(self.most):
                if self.stopping.is_set():
                    return
                ask = Ask(f"{self.name}.{number}.{count}", self.member)
                self.asks[number].append(ask)
                api.deduct(ask)
                if ask.is_unknown or ask.status == NOT_FOUND:
                    return
                self.answered.release()

    def wait_for(self, count):
        """Wait until so many more were answered."""
        for _ in range(count):
            assert self.answered.acquire(timeout=PATIENCE)

    def stop(self):
        """Stop, and wait for the last answers; returns everything that was asked."""
        self.stopping.set()
        return self.wait()

    def wait(self):
        """Wait until all callers are done by themselves."""
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        return [ask for asks in self.asks for ask in asks]


@contextmanager
def served_twice(site):
    """Two servers on one database; gives their ports."""
    with ExitStack() as stack:
        first = stack.enter_context(site.served())
        second = stack.enter_context(site.served())
        yield first, second


def retry(site, port, asks):
    """Ask again for what nobody knows, with the same keys, until somebody answers."""
    with Api(port, site.token) as api:
        again = [_asked_again(api, ask) for ask in asks]
    assert [ask.status for ask in again] == [CREATED] * len(again)
    return again


def _asked_again(api, ask):
    for _ in range(MOST_TRIES):
        again = api.deduct(Ask(ask.key, ask.member, ask.credits))
        if not again.is_unknown:
            break
    return again
