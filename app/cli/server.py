"""The production server: granian's processes with threads, and a scheduler beside them.

Threads, because requests that wait for the same pool are committed together by one of them:
the more can wait at once, the more one commit carries.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from app.settings import Settings

GRACE_SECONDS = 10
# PostgreSQL lets two processes share the work. On SQLite one process at a time writes, and
# requests that meet inside one process share a commit, which those of two can't.
SQLITE_WORKERS, POSTGRESQL_WORKERS = 1, 2

LOGGING: dict[str, Any] = {
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "stream": "ext://sys.stderr",
        }
    },
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def serve(load: Callable[[], Flask], host: str, port: int, *, workers: int, threads: int) -> None:
    """Serve what `load` builds in each process, until a signal comes; then stop them all."""
    server = Server(
        "coffer",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,  # begun as they are needed
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=GRACE_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
    )

    @server.on_startup
    def end_with_terminal() -> None:
        signal.signal(signal.SIGHUP, server.signal_handler_interrupt)

    server.serve(target_loader=Guarded(load), wrap_loader=False)


class Guarded:
    """Builds the application in a process of the server, which then ends with its parent."""

    def __init__(self, load: Callable[[], Flask]) -> None:
        self._load = load

    def __call__(self) -> Flask:
        """Build the application.

        Until granian handles signals here, the parent's handlers are in place and would lose
        them. Ctrl-C is for the parent: a worker that gets a second signal while it stops hangs.
        """
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setpgid(0, 0)
        end_with_parent()
        app = self._load()
        _look_for_circles_seldom()
        return app


def _look_for_circles_seldom() -> None:
    """Spare what is loaded for good from the collector, and let it run less often.

    Measured: a batch of 1,000 deductions makes so many objects, none of them in a circle, that
    looking for circles took a quarter of the process's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def usual_workers(settings: Settings) -> int:
    """Tell how many processes serve the installation's database best."""
    return SQLITE_WORKERS if settings.is_sqlite else POSTGRESQL_WORKERS


def require_free(host: str, port: int) -> None:
    """Raise `OSError` when somebody listens there; granian would share the port with them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Name a folder in which all processes measure, before any of them loads the metrics."""
    with tempfile.TemporaryDirectory(prefix="coffer-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def end_with_parent() -> None:
    """Let this process end when its parent is killed, so that none is left behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive_nobody, args=(parent.sentinel,), daemon=True).start()


def _outlive_nobody(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
