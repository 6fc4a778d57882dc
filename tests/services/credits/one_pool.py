"""One workspace and the model beside it: draws commands, applies them to both, compares views."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.domain.command import (
    AddGrant,
    Capture,
    Deduct,
    Extend,
    PlaceHold,
    RefundDeduction,
    Release,
)
from app.domain.grant import Source
from app.domain.refusals import Refusal
from app.domain.transaction import Attribution, Transaction
from app.services.apps.edit import create_app
from app.services.credits.ledger import submit
from app.services.credits.post import Entry
from app.services.credits.read import TransactionFilter, pool, pools_of, transactions, usage
from app.services.credits.spend import fingerprint
from app.services.credits.verify import verify_ledger
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace
from app.store.database import db
from app.store.pools import POOLS
from tests.conftest import START
from tests.services.credits.model import ALLOCATION, DAY, Model, runs

credits = st.integers(1, 14)
people = st.sampled_from([0, 1, None])
apps = st.sampled_from([0, None])
actions = st.sampled_from(["deploy", "ai.video"])
lives = st.sampled_from([900, 43_200, 86_400]).map(lambda s: timedelta(seconds=s))
picks = st.integers(0, 30)
parts = st.none() | st.integers(1, 9)
keyed = st.booleans()
asks = st.one_of(
    st.tuples(st.just("deduct"), credits, people, apps, actions, keyed),
    st.tuples(st.just("hold"), credits, people, apps, actions, lives, keyed),
    st.tuples(st.just("capture"), picks, parts),
    st.tuples(st.just("release"), picks),
    st.tuples(st.just("extend"), picks, lives),
    st.tuples(st.just("refund"), picks, parts, keyed),
    st.tuples(
        st.just("grant"),
        st.sampled_from(["top_up", "adjustment"]),
        credits,
        st.sampled_from([None, timedelta(minutes=30), timedelta(hours=5), timedelta(days=3)]),
    ),
    st.tuples(st.just("again"), picks),
    st.tuples(st.just("twist"), picks),
)
steps = st.sampled_from(
    [
        timedelta(seconds=1),
        timedelta(minutes=15),
        timedelta(minutes=40),
        timedelta(hours=6),
        timedelta(hours=13),
        timedelta(days=4),
        timedelta(seconds=-1),
        timedelta(minutes=-10),
        timedelta(hours=-2),
    ]
)


class OnePool:
    """One workspace of the world and the model beside it."""

    def __init__(self, world):
        slug = f"team-{next(world.numbers)}"
        account = start_workspace(world.alice.email, slug, slug, "small", START, START)
        self.world, self.account = world, account
        self.members = [world.alice.id, world.bob.id]
        access = access_to(world.alice.id, slug)[1]
        self.apps = [create_app(access, "Shop", "", START).id]
        midnight = datetime(START.year, START.month, START.day, tzinfo=UTC) + DAY
        self.model = Model(START, midnight)
        self.model.enter("allocation", ALLOCATION, midnight + DAY)
        self.asked = []

    def entry(self, ask):
        """Resolve a drawn command against the present state; returns entry and model's call."""
        name, *arguments = ask
        if name in ("again", "twist"):
            return self._repeated(name, *arguments)
        key = None
        if name in ("deduct", "hold", "refund") and arguments.pop():
            key = f"key {len(self.asked)}"
        if name in ("deduct", "hold"):
            n, person, app, action, *lasts = arguments
            arguments = [n, self._who(person, app, action), *lasts]
        elif name in ("capture", "release", "extend"):
            arguments[0] = self._hold(arguments[0])
        elif name == "refund":
            arguments[0] = self._deduction(arguments[0])
        return self._entry((name, tuple(arguments), key))

    def _who(self, person, app, action):
        member = None if person is None else self.members[person]
        return (member, None if app is None else self.apps[app], action)

    def _hold(self, pick):
        """Mostly an active hold, sometimes any number."""
        holds = enumerate(self.model.holds, 1)
        active = [number for number, hold in holds if hold.state == "active"]
        return active[pick % len(active)] if active and pick < 25 else pick % 8

    def _deduction(self, pick):
        """Mostly the line of a deduction, sometimes any number."""
        lines = enumerate(self.model.lines, 1)
        paid = [seq for seq, line in lines if line.kind == "deduction"]
        return paid[pick % len(paid)] if paid and pick < 28 else pick

    def _repeated(self, name, pick):
        keyed = [call for call in self.asked if call[2] is not None]
        if not keyed:
            return self._entry(("release", (99,), None))
        what, arguments, key = keyed[-1 - pick % len(keyed)]
        if name == "twist":
            what, arguments = "refund", (1, 13)
        return self._entry((what, arguments, key))

    def _entry(self, call):
        name, arguments, key = call
        self.asked.append(call)
        return call, Entry(
            self._command(name, *arguments), key, fingerprint(repr((name, arguments)))
        )

    def _command(self, name, *arguments):
        if name in ("deduct", "hold"):
            n, (member, app, action), *lasts = arguments
            who = Attribution(member, app, action, n)
            return Deduct(n, who) if name == "deduct" else PlaceHold(n, who, *lasts)
        if name == "refund":
            return RefundDeduction(*arguments, "mistake")
        if name == "grant":
            source, size, lasts = arguments
            expires_at = None if lasts is None else self.model.at + lasts
            return AddGrant(Source(source), size, expires_at)
        return {"capture": Capture, "release": Release, "extend": Extend}[name](*arguments)

    def post(self, drawn, now):
        """Submit a batch to both, one by one to the model; answers must be the same."""
        self.model.pass_time(now)
        entries, expected = [], []
        for ask in drawn:
            (name, arguments, key), entry = self.entry(ask)
            entries.append(entry)
            expected.append(self.model.ask(name, arguments, key))
            if expected[-1][1] and name == "deduct" and arguments[0] > self.model.free():
                self.model.seen["replay of what would be refused now"] += 1
        results = submit(self.account.id, entries, now)
        assert [outcome_of(result) for result in results] == expected
        refused = [outcome[0] == "no" for outcome, _ in expected]
        self.model.seen["refused command in a batch"] += any(refused) and not all(refused)

    def stored(self):
        """The pool's own row."""
        with db.engine.connect() as connection:
            return connection.execute(POOLS.select().where(POOLS.c.id == self.account.id)).one()

    def forget(self):
        """Let no later sweep find this pool due."""
        with db.engine.begin() as connection:
            mine = POOLS.c.id == self.account.id
            connection.execute(POOLS.update().where(mine).values(due_at=None))


