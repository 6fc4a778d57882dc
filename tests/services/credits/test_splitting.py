"""One run equals any split of it: the same lines, grants, holds, usage and keys, byte for byte."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.command import AddGrant, Capture, Deduct, Extend, PlaceHold, RefundDeduction
from app.domain.command import Release as ReleaseHold
from app.domain.grant import Source
from app.domain.transaction import Attribution
from app.services.credits.ledger import submit
from app.services.credits.post import Entry
from app.services.credits.spend import fingerprint
from app.services.workspaces.open import start_workspace
from app.store.database import db
from app.store.pools import GRANTS, HOLDS, KEYS, PERIODS, POOLS, TRANSACTIONS, USAGE
from tests.conftest import START
from tests.services.credits.one_pool import outcome_of

TABLES = (POOLS, GRANTS, HOLDS, TRANSACTIONS, USAGE, KEYS, PERIODS)
SKIPPED = {"pool", "id", "due_at"}
amounts = st.integers(1, 2_500)
numbers = st.integers(1, 6)
parts = st.none() | st.integers(1, 2_500)
spans = st.sampled_from([timedelta(minutes=15), timedelta(hours=20)])
who = st.sampled_from([Attribution(1, None, "deploy", 1), Attribution(2, 1, "ai.video", 3)])
commands = st.one_of(
    st.builds(Deduct, amounts, who),
    st.builds(PlaceHold, amounts, who, spans),
    st.builds(Capture, numbers, parts),
    st.builds(ReleaseHold, numbers),
    st.builds(Extend, numbers, spans),
    st.builds(RefundDeduction, st.integers(1, 12), parts, st.just("mistake")),
    st.builds(AddGrant, st.just(Source.TOP_UP), amounts),
)
keys = st.none() | st.sampled_from("abcde")
entries = st.builds(
    lambda command, key: Entry(command, key, fingerprint(repr(command))), commands, keys
)


def stored(account):
    """All rows of a pool, but for its id and for when to look at it again at the latest."""
    with db.engine.connect() as connection:
        return [
            [
                [value for name, value in row._mapping.items() if name not in SKIPPED]
                for row in connection.execute(_rows_of(table, account.id))
            ]
            for table in TABLES
        ]


def _rows_of(table, pool):
    first, *_ = keys_of = list(table.primary_key)
    return table.select().where(first == pool).order_by(*keys_of)


def cut(run, cuts):
    """Split a run at these places."""
    places = sorted({place % (len(run) + 1) for place in cuts} | {0, len(run)})
    return [run[first:last] for first, last in pairwise(places)]


@pytest.fixture
def open_workspace(app, alice):
    """Open one more workspace each time."""
    slugs = iter(range(10**6))

    def opened():
        slug = f"team-{next(slugs)}"
        return start_workspace(alice.email, slug, slug, "business", START, START)

    return opened


EXAMPLES = {"sqlite": 40, "postgresql": 20}


def test_one_post_of_many_equals_any_split_of_it(open_workspace):
    @settings(
        max_examples=EXAMPLES[db.engine.dialect.name],
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(
        run=st.lists(entries, min_size=2, max_size=25),
        cuts=st.lists(st.integers(0, 25), max_size=4),
        days=st.integers(0, 40),
    )
    def check(run, cuts, days):
        now = START + timedelta(days=days)
        whole, one_by_one, split = open_workspace(), open_workspace(), open_workspace()
        at_once = submit(whole.id, run, now)
        singly = [submit(one_by_one.id, [entry], now)[0] for entry in run]
        in_parts = [result for part in cut(run, cuts) for result in submit(split.id, part, now)]
        answers = [outcome_of(result) for result in at_once]
        assert [outcome_of(result) for result in singly] == answers
        assert [outcome_of(result) for result in in_parts] == answers
        assert stored(one_by_one) == stored(whole)
        assert stored(split) == stored(whole)

    check()
