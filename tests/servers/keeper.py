"""Keeps one PostgreSQL running for as long as somebody holds its lifeline.

Run as a process of its own: ``python keeper.py FOLDER UID GID COMMAND...``. The lifeline is a
lock on ``FOLDER/lifeline``. The kernel lets go of it when its holder ends, however it ends,
so that neither Ctrl-C nor a kill -9 of the test run leaves a server or its data behind.
"""

import contextlib
import fcntl
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TypedDict

PATIENCE = 10.0


def main(folder: Path, uid: int, gid: int, command: list[str]) -> int:
    """Run the command until it ends or the lifeline is cut; then clear the folder away."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            restore_signals=True,
            **switched(uid, gid),
        )
    (folder / "pid").write_text(str(server.pid))
    cut = threading.Event()
    threading.Thread(target=watch, args=(folder, server, cut), daemon=True).start()
    status = server.wait()
    if cut.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return status


class Identity(TypedDict, total=False):
    """The part of a process's start that says who it is."""

    user: int
    group: int
    extra_groups: list[str | int]


def switched(uid: int, gid: int) -> Identity:
    """Say how to start a process as another user; nothing to say when the ids are negative."""
    return {} if uid < 0 else {"user": uid, "group": gid, "extra_groups": []}


def watch(folder: Path, server: subprocess.Popen[bytes], cut: threading.Event) -> None:
    """Wait for the lifeline's holder to let go; then stop the server, harder each time."""
    with (folder / "lifeline").open("rb") as lifeline:
        fcntl.flock(lifeline, fcntl.LOCK_SH)
    cut.set()
    for stop in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(PATIENCE)
            return


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
