"""Turns of jobs: written down cheaply, failures at once, and late ones found."""

from datetime import timedelta

import pytest

from app.jobs.attempt import attempt
from app.jobs.timetable import Job
from app.services.desk.job_runs import jobs_seen, note_job_run
from tests.conftest import START

BROKEN = RuntimeError("the disk is\nfull")


def test_a_good_turn_is_written_once_a_minute(app):
    written = [
        note_job_run("seal", 5, None, START + timedelta(seconds=second))
        for second in range(0, 180, 5)
    ]
    assert written.count(True) == 3
    (job,) = jobs_seen(START + timedelta(minutes=3))
    assert (job.ended_at, job.late, job.is_ill) == (START + timedelta(minutes=2), False, False)


def test_failures_are_written_at_once_and_so_is_the_end_of_them(app):
    turns = [None, BROKEN, BROKEN, None, None]
    for second, error in enumerate(turns):
        note_job_run("mail", 2, error, START + timedelta(seconds=second))
        if error:
            (job,) = jobs_seen(START)
            assert job.error == "RuntimeError: the disk is full"
            assert (job.failures, job.is_ill) == (second, second > 1)
    (job,) = jobs_seen(START)
    assert (job.failures, job.error, job.is_ill) == (0, None, False)
    assert job.ended_at == job.good_at == START + timedelta(seconds=3)


@pytest.mark.parametrize(("every", "late_after"), [(2, 185), (3_600, 7_400)])
def test_a_job_is_late_after_two_turns_and_three_minutes(app, every, late_after):
    note_job_run("close periods", every, None, START)
    soon, then = (START + timedelta(seconds=s) for s in (late_after - 20, late_after))
    assert [job.late for job in jobs_seen(soon)] == [False]
    assert [job.late for job in jobs_seen(then)] == [True]


def test_what_is_long_gone_is_not_called_late(app):
    note_job_run("tell plugin shop", 2, None, START)
    assert jobs_seen(START + timedelta(days=2)) == []


def test_an_attempt_writes_its_turn_down(app, clock):
    attempt(app, Job("well", 5, lambda: None))
    attempt(app, Job("badly", 5, lambda: 1 // 0))
    badly, well = jobs_seen(clock.now())
    assert (well.name, well.failures, badly.failures) == ("well", 0, 1)
    assert "ZeroDivisionError" in str(badly.error)
