"""Runs `coffer` as a process of its own, and waits for what it should bring about."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

COFFER = Path(__file__).parents[2] / ".venv" / "bin" / "coffer"
PATIENCE_SECONDS = 30


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def eventually(check: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def status_of(url: str) -> int | None:
    """Ask an address; None when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


def run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [COFFER, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def started(*arguments: str, environment: dict[str, str], log: Path) -> Iterator[psutil.Process]:
    """Start a command in a group of its own, and leave nothing of it behind."""
    with log.open("w") as file:
        process = subprocess.Popen(
            [COFFER, *arguments],
            env=os.environ | environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    family: list[psutil.Process] = []
    try:
        yield psutil.Process(process.pid)
    finally:
        family = family_of(process.pid)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        finally:
            for member in family:
                if member.is_running():
                    member.kill()
            process.wait(PATIENCE_SECONDS)


def family_of(pid: int) -> list[psutil.Process]:
    """List a process and its children."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def all_gone(family: list[psutil.Process]) -> bool:
    """Tell whether none of them runs any more."""
    return not any(
        member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family
    )
