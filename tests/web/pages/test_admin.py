"""The operator's area: nothing there for others; runs of the cycle, seen while they go on."""

from datetime import timedelta

import pytest

from app.domain.trigger import Trigger
from app.services.credits import settle
from app.services.credits.due import count_due_pools
from app.services.cycle.run import begin_run, run_cycle
from app.services.people.sign_up import create_person
from app.store.accounts import personal_account
from app.store.database import db
from app.store.pools import POOLS
from tests.cli.running import eventually
from tests.conftest import PASSWORD, START

PAGES = ("/admin", "/admin/cycles", "/admin/cycles/1")


@pytest.fixture
def operator(app):
    return create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)


@pytest.fixture
def olga(open_browser, operator):
    return open_browser(operator)


def test_for_others_there_is_nothing(acme, open_browser, clock):
    run_cycle(START + timedelta(days=40), Trigger.COMMAND, clock.now)
    alice, nobody = open_browser(acme.alice), open_browser()
    for path in PAGES:
        assert alice.get(path).status == 404
        assert nobody.get(path).path.startswith("/sign-in")
    assert alice.send("/admin/cycles/run").status_code == 404
    assert "/admin" not in alice.get("/").links("//nav")


def test_an_operator_finds_it_in_the_menu(olga):
    assert "/admin" in olga.get("/").links("//nav")
    assert olga.get("/admin").title == "Administration"


def test_runs_and_what_is_due(acme, olga, later, clock):
    run_cycle(later(days=1), Trigger.COMMAND, clock.now)
    page = olga.get("/admin/cycles")
    ((began, by, state, due, settled, failed, took),) = page.rows("runs")
    assert (began, by, state) == ("16 Jan 2026, 12:00 UTC", "Command", "Done")
    assert (due, settled, failed, took) == ("5", "5", "0", "0.0 s")
    assert "Now0 pools" in page.main
    assert "The next17 Jan 2026, 00:00 UTC" in page.main


def test_no_run_yet(olga):
    assert "No run yet" in olga.get("/admin/cycles").main
    assert olga.get("/admin/cycles/1").status == 404


def test_the_button_closes_what_is_due_and_leads_to_its_progress(acme, olga, later):
    now = later(days=2)
    page = olga.submit("/admin/cycles", "/admin/cycles/run")
    assert page.path == "/admin/cycles/1"
    eventually(lambda: "Done" in olga.get(page.path).main, "the run is done")
    assert count_due_pools(now) == 0
    page = olga.get(page.path)
    assert "Settled by this run4" in page.main
    assert page.tree.xpath("//progress/@value") == page.tree.xpath("//progress/@max") == ["4"]
    assert not page.tree.xpath("//*[@data-live]")


def test_nothing_due_starts_no_run(acme, olga):
    page = olga.submit("/admin/cycles", "/admin/cycles/run")
    assert (page.path, "Nothing is due" in page.main) == ("/admin/cycles", True)


def test_a_run_at_work_is_shown_live_and_reloads_without_scripts(acme, olga, later, clock):
    begin_run(later(days=2), Trigger.SCHEDULER, clock.now())
    page = olga.get("/admin/cycles/1")
    assert page.tree.xpath("//*[@data-live]/@id") == ["run"]
    assert page.tree.xpath("//noscript/meta/@content") == ["2"]
    assert page.tree.xpath("//script/@src")[-1].endswith("/progress.js")
    assert "Running" in page.main


def test_a_run_that_fell_silent_is_said_to_be_interrupted(acme, olga, later, clock):
    begin_run(later(days=2), Trigger.SCHEDULER, clock.now())
    later(minutes=3)
    page = olga.get("/admin/cycles/1")
    assert "Interrupted" in page.main
    assert not page.tree.xpath("//*[@data-live]")


def test_failures_are_shown(acme, olga, later, clock, monkeypatch):
    monkeypatch.setattr(settle, "CHUNK", 2)
    with db.engine.begin() as connection:
        broken = POOLS.update().where(POOLS.c.id == personal_account(acme.bob.id).id)
        connection.execute(broken.values(plan="gone"))
    run_cycle(later(days=2), Trigger.SCHEDULER, clock.now)
    assert olga.get("/admin/cycles").rows("runs")[0][5] == "1"
    page = olga.get("/admin/cycles/1")
    assert any("KeyError" in words for words in page.errors())