def outcome_of(result):
    """What came of an entry, in the model's words."""
    if isinstance(result, Refusal):
        return ("no", result.code), False
    value = result.value
    if isinstance(value, Transaction):
        draws = [tuple(draw) for draw in value.draws]
        return ("line", value.seq, value.credits, value.balance_after, draws), result.replayed
    outcome = ("hold", value.number, value.state.value, value.credits, value.expires_at)
    return outcome, result.replayed


def parts_of(view):
    """What a pool view says."""
    return (
        view.available,
        view.held,
        {
            g.id: (g.source, g.granted, g.remaining, g.held, g.used, g.expired, g.expires_at)
            for g in view.grants
        },
    )


def number(text):
    return int(text.split("_")[-1])


def check_views(one, now):
    """All views of the pool say the same, and what the model says."""
    model, account = one.model, one.account
    view = pool(account, now)
    lots = {
        f"grant_{account.id}_{n}": (o.source, o.size, o.free, o.held, o.used, o.gone, o.end)
        for n, o in enumerate(model.lots, 1)
        if o.free or o.held
    }
    assert parts_of(view) == (model.free(), model.held(), lots)
    assert view.period.start <= model.at < view.period.end
    lines = transactions(account, TransactionFilter(), 10_000, None, now)[::-1]
    assert [
        (t.kind, t.credits, t.balance_after, t.at, [(number(d.grant), d.credits) for d in t.draws])
        for t in lines
    ] == [(m.kind, m.sign * len(m.credits), m.balance, m.at, runs(m.credits)) for m in model.lines]
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    balance = sum(line.credits for line in lines)
    assert balance == view.available + view.held == one.stored().balance
    contexts = {context.slug: context for context in pools_of(one.world.alice.id, now)}
    assert (contexts[account.slug].available, contexts[account.slug].held) == (
        view.available,
        view.held,
    )
    check_usage(one)
    assert [found.difference for found in verify_ledger(account.slug)] == [None]


def check_usage(one):
    """The four usage reports say what the model says."""
    names = {one.world.alice.id: one.world.alice.email, one.world.bob.id: one.world.bob.email}
    for index, by in enumerate(("member", "app", "action", "day")):
        report = usage(one.account, by, None, None)
        used, counts = Counter(), Counter()
        for key, credits_used in one.model.usage.items():
            used[key[index]] += credits_used
            counts[key[index]] += one.model.counts[key]
        spelled = {
            "member": lambda member: names.get(member, ""),
            "app": lambda app: "" if app is None else f"app_{app}",
        }.get(by, str)
        assert report.total == sum(used.values())
        assert {item.key: (item.credits, item.count) for item in report.items} == {
            spelled(key): (used[key], counts[key]) for key in used
        }
