"""JOBS, the pulse: what each process of the server does for itself now and then.

The scheduler's process has the timetable; this costs a server's process no more than a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from flask import Flask

from app.jobs.attempt import attempt
from app.jobs.timetable import Job


def begin_pulse(app: Flask, jobs: Iterable[Job]) -> threading.Event:
    """Run each job at its pace, in a thread of its own, until the event that is returned is set."""
    stopping = threading.Event()
    for job in jobs:
        beat = threading.Thread(target=_beat, args=(app, job, stopping), daemon=True, name=job.name)
        beat.start()
    return stopping


def _beat(app: Flask, job: Job, stopping: threading.Event) -> None:
    while not stopping.wait(job.every_seconds):
        attempt(app, job)
