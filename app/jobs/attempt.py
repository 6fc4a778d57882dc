"""JOBS, one attempt: a job that fails is logged, and runs again at its next turn."""

from __future__ import annotations

import logging

from flask import Flask

from app.domain.audit_line import Actor, Door
from app.jobs.timetable import Job
from app.services.audit.door import at_work

log = logging.getLogger(__name__)


def attempt(app: Flask, job: Job) -> None:
    """Run a job once; what goes wrong is logged, and the next turn comes as planned."""
    try:
        with app.app_context(), at_work(Door.JOB, Actor.COFFER, f"Coffer, {job.name}"):
            job.run()
    except Exception:
        log.exception("The job %r failed; it will run again.", job.name)
