"""A crowded workspace: ten thousand members and a long history, made by the money path itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta

from app.domain.command import Deduct
from app.domain.role import Role
from app.domain.transaction import Attribution
from app.services.credits.ledger import commit
from app.services.credits.post import Entry
from app.store import bulk
from app.store.accounts import Membership
from app.store.apps import App
from app.store.database import current_engine, write_connection
from app.store.people import Person
from tests.bench.installation import START, Installation

MEMBERS = 10_000
APPS = 50
ACTIONS = ("deploy", "generate.simple", "generate.fullstack", "ai.completion", "refine.simple")
DAYS = 30
FIRST_ID = 1_000
BATCH = 1_000


def crowd(installation: Installation) -> None:
    """Add members and apps to the hot workspace."""
    join(installation.hot_pool)


def join(account: int) -> None:
    """Add members and apps to a workspace."""
    members = range(FIRST_ID, FIRST_ID + MEMBERS)
    people = [
        (i, f"member{i}@acme.test", f"Member {i}", None, START, False, START) for i in members
    ]
    places = [(account, i, Role.MEMBER.value, START) for i in members]
    apps = [(FIRST_ID + i, account, f"App {i}", "", FIRST_ID, START, None) for i in range(APPS)]
    with write_connection(current_engine()) as connection:
        for model, rows in ((Person, people), (Membership, places), (App, apps)):
            bulk.insert(connection, model.__table__, rows)


def deduct_for_a_month(installation: Installation, lines: int) -> None:
    """Let the members act, evenly over the last thirty days before START."""
    chance = random.Random(20261123)
    first = START - timedelta(days=DAYS)
    step = timedelta(days=DAYS) / max(1, lines // BATCH)
    for batch in range(lines // BATCH):
        entries = [
            Entry(
                Deduct(
                    1,
                    Attribution(
                        chance.randrange(FIRST_ID, FIRST_ID + MEMBERS),
                        chance.randrange(FIRST_ID, FIRST_ID + APPS),
                        chance.choice(ACTIONS),
                        1,
                    ),
                )
            )
            for _ in range(BATCH)
        ]
        commit({installation.hot_pool: entries}, first + batch * step)


def timed(work: Callable[[], object]) -> float:
    """How long something takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000
