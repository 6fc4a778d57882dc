"""VERB that reads: how the parts of the installation fare: database, scheduler, versions."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from app.services.desk.attention import SCHEDULER_SILENT
from app.services.desk.job_runs import JobView, jobs_seen
from app.services.readiness import NotReady, require_ready
from app.store.database import database_version
from app.store.revision import current_revision, expected_revision

LIBRARIES = ("flask", "sqlalchemy", "apscheduler", "granian", "psycopg")


@dataclass(frozen=True, slots=True)
class Health:
    """The parts. `not_ready` says what `/readyz` would; None: it is ready."""

    not_ready: str | None
    database: str
    revision: str | None
    expected: str
    scheduler_runs: bool
    jobs: Sequence[JobView]
    versions: Sequence[tuple[str, str]]


def health(now: datetime) -> Health:
    """Look at every part."""
    try:
        require_ready()
        not_ready = None
    except NotReady as reason:
        not_ready = str(reason)
    jobs = jobs_seen(now)
    return Health(
        not_ready,
        database_version(),
        current_revision(),
        expected_revision(),
        any(now - job.ended_at < SCHEDULER_SILENT for job in jobs),
        jobs,
        [("coffer", version_of("coffer")), ("python", platform.python_version())]
        + [(name, version_of(name)) for name in LIBRARIES],
    )


def version_of(name: str) -> str:
    """The version of a package that is installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
