"""A runner that does what a test says, through the real plugin manager, and a worker beside it."""

import itertools
import threading

from app.domain.action_run import ActionKind
from app.hookspecs import Deployed, Piece, Progress, Wrote
from app.services.actions.run_one import run_one
from app.services.actions.start import Wanted, start
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.credits.verify import verify_ledger
from app.store.action_runs import run_by_id
from app.store.database import db
from tests.plugins.packages import installed_with, made_of

PATIENCE = 20
keys = (f"key-{number}" for number in itertools.count())


def page(task):
    """Write one page, as a runner does."""
    yield Progress("Writing")
    yield Piece("<h1>")
    yield Piece(task.prompt)
    yield Wrote("index.html", f"<h1>{task.prompt}</h1>".encode())


class Script:
    """A runner whose steps are given; it remembers the tasks that it got."""

    key, title, generates, deploys = "script", "Script", True, True

    def __init__(self, steps=page, deployed=None, not_ready=None):
        self.steps, self.tasks, self.why_not = steps, [], not_ready
        self.deployed = deployed or (lambda task: Deployed(site=dict(task.files)))

    def not_ready(self):
        """Say what the test wants."""
        return self.why_not

    def generate(self, task):
        """Do what the test wants."""
        self.tasks.append(task)
        return self.steps(task)

    def deploy(self, task):
        """Do what the test wants."""
        self.tasks.append(task)
        return self.deployed(task)


def install_runner(runner):
    """Install a runner as a plugin that is switched on."""
    manager = installed_with(made_of("script", app_runners=lambda: [runner]), time_box=5)
    return manager.plugins["script"]


class Story:
    """An app in Acme, whose people start actions that a worker carries out."""

    def __init__(self, cast, app_id):
        self.cast, self.app_id = cast, app_id

    def start(self, kind=ActionKind.GENERATE, prompt="Hello", first="bob", **wanted):
        """Let somebody start an action."""
        asked = Wanted(kind, prompt, **wanted)
        return start(self.cast.access(first), self.app_id, asked, next(keys), self.cast.now).value

    def work(self, worker="one", stopping=None):
        """Let a worker do what waits, one action."""
        return run_one(worker, lambda: self.cast.now, 15, stopping or threading.Event())

    def done(self, *args, **kwargs):
        """Start an action, let it be carried out, and give it as it is then."""
        row = self.start(*args, **kwargs)
        assert self.work()
        return self.now(row)

    def now(self, row):
        """An action as it is now."""
        db.session.rollback()
        return run_by_id(row.id)

    def pool(self, slug="acme"):
        """What the pool has: (to spend, held)."""
        from app.store.accounts import account_by_slug

        db.session.rollback()
        seen = pool(account_by_slug(slug), self.cast.now)
        return seen.available, seen.held

    def period_end(self):
        """When Acme's period ends."""
        return pool(self.cast.acme, self.cast.now).period.end

    def paid(self):
        """The lines of Acme's history that are deductions: (action, credits)."""
        lines = transactions(
            self.cast.acme, TransactionFilter(kind="deduction"), 200, None, self.cast.now
        )
        return [(line.action, -line.credits, line.member) for line in lines]

    def require_sound(self):
        """The ledger adds up, and nothing is held."""
        assert self.pool()[1] == 0
        assert [one.difference for one in verify_ledger(None) if one.difference] == []


class Gate:
    """Steps that stop half-way until they are let go: `begun` when they are there."""

    def __init__(self):
        self.begun, self.go, self.seen = threading.Event(), threading.Event(), []

    def __call__(self, task):
        """Write, wait, write."""
        yield Progress("Half-way")
        yield Wrote("half.html", b"half")
        self.begun.set()
        assert self.go.wait(PATIENCE)
        self.seen.append(task.cancelled())
        yield Wrote("whole.html", b"whole")


def beside(app, deed):
    """Run a deed in a thread with a context of its own; gives the thread."""

    def run():
        with app.app_context():
            deed()
            db.session.remove()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
