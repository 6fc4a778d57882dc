"""What time does to pools: seen by every read at once, written down once, whoever comes first."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from time import perf_counter
from types import SimpleNamespace

import pytest

from app.domain.grant import Source
from app.domain.period import Renews
from app.domain.refusals import HoldNotActive, InvalidRequest
from app.services.credits import settle
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture, extend, hold
from app.services.credits.grant import grant_credits
from app.services.credits.read import TransactionFilter, pool, pools_of, transactions
from app.services.credits.settle import close_due_periods, settled_chunks
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.credits.verify import verify_ledger
from app.store.accounts import personal_account
from app.store.catalogue import PlanRow, PriceRow
from app.store.database import add, db, transaction
from app.store.directory import DirectoryRow
from app.store.pools import PERIODS, POOLS
from tests.conftest import START

MIDNIGHT = datetime(2026, 1, 16, tzinfo=UTC)


@pytest.fixture
def account(acme):
    return SimpleNamespace(id=acme.account.id, slug="acme")


@pytest.fixture
def own(alice):
    """Alice's personal account, on Free."""
    found = personal_account(alice.id)
    return SimpleNamespace(id=found.id, slug=found.slug, person=alice.id)


@pytest.fixture
def platform(service_token):
    return caller_of(service_token, START)


def asked(account="acme", member="alice@acme.test", **more):
    return Spending(account, member, None, "deploy", **more)


def lines_of(account, now):
    found = transactions(account, TransactionFilter(), 10_000, None, now)[::-1]
    return [(line.kind, line.credits, line.at) for line in found]


def stored(account):
    with db.engine.connect() as connection:
        return connection.execute(POOLS.select().where(POOLS.c.id == account.id)).one()


class TestReadsNeedNoJob:
    """Expiry is a fact of time: each read shows it, though nobody settled the pool."""

    def test_the_pool(self, own):
        grant_credits(own.slug, 7, Source.TOP_UP, START + timedelta(hours=1), None, START)
        soon = START + timedelta(hours=1)
        assert pool(own, soon - timedelta(microseconds=1)).available == 12
        assert pool(own, soon).available == 5

    def test_the_history(self, own):
        assert lines_of(own, MIDNIGHT)[1:] == [
            ("expiry", -5, MIDNIGHT),
            ("allocation", 5, MIDNIGHT),
        ]

    def test_the_contexts(self, own):
        grant_credits(own.slug, 7, Source.TOP_UP, START + timedelta(hours=1), None, START)
        (context,) = pools_of(own.person, START + timedelta(hours=2))
        assert context.available == 5

    def test_a_hold(self, acme, platform):
        placed = place_hold(platform, asked(), "h", 60, START).value
        soon = START + timedelta(seconds=60)
        assert hold(platform, placed.id, soon - timedelta(seconds=1)).state == "active"
        found = hold(platform, placed.id, soon + timedelta(hours=1))
        assert (found.state, found.ended_at) == ("expired", soon)
        with pytest.raises(HoldNotActive):
            capture(platform, placed.id, None, soon + timedelta(hours=1))

    def test_the_period(self, account):
        view = pool(account, START + timedelta(days=31))
        assert (view.available, view.period.start) == (
            10_000,
            datetime(2026, 2, 15, 12, tzinfo=UTC),
        )

    def test_the_past(self, own, platform):
        deduct(platform, asked(own.slug, quantity=2), "k", START + timedelta(hours=1))
        later = MIDNIGHT + timedelta(days=3)
        seen = [
            pool(own, later, at).available
            for at in (START, START + timedelta(hours=1), MIDNIGHT, MIDNIGHT + timedelta(days=2))
        ]
        assert seen == [5, 3, 5, 5]
        assert pool(own, later, START - timedelta(days=1)).grants == []
        with pytest.raises(InvalidRequest):
            pool(own, later, later + timedelta(seconds=1))


def test_free_renews_every_midnight_and_keeps_nothing(own, platform):
    for day in range(4):
        now = MIDNIGHT + timedelta(days=day, hours=9)
        assert (
            deduct(platform, asked(own.slug, quantity=2), f"k{day}", now).value.balance_after == 3
        )
    counts = Counter((kind, credits) for kind, credits, _ in lines_of(own, now))
    assert counts == {
        ("allocation", 5): 5,
        ("expiry", -5): 1,
        ("deduction", -2): 4,
        ("expiry", -3): 3,
    }


def test_a_pool_idle_for_400_days_is_settled_correctly_and_quickly(own):
    later = START + timedelta(days=400)
    began = perf_counter()
    view = pool(own, later)
    assert perf_counter() - began < 5
    assert (view.available, len(view.grants)) == (5, 1)
    assert view.period.start == MIDNIGHT + timedelta(days=399)
    lines = lines_of(own, later)
    assert lines[1:] == [
        line
        for day in range(400)
        for line in (
            ("expiry", -5, MIDNIGHT + timedelta(days=day)),
            ("allocation", 5, MIDNIGHT + timedelta(days=day)),
        )
    ]
    with db.engine.connect() as connection:
        mine = PERIODS.select().where(PERIODS.c.pool == own.id).order_by(PERIODS.c.number)
        numbers = [row.number for row in connection.execute(mine)]
    assert numbers == list(range(1, 402))
    assert [found.difference for found in verify_ledger(own.slug)] == [None]


