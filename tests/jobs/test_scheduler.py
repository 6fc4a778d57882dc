"""The scheduler: what runs, that a failure harms nobody, and that stopping waits."""

import logging
import threading
from datetime import timedelta

import pytest
from flask import Flask, current_app

from app.clock import Clock
from app.domain.role import Role
from app.jobs.attempt import attempt
from app.jobs.pulse import begin_pulse
from app.jobs.scheduler import running
from app.jobs.timetable import Job, each_process, timetable
from app.services import purge
from app.services.sso.domains.claim import vouch_for_domain
from app.services.workspaces.access import access_to
from app.services.workspaces.invite import invite
from app.store.database import db
from app.store.mails import Mail
from app.store.plugin_health import PluginHealthRow
from tests.conftest import START

PATIENCE_SECONDS = 20


def job_of(app: Flask, name: str) -> Job:
    (found,) = (job for job in timetable(app.extensions["coffer"]) if job.name == name)
    return found


def test_the_timetable_has_each_job_once_and_runs_on_an_empty_installation(app: Flask):
    jobs = timetable(app.extensions["coffer"])
    assert len({job.name for job in jobs}) == len(jobs) >= 4
    for job in jobs:
        job.run()


def test_mail_is_delivered_by_the_job(app: Flask, acme, clock: Clock):
    _, access = access_to(acme.alice.id, "acme")
    invite(access, ["erin@acme.test"], Role.MEMBER, clock.now())
    job_of(app, "deliver mail").run()
    (letter,) = (app.extensions["coffer"].settings.instance / "mail").iterdir()
    assert b"erin@acme.test" in letter.read_bytes()


def test_pools_are_settled_by_the_job(app: Flask, acme, later):
    from app.services.credits.due import count_due_pools

    now = later(days=40)
    assert count_due_pools(now) > 0
    job_of(app, "close periods").run()
    assert count_due_pools(now) == 0


@pytest.mark.parametrize("settings", [{"dns_servers": "127.0.0.1:1", "dns_timeout_seconds": 0.2}])
def test_domains_are_checked_by_the_job(app: Flask, acme, later):
    _, access = access_to(acme.alice.id, "acme")
    claim = vouch_for_domain(access, "acme.test", START)
    claim.is_vouched, claim.due_at = False, START
    db.session.commit()
    later(hours=1)
    job_of(app, "check domains").run()
    db.session.refresh(claim)
    assert (claim.state, claim.checked_at) == ("verified", START + timedelta(hours=1))
    assert "gave no answer" in str(claim.finding)


def test_what_is_old_is_purged_and_what_is_young_is_kept(app: Flask, acme, clock: Clock):
    for days, sent in ((40, True), (40, False), (2, True)):
        at = clock.now() - timedelta(days=days)
        db.session.add(
            Mail(
                recipient="erin@acme.test",
                template="reset",
                context={},
                created_at=at,
                due_at=at,
                sent_at=at if sent else None,
            )
        )
    db.session.commit()
    job_of(app, "purge what is old").run()
    kept = db.session.query(Mail).filter_by(recipient="erin@acme.test").all()
    assert sorted(mail.sent_at is None for mail in kept) == [False, True]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_can_not_be_purged_keeps_nothing_else(app: Flask, acme, monkeypatch, caplog):
    at = START - timedelta(days=40)
    words = {"template": "reset", "context": {}, "created_at": at, "due_at": at, "sent_at": at}
    db.session.add(Mail(recipient="erin@acme.test", **words))
    db.session.commit()

    def broken(*_: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(purge, "delete_sign_ins_unused_since", broken)
    with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError, match="on purpose"):
        purge.purge(90, 30, START)
    assert db.session.query(Mail).count() == 0
    assert "could not be thrown away" in caplog.text


def test_a_job_that_fails_is_logged_and_runs_again(app: Flask, caplog: pytest.LogCaptureFixture):
    turns: list[int] = []
    third = threading.Event()

    def fail() -> None:
        assert current_app
        turns.append(1)
        if len(turns) == 3:
            third.set()
        raise RuntimeError("on purpose")

    with caplog.at_level(logging.ERROR), running(app, [Job("fails", 1, fail)]):
        assert third.wait(PATIENCE_SECONDS)
    assert "The job 'fails' failed; it will run again." in caplog.text


def test_one_slow_job_does_not_hold_up_another(app: Flask):
    release, other = threading.Event(), threading.Event()
    jobs = [
        Job("slow", 1, lambda: release.wait(PATIENCE_SECONDS)),
        Job("quick", 1, other.set),
    ]
    with running(app, jobs):
        assert other.wait(PATIENCE_SECONDS)
        release.set()


def test_a_job_never_runs_beside_itself(app: Flask):
    active, most, turns = [], [], threading.Semaphore(0)

    def work() -> None:
        active.append(1)
        most.append(len(active))
        threading.Event().wait(1.5)
        active.pop()
        turns.release()

    with running(app, [Job("long", 1, work)]):
        assert turns.acquire(timeout=PATIENCE_SECONDS)
        assert turns.acquire(timeout=PATIENCE_SECONDS)
    assert set(most) == {1}


def test_stopping_waits_for_the_job_at_work(app: Flask):
    begun, done = threading.Event(), []

    def work() -> None:
        begun.set()
        threading.Event().wait(0.3)
        done.append(1)

    with running(app, [Job("at work", 60, work)]):
        assert begun.wait(PATIENCE_SECONDS)
    assert done == [1]


def test_an_attempt_swallows_errors_only(app: Flask):
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(app, Job("stop", 1, stop))


def test_a_process_of_the_server_tells_how_plugins_fare_and_goes_on_after_a_failure(app: Flask):
    turns = threading.Semaphore(0)

    def fail() -> None:
        assert current_app
        turns.release()
        raise RuntimeError("on purpose")

    jobs = {job.name: job for job in each_process(app.extensions["coffer"])}
    tell = jobs["tell how plugins fare"]
    stopping = begin_pulse(app, [Job("fails", 0, fail)])
    try:
        assert turns.acquire(timeout=PATIENCE_SECONDS)
        assert turns.acquire(timeout=PATIENCE_SECONDS)
    finally:
        stopping.set()
    tell.run()
    told = {row.plugin for row in db.session.query(PluginHealthRow)}
    assert "house_rules" in told
