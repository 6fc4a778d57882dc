"""Actions: held when they begin, paid when they succeed, by the pool that they began in."""

from datetime import timedelta

import pytest

from app.domain.action_run import ActionKind, RunState
from app.domain.app_file import Origin
from app.domain.refusals import (
    Conflict,
    Forbidden,
    IdempotencyConflict,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    WorkspaceSuspended,
)
from app.hookspecs import Deployed, GaveUp, Piece, Progress, Refuse, Removed, Wrote
from app.services.actions.cancel import cancel
from app.services.actions.price import quotes
from app.services.actions.read import actions_of, follow, view_of
from app.services.actions.start import Wanted, start
from app.services.actions.sweep import sweep
from app.services.apps.edit import delete_app
from app.services.apps.save_version import save_version
from app.services.apps.transfer import transfer_app
from app.services.apps.versions import read_version
from app.services.workspaces.delete import delete_workspace
from app.services.workspaces.end_access import leave
from app.store.apps import app_by_id
from app.store.database import db
from app.store.sites import site_of_app
from tests.plugins.packages import installed_with, made_of
from tests.services.actions.runner import Gate, Script, beside, install_runner

FULL = 5_000


def files(cast, app_id):
    return read_version(cast.access("alice"), app_id).files.read_all()


def test_success_costs_and_keeps_what_was_made(cast, story):
    install_runner(Script())
    row = story.start(prompt="A page for our shop")
    assert (row.state, row.action, row.credits) == (RunState.QUEUED, "generate.simple", 1)
    assert story.pool() == (FULL - 1, 1)
    assert story.work()
    row = story.now(row)
    assert (row.state, row.captured, row.version, row.error) == (RunState.SUCCEEDED, 1, 1, "")
    assert story.paid() == [("generate.simple", 1, "bob@acme.test")]
    assert files(cast, story.app_id) == {"index.html": b"<h1>A page for our shop</h1>"}
    version = read_version(cast.access("bob"), story.app_id)
    assert (version.by_id, version.origin) == (cast.ids["bob"], Origin.GENERATE)
    assert version.why == "Generated: A page for our shop"
    assert view_of(row).transaction == f"tx_{cast.acme.id}_{row.seq}"
    assert not story.work()
    story.require_sound()


def test_what_it_says_is_followed(cast, story):
    install_runner(Script())
    row = story.done()
    seen = follow(cast.access("ben"), row.id, 0)
    assert [(step.kind, step.text) for step in seen.steps] == [
        ("progress", "Writing"),
        ("piece", "<h1>Hello"),
        ("file", "index.html"),
    ]
    assert follow(cast.access("ben"), row.id, seen.last).steps == []
    assert [one.id for one in actions_of(cast.access("ben"), story.app_id)] == [row.id]


def test_refining_changes_the_latest_version_whatever_was_saved_meanwhile(cast, story):
    save_version(cast.access("bob"), story.app_id, {"a.txt": b"one", "b.txt": b"two"}, "", cast.now)
    runner = Script(lambda task: iter([Wrote("a.txt", b"ONE"), Removed("b.txt")]))
    install_runner(runner)
    row = story.start(ActionKind.REFINE, "Shout")
    save_version(cast.access("ben"), story.app_id, {"c.txt": b"ben's"}, "", cast.now)
    story.work()
    row = story.now(row)
    assert (row.state, row.action, row.base, row.version) == (
        RunState.SUCCEEDED,
        "refine.simple",
        1,
        3,
    )
    assert dict(runner.tasks[0].files) == {"a.txt": b"one", "b.txt": b"two"}
    assert files(cast, story.app_id) == {"a.txt": b"ONE", "c.txt": b"ben's"}


