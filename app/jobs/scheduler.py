"""JOBS, the scheduler: runs the timetable until it is stopped. A job that fails runs again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app.jobs.attempt import attempt
from app.jobs.timetable import Job


@contextmanager
def running(app: Flask, jobs: Iterable[Job]) -> Iterator[None]:
    """Run the jobs in threads of this process; leaving waits for those that are at work."""
    # It tells of every run and skip; what matters is told by `_attempt`.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    jobs = tuple(jobs)
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        # Missed while the machine slept: run once, however late. Still at work: skip this turn.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        scheduler.add_job(
            attempt,
            "interval",
            seconds=job.every_seconds,
            args=(app, job),
            id=job.name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
