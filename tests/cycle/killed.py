"""Closes what is due, and is killed at a named step: `python -m tests.cycle.killed STEP COUNT AT`.

Each step is a function of the money path, and whether the kill comes before or after it.
"""

import os
import signal
import sys
from datetime import datetime

from app.domain.trigger import Trigger
from app.factory import build_without_doors
from app.services.credits import post, settle
from app.services.cycle import run
from app.store import bulk, cycle_runs, ledger

STEPS = {
    "before the run is noted": (cycle_runs, "begin_run", False),
    "while the run is noted": (cycle_runs, "begin_run", True),
    "after the run is noted": (run, "settled_chunks", False),
    "before the pools are locked": (post, "lock_due_pools", False),
    "under the lock": (post, "lock_due_pools", True),
    "when all is decided": (post, "save", False),
    "after the lines are written": (ledger, "rows_of_usage", False),
    "while grants are written": (bulk, "upsert", True),
    "when all is written": (post, "save", True),
    "before the commit": (cycle_runs, "note_settled", True),
    "after the commit": (settle, "commit_time", True),
    "before the run's end is noted": (cycle_runs, "end_run", False),
    "while the run's end is noted": (cycle_runs, "end_run", True),
}


def main():
    """Run into the knife."""
    step, count, at = sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
    _lay_the_knife(*STEPS[step], count)
    settle.CHUNK = 10
    with build_without_doors().app_context():
        run.run_cycle(at, Trigger.COMMAND, lambda: at)


def _lay_the_knife(module, name, after, count):
    function, calls = getattr(module, name), []

    def cut(*args, **kwargs):
        calls.append(1)
        if len(calls) == count and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if len(calls) == count and after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, cut)


if __name__ == "__main__":
    main()