class TestClockGoesBackwards:
    """A pool's time never does, so lines stay in order and nothing is undone."""

    BACK = START + timedelta(hours=1)

    @pytest.fixture(autouse=True)
    def _ahead(self, own, platform):
        deduct(platform, asked(own.slug), "ahead", MIDNIGHT + timedelta(hours=1))

    def test_a_deduction_is_dated_by_the_pools_time(self, own, platform):
        done = deduct(platform, asked(own.slug), "back", self.BACK).value
        assert done.at == MIDNIGHT + timedelta(hours=1)
        assert (done.balance_after, pool(own, self.BACK).available) == (3, 3)

    def test_the_midnight_that_was_passed_does_not_come_again(self, own):
        close_due_periods(self.BACK)
        close_due_periods(MIDNIGHT + timedelta(minutes=30))
        assert len(lines_of(own, self.BACK)) == 4
        assert pool(own, MIDNIGHT).available == 4

    def test_a_hold_lives_from_the_pools_time_on(self, own, platform):
        placed = place_hold(platform, asked(own.slug), "h", 60, self.BACK).value
        assert placed.expires_at == MIDNIGHT + timedelta(hours=1, seconds=60)
        assert hold(platform, placed.id, self.BACK).state == "active"
        longer = extend(platform, placed.id, 120, self.BACK).value
        assert longer.expires_at == MIDNIGHT + timedelta(hours=1, seconds=120)

    def test_the_proof_holds(self, own, platform):
        deduct(platform, asked(own.slug), "back", self.BACK)
        assert [found.difference for found in verify_ledger(own.slug)] == [None]


class TestSweeping:
    """The job writes down what nobody else came to write."""

    def test_every_due_pool_is_settled_in_chunks(self, acme, monkeypatch):
        monkeypatch.setattr(settle, "CHUNK", 3)
        assert list(settled_chunks(MIDNIGHT)) == [3, 1]
        assert list(settled_chunks(MIDNIGHT)) == []
        assert [found.lines for found in verify_ledger()] == [3, 3, 3, 3, 1]

    def test_nothing_is_due_before_its_time(self, acme):
        assert close_due_periods(MIDNIGHT - timedelta(microseconds=1)) == 0

    def test_a_hold_that_times_out_makes_its_pool_due(self, account, platform):
        first = place_hold(platform, asked(), "h1", 60, START).value
        second = place_hold(platform, asked(), "h2", 600, START).value
        assert stored(account).due_at == first.expires_at
        assert close_due_periods(START + timedelta(seconds=60)) == 1
        assert stored(account).due_at == second.expires_at
        assert (stored(account).held, pool(account, START).held) == (1, 1)

    def test_a_hold_among_many_times_out_though_others_were_not_loaded(self, account, platform):
        holds = [
            place_hold(platform, asked(), f"h{n}", 60 * (n + 1), START).value for n in range(5)
        ]
        for n in range(5):
            now = START + timedelta(seconds=60 * (n + 1))
            assert pool(account, now).held == 4 - n
            states = [hold(platform, one.id, now).state for one in holds]
            assert states == ["expired"] * (n + 1) + ["active"] * (4 - n)


class TestCatalogueChanges:
    """The operator edits the catalogue, in whatever process."""

    @staticmethod
    def elsewhere(*rows):
        """Change the catalogue as another process would, so that this one's cache is old."""
        with db.engine.begin() as connection:
            for statement in rows:
                connection.execute(statement)
            version = DirectoryRow.__table__.c.version
            connection.execute(DirectoryRow.__table__.update().values(version=version + 1))

    def test_a_period_opens_by_the_plan_as_it_is_now(self, own):
        assert pool(own, START).available == 5
        free = PlanRow.__table__.update().where(PlanRow.key == "free")
        self.elsewhere(free.values(credits=8, rollover_cap=20))
        view = pool(own, MIDNIGHT)
        assert view.available == 8
        assert view.grants[0].expires_at == MIDNIGHT + timedelta(days=2)

    def test_a_plan_that_is_new_is_known_at_once(self, own):
        plan = PlanRow.__table__.insert().values(
            key="daily", name="D", credits=9, renews=Renews.DAILY, workspaces=False, position=9
        )
        mine = POOLS.update().where(POOLS.c.id == own.id)
        self.elsewhere(plan, mine.values(next_plan="daily"))
        assert pool(own, MIDNIGHT).available == 9

    def test_a_new_price_counts_from_its_instant_and_a_hold_keeps_the_old(self, acme, platform):
        placed = place_hold(platform, asked(quantity=2), "h", None, START).value
        soon = START + timedelta(minutes=5)
        with transaction():
            add(PriceRow(action="deploy", version=2, credits=3, effective_from=soon))
        before = soon - timedelta(microseconds=1)
        assert deduct(platform, asked(), "k1", before).value.credits == 1
        assert deduct(platform, asked(), "k2", soon).value.credits == 3
        assert capture(platform, placed.id, None, soon).value.credits == 2
