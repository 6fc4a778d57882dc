"""The operators' guide, typed as it stands, from an empty machine to a restored installation."""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.cli.running import all_gone, family_of, free_port
from tests.docs.guides import ROOT, Block, blocks
from tests.servers.fixtures import temporary_database
from tests.servers.postgres import find_binaries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
GUIDE = ROOT / "docs" / "operators-guide.md"
REPOSITORY = "https://git.example.com/coffer.git"
PASSWORD = "a long word for the guide"
SERVED = """{command} > "$HOME/server.log" 2>&1 & echo $! > "$HOME/server.pid"
for _ in $(seq 300); do curl --silent --fail {ready} && break; sleep 0.1; done
"""


def script(found: list[Block], places: dict[str, str]) -> str:
    """Spell the guide as one script: what systemd would start is started, the rest is typed."""
    parts = ["set -euo pipefail"]
    for block in found:
        if block.language == "sh":
            parts.append(block.text)
        elif block.language == "ini":
            (command,) = (
                line.removeprefix("ExecStart=")
                for line in block.text.splitlines()
                if line.startswith("ExecStart=")
            )
            parts.append(SERVED.format(command=command, ready="http://127.0.0.1:8000/readyz"))
    text = "\n".join(parts)
    for written, meant in places.items():
        assert written in text, f"the guide doesn't say {written} any more"
        text = text.replace(written, meant)
    return text


def published(folder: Path) -> Path:
    """Put the present commit where the guide takes it from, on a branch of its own."""
    repository = folder / "coffer.git"
    for command in (
        ("git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository)),
        ("git", "-C", str(repository), "config", "receive.shallowUpdate", "true"),
        ("git", "-C", str(ROOT), "push", "--quiet", str(repository), "HEAD:refs/heads/main"),
    ):
        subprocess.run(command, check=True, timeout=60)
    return repository


def test_the_guide_works_as_it_stands(tmp_path, postgres):
    (tmp_path / "backups").mkdir()
    with temporary_database(postgres) as first, temporary_database(postgres) as second:
        places = {
            REPOSITORY: str(published(tmp_path)),
            "/opt/coffer": str(tmp_path / "checkout"),
            "/var/lib/coffer": str(tmp_path / "instance"),
            "/var/backups": str(tmp_path / "backups"),
            "127.0.0.1:8000": f"127.0.0.1:{(port := free_port())}",
            "--port 8000": f"--port {port}",
            "postgresql://coffer:secret@db.example.com/coffer": plain(first),
            "postgresql://coffer:secret@db.example.com/restored": plain(second),
        }
        typed = script(blocks(GUIDE), places)
        clean = {
            "PATH": f"{find_binaries()}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "PASSWORD": PASSWORD,
        }
        try:
            done = subprocess.run(
                ["bash", "-x", "-c", typed],
                cwd=tmp_path,
                env=clean | {key: os.environ[key] for key in os.environ if key.startswith("PIP_")},
                capture_output=True,
                text=True,
                timeout=500,
                check=False,
            )
        finally:
            stop(tmp_path / "server.pid")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"[-4000:]
    assert (tmp_path / "backups" / "coffer-2.dump").stat().st_size > 0


def plain(url: str) -> str:
    """Spell a database's address as every program of PostgreSQL reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def stop(written: Path) -> None:
    """End the server that the script left running, and see that all of it ends."""
    if not written.exists():
        return
    family = family_of(int(written.read_text()))
    os.kill(family[0].pid, signal.SIGTERM)
    psutil.wait_procs(family, timeout=30)
    assert all_gone(family)