def test_deploying_publishes_once_whoever_repeats_it(cast, story):
    save_version(cast.access("bob"), story.app_id, {"index.html": b"hi"}, "", cast.now)
    install_runner(Script())
    row = story.done(ActionKind.DEPLOY, "")
    assert (row.state, row.captured, row.version) == (RunState.SUCCEEDED, 1, 1)
    assert site_of_app(story.app_id).live == 1
    install_runner(Script(deployed=lambda task: Deployed("https://shop.example.com/")))
    row = story.done(ActionKind.DEPLOY, "", base=1)
    assert row.address == "https://shop.example.com/"
    story.require_sound()


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (lambda task: iter([GaveUp("The model is asleep.")]), "The model is asleep."),
        (lambda task: iter([Progress("Hm")]), "Nothing was written."),
        (lambda task: iter([Piece("\ud800\x00"), Progress("\ud800"), GaveUp("No\ud800.")]), "No?."),
        (lambda task: iter([Wrote("\ud800", b"")]), "can't be kept: "),
        (lambda task: iter([Wrote("../x", b"")]), "can't be kept"),
        (lambda task: iter([Wrote("a", b"x" * 2_000_000)]), "at most 1 MiB"),
        (lambda task: iter([Wrote("a", b""), Wrote("b", b"")]), "more than one file"),
        (lambda task: iter(["index.html"]), "answered with str"),
        (lambda task: iter([Wrote("a", "text")]), "no bytes"),
        (lambda task: iter([Progress(7)]), "is no text"),
        (lambda task: None, "answered with NoneType"),
        (lambda task: [Wrote("a", b"")], "answered with list"),
        (lambda task: 1 / 0, "ZeroDivisionError"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_can_not_be_kept_costs_nothing(cast, story, steps, reason):
    install_runner(Script(steps))
    row = story.done()
    assert (row.state, row.captured, row.version) == (RunState.FAILED, 0, None)
    assert reason in row.error
    assert story.pool() == (FULL, 0)
    assert files(cast, story.app_id) == {}


@pytest.mark.parametrize(
    ("deployed", "reason"),
    [
        (GaveUp("The host is full."), "The host is full."),
        (Deployed(), "or none"),
        (Deployed("https://x.example", {"index.html": b""}), "both"),
        (Deployed("http://x.example"), "no https URL"),
        (Deployed("https://x.example/a b"), "no https URL"),
        (Deployed("https://you:me@x.example/"), "no https URL"),
        (Deployed(site={"page.html": b""}), "There is no index.html"),
        (Deployed(site={"index.html": "text"}), "by path"),
        (None, "answered with NoneType"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_deployment_that_is_none_costs_nothing(cast, story, deployed, reason):
    save_version(cast.access("bob"), story.app_id, {"index.html": b"hi"}, "", cast.now)
    install_runner(Script(deployed=lambda task: deployed))
    row = story.done(ActionKind.DEPLOY, "")
    assert row.state is RunState.FAILED
    assert reason in row.error
    assert story.pool() == (FULL, 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_runner_that_fails_again_and_again_is_in_quarantine(cast, story):
    plugin = install_runner(Script(lambda task: 1 / 0))
    for _ in range(3):
        story.done()
    assert plugin.state == "quarantined"
    with pytest.raises(Conflict, match="switched on"):
        story.start()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_set_is_said_and_costs_nothing(cast, story):
    install_runner(Script(not_ready="Set the model under /admin/plugins."))
    with pytest.raises(Conflict, match="Set the model"):
        story.start()
    assert actions_of(cast.access("bob"), story.app_id) == []
    assert story.pool() == (FULL, 0)


def test_a_repeat_of_the_key_gives_the_first_action(cast, story):
    install_runner(Script())
    bob, asked = cast.access("bob"), Wanted(ActionKind.GENERATE, "Hello")
    first = start(bob, story.app_id, asked, "once", cast.now)
    again = start(bob, story.app_id, asked, "once", cast.now)
    assert (first.value.id, first.replayed, again.replayed) == (again.value.id, False, True)
    assert story.pool() == (FULL - 1, 1)
    other = Wanted(ActionKind.GENERATE, "Other")
    with pytest.raises(IdempotencyConflict):
        start(bob, story.app_id, other, "once", cast.now)
    assert start(cast.access("ben"), story.app_id, other, "once", cast.now).value.id != 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestRefusals:
    """What doesn't begin holds nothing."""

    def test_outsiders_and_nonsense(self, cast, story):
        install_runner(Script())
        for wanted, refusal in (
            ({"prompt": " "}, InvalidRequest),
            ({"prompt": "x" * 20_001}, InvalidRequest),
            ({"action": "refine.simple"}, InvalidRequest),
            ({"runner": "other"}, InvalidRequest),
            ({"kind": ActionKind.REFINE}, Conflict),
            ({"kind": ActionKind.DEPLOY}, Conflict),
            ({"kind": ActionKind.REFINE, "base": 9}, NotFound),
            ({"at_most": 0}, Conflict),
        ):
            with pytest.raises(refusal):
                story.start(**wanted)
        with pytest.raises(NotFound):
            start(
                cast.access("charlie", "charlie"),
                story.app_id,
                Wanted(ActionKind.GENERATE, "Hi"),
                "k",
                cast.now,
            )
        assert story.pool() == (FULL, 0)

    def test_a_pool_that_cannot_pay_says_what_is_missing_and_who_can_top_up(self, cast, story):
        install_runner(Script())
        transferred = transfer_app(cast.ids["alice"], story.app_id, "alice", cast.now)
        alice = cast.access("alice", transferred.account.slug)
        asked = Wanted(ActionKind.GENERATE, "An API", "generate.fullstack")
        start(alice, story.app_id, asked, "one", cast.now)
        with pytest.raises(InsufficientCredits) as refused:
            start(alice, story.app_id, asked, "two", cast.now)
        facts = refused.value.facts
        assert (facts["available"], facts["needed"]) == (1, 4)
        assert facts["who_can_top_up"] == ["alice@acme.test"]

    def test_at_most_ten_are_under_way(self, cast, story):
        install_runner(Script())
        for _ in range(10):
            story.start()
        with pytest.raises(Conflict, match="10 actions"):
            story.start()
        assert story.pool() == (FULL - 10, 10)

    def test_plugins_that_decide_price_and_refuse(self, cast, story):
        from app.hookspecs import Price

        def before_deduction(spending):
            assert spending.kind == "hold"
            if spending.action == "generate.fullstack":
                return Refuse("Too large for us.")
            return Price(spending.credits * 3)

        installed_with(
            made_of("script", app_runners=lambda: [Script()]),
            made_of("rules", before_deduction=before_deduction),
            time_box=5,
        )
        seen = quotes(ActionKind.GENERATE, cast.access("bob"), story.app_id, cast.now)
        assert [(one.credits, one.refusal) for one in seen] == [
            (3, None),
            (6, None),
            (0, "Too large for us."),
        ]
        assert story.start(at_most=3).credits == 3


class TestMeanwhile:
    """What changes while an action is under way."""

    @pytest.fixture
    def gate(self):
        gate = Gate()
        install_runner(Script(gate))
        return gate

    @pytest.fixture
    def begun(self, app, story, gate):
        """An action of two credits that is half-way."""
        row = story.start(action="generate.standard")
        worker = beside(app, story.work)
        assert gate.begun.wait(20)
        yield row
        gate.go.set()
        worker.join(20)

    @pytest.fixture
    def ended(self, story, gate, begun):
        """Let it go on, and give it as it is when it is over."""

        def end():
            gate.go.set()
            while not story.now(begun).state.is_over or story.now(begun).claimed_by:
                pass
            return story.now(begun)

        return end

    def test_who_leaves_is_paid_for_by_the_workspace(self, cast, story, begun, ended):
        leave(cast.access("bob"), cast.now)
        row = ended()
        assert (row.state, row.captured) == (RunState.SUCCEEDED, 2)
        assert story.paid() == [("generate.standard", 2, "bob@acme.test")]
        assert cast.ids["bob"] == read_version(cast.access("alice"), story.app_id).by_id
        story.require_sound()

    def test_a_transferred_app_is_paid_for_where_it_began(self, cast, story, begun, ended):
        transfer_app(cast.ids["alice"], story.app_id, "alice", cast.now)
        row = ended()
        assert (row.state, row.account_id) == (RunState.SUCCEEDED, cast.acme.id)
        assert story.pool() == (FULL - 2, 0)
        assert story.pool("alice") == (5, 0)
        assert read_version(cast.access("alice", "alice"), story.app_id).number == 1
        story.require_sound()

    def test_a_deleted_app_costs_nothing(self, cast, story, begun, ended):
        delete_app(cast.access("alice"), story.app_id, cast.now)
        row = ended()
        assert (row.state, row.error) == (RunState.FAILED, "The app was deleted meanwhile.")
        assert story.pool() == (FULL, 0)
        story.require_sound()

    def test_a_deleted_workspace_pays_nothing(self, cast, story, begun, ended):
        delete_workspace(cast.access("alice"), "Acme Incorporated", cast.now)
        assert ended().state is RunState.FAILED
        story.require_sound()

    def test_a_hold_that_time_ended_pays_for_nothing(self, cast, story, begun, ended):
        cast.clock.set(cast.now + timedelta(days=2))
        row = ended()
        assert (row.state, row.captured) == (RunState.FAILED, 0)
        assert read_version(cast.access("bob"), story.app_id).number == 0
        story.require_sound()

    def test_cancelled_is_over_at_once_and_its_result_thrown_away(self, cast, story, gate, begun):
        row = cancel(cast.access("bob"), begun.id, cast.now)
        assert row.state is RunState.CANCELLED
        assert story.pool() == (FULL, 0)
        with pytest.raises(Conflict, match="cancelled already"):
            cancel(cast.access("bob"), begun.id, cast.now)
        gate.go.set()
        db.session.rollback()
        assert read_version(cast.access("bob"), story.app_id).number == 0

    def test_who_may_cancel(self, cast, story, begun):
        with pytest.raises(Forbidden):
            cancel(cast.access("ben"), begun.id, cast.now)
        with pytest.raises(NotFound):
            cancel(cast.access("charlie", "charlie"), begun.id, cast.now)
        assert cancel(cast.access("carol"), begun.id, cast.now).state is RunState.CANCELLED

    def test_a_silent_worker_loses_it_and_what_it_brings_is_thrown_away(
        self, cast, story, gate, begun
    ):
        cast.clock.set(cast.now + timedelta(seconds=61))
        assert sweep(cast.now) == 1
        row = story.now(begun)
        assert (row.state, row.captured) == (RunState.FAILED, 0)
        assert "Nothing was charged" in row.error
        assert story.pool() == (FULL, 0)
        assert sweep(cast.now) == 0


def test_a_deployment_whose_worker_died_is_tried_again_some_times(cast, story):
    from app.services.actions.claim import claim

    save_version(cast.access("bob"), story.app_id, {"index.html": b"hi"}, "", cast.now)
    install_runner(Script())
    row = story.start(ActionKind.DEPLOY, "")
    for attempt in (1, 2):
        assert claim("dead", 15, cast.now).id == row.id
        assert claim("other", 15, cast.now) is None
        cast.clock.set(cast.now + timedelta(seconds=61))
        sweep(cast.now)
        assert (story.now(row).state, story.now(row).attempts) == (RunState.QUEUED, attempt)
    assert claim("dead", 15, cast.now)
    cast.clock.set(cast.now + timedelta(seconds=61))
    sweep(cast.now)
    assert story.now(row).state is RunState.FAILED
    assert story.pool() == (FULL - 0, 0)
    again = story.done(ActionKind.DEPLOY, "")
    assert (again.state, site_of_app(story.app_id).live) == (RunState.SUCCEEDED, 1)
    story.require_sound()


def test_a_renewal_in_between_changes_nothing(cast, story):
    install_runner(Script())
    cast.clock.set(story.period_end() - timedelta(minutes=5))
    row = story.start()
    cast.clock.set(cast.now + timedelta(minutes=10))
    assert story.pool() == (2 * FULL - 1, 1)
    story.work()
    assert (story.now(row).state, story.now(row).captured) == (RunState.SUCCEEDED, 1)
    story.require_sound()


def test_what_nobody_takes_is_released(cast, story):
    install_runner(Script())
    row = story.start()
    cast.clock.set(cast.now + timedelta(minutes=29))
    assert sweep(cast.now) == 0
    cast.clock.set(cast.now + timedelta(minutes=2))
    assert sweep(cast.now) == 1
    assert "Nobody took this" in story.now(row).error
    assert story.pool() == (FULL, 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_hold_that_somebody_let_go_pays_for_nothing(cast, story, service_token):
    from app.services.credits.caller import caller_of
    from app.services.credits.finish import release

    install_runner(Script())
    row = story.start()
    release(caller_of(service_token, cast.now), view_of(row).hold, cast.now)
    story.work()
    assert story.now(row).state is RunState.FAILED
    assert read_version(cast.access("bob"), story.app_id).number == 0
    story.require_sound()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_that_is_told_to_stop_gives_it_back(app, cast, story):
    import threading

    gate, stopping = Gate(), threading.Event()
    install_runner(Script(gate))
    row = story.start(action="generate.standard")
    worker = beside(app, lambda: story.work("one", stopping))
    assert gate.begun.wait(20)
    stopping.set()
    worker.join(20)
    assert story.now(row).state is RunState.QUEUED
    assert story.pool() == (FULL - 2, 2)
    gate.go.set()
    assert story.work("two")
    assert (story.now(row).state, story.now(row).attempts) == (RunState.SUCCEEDED, 2)
    story.require_sound()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_suspended_workspace_begins_nothing_and_finishes_what_runs(cast, story):
    from app.store.database import transaction
    from app.store.pools import PoolRow

    install_runner(Script())
    row = story.start()
    with transaction():
        db.session.get(PoolRow, cast.acme.id).suspends_at = cast.now
    with pytest.raises(WorkspaceSuspended):
        story.start()
    story.work()
    assert story.now(row).state is RunState.SUCCEEDED
    assert app_by_id(story.app_id).name == "Shop"
    story.require_sound()


def test_what_was_begun_and_is_queued_again_is_not_called_forgotten(cast, story):
    from app.services.actions.claim import claim

    save_version(cast.access("bob"), story.app_id, {"index.html": b"hi"}, "", cast.now)
    install_runner(Script())
    row = story.start(ActionKind.DEPLOY, "")
    cast.clock.set(cast.now + timedelta(minutes=25))
    assert claim("dead", 15, cast.now).id == row.id
    cast.clock.set(cast.now + timedelta(minutes=10))
    assert sweep(cast.now) == 1
    assert sweep(cast.now) == 0
    assert story.now(row).state is RunState.QUEUED
