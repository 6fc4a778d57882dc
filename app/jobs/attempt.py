"""JOBS, one attempt: a job that fails is logged, and runs again at its next turn."""

from __future__ import annotations

import logging

from flask import Flask

from app.domain.audit_line import Actor, Door
from app.jobs.timetable import Job
from app.services.audit.door import at_work
from app.services.desk.job_runs import note_job_run

log = logging.getLogger(__name__)


def attempt(app: Flask, job: Job) -> None:
    """Run a job once; what goes wrong is logged, and the next turn comes as planned."""
    failure: Exception | None = None
    try:
        with app.app_context(), at_work(Door.JOB, Actor.COFFER, f"Coffer, {job.name}"):
            job.run()
    except Exception as error:
        log.exception("The job %r failed; it will run again.", job.name)
        failure = error
    _note(app, job, failure)


def _note(app: Flask, job: Job, failure: Exception | None) -> None:
    """Write the turn down for the operators; that it can't be written stops no job."""
    try:
        with app.app_context():
            now = app.extensions["coffer"].clock.now()
            note_job_run(job.name, job.every_seconds, failure, now)
    except Exception:
        log.exception("The turn of the job %r could not be written down.", job.name)
