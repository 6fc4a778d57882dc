"""VERBS: put what an installation is into one file, and make an installation of it again.

In the file are `config.py`, the secret, and a SQLite database. A PostgreSQL database is not:
`pg_dump` copies that. `manifest.json` names each with its SHA-256, so a damaged file is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.domain.refusals import Conflict, InvalidRequest
from app.store.backup import copy_sqlite, quick_check
from app.store.revision import current_revision

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "coffer.db"
BESIDE = ("secret_key", "config.py")
LARGEST_BESIDE = 1_000_000


@dataclass(frozen=True, slots=True)
class Backup:
    """What is in a file: its moment, the database's revision, and the names of what it holds."""

    at: datetime
    revision: str
    holds: tuple[str, ...]

    @property
    def has_database(self) -> bool:
        """Tell whether the database is in it."""
        return DATABASE in self.holds


def back_up(instance: Path, file: Path, now: datetime, *, is_sqlite: bool) -> Backup:
    """Write the file; `Conflict` if it is there already. Only its owner may read it."""
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".coffer-") as folder:
        parts = [instance / name for name in BESIDE if (instance / name).exists()]
        if is_sqlite:
            copy = Path(folder) / DATABASE
            copy_sqlite(copy)
            parts.append(copy)
        made = Backup(now, current_revision() or "", tuple(part.name for part in parts))
        draft = Path(folder) / "draft"
        draft.touch(mode=0o600)
        _write(draft, made, parts)
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            raise Conflict(f"{file} is there already; a backup never overwrites.") from None
    return made


def _write(draft: Path, made: Backup, parts: list[Path]) -> None:
    manifest = {
        "format": FORMAT,
        "at": made.at.isoformat(),
        "revision": made.revision,
        "files": {part.name: _digest(part) for part in parts},
    }
    text = json.dumps(manifest, indent=1).encode()
    with tarfile.open(draft, "w:gz", compresslevel=6) as archive:
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(text), 0o600
        archive.addfile(entry, io.BytesIO(text))
        for part in parts:
            archive.add(part, part.name, recursive=False)


def restore(file: Path, instance: Path, database: Path | None) -> Backup:
    """Put a backup into an instance folder; `database` is where SQLite's file goes.

    Nothing is overwritten: `Conflict` names what is there. `InvalidRequest` says what is wrong
    with the file. Either way the folder stays as it was.
    """
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=instance, prefix=".restore-") as folder:
        made = _unpacked(file, Path(folder))
        places = {name: instance / name for name in made.holds}
        if made.has_database:
            if database is None:
                raise Conflict("This backup holds a SQLite database: unset DATABASE_URL.")
            places[DATABASE] = database
        for place in _taken(places):
            if place.exists():
                raise Conflict(f"{place} is there already; restore into an empty folder.")
        # The database may go to another disk, where it may fail; the rest is only renamed.
        for name in sorted(places, key=lambda name: name != DATABASE):
            places[name].parent.mkdir(parents=True, exist_ok=True)
            shutil.move(Path(folder) / name, places[name])
            places[name].chmod(0o600)
    return made


def _taken(places: Mapping[str, Path]) -> Iterator[Path]:
    """List what must not be there: SQLite would play a log that was left over into our file."""
    yield from places.values()
    if DATABASE in places:
        for suffix in ("-wal", "-shm", "-journal"):
            yield places[DATABASE].with_name(places[DATABASE].name + suffix)


def _unpacked(file: Path, folder: Path) -> Backup:
    """Take out what the manifest names, and nothing else; every byte is compared."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            manifest = json.loads(_text(archive))
            made = _read(manifest)
            for name in made.holds:
                archive.extract(archive.getmember(name), folder, filter="data")
        for name, digest in manifest["files"].items():
            if _digest(folder / name) != digest:
                raise InvalidRequest(f"{file} is damaged: {name} is not what was backed up.")
        if made.has_database and (said := quick_check(folder / DATABASE)) != "ok":
            raise InvalidRequest(f"The database in {file} is damaged: {said}.")
    except FileNotFoundError:
        raise InvalidRequest(f"There is no file {file}.") from None
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(f"{file} is no backup of Coffer, or is damaged: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise InvalidRequest(f"The database in {file} is damaged: {error}.") from error
    return made


def _text(archive: tarfile.TarFile) -> bytes:
    entry = archive.extractfile(archive.getmember(MANIFEST))
    assert entry is not None
    return entry.read(LARGEST_BESIDE)


def _read(manifest: dict[str, object]) -> Backup:
    files = manifest["files"]
    if manifest["format"] != FORMAT or not isinstance(files, dict):
        raise ValueError(f"format {manifest['format']!r}")
    strange = set(files) - {*BESIDE, DATABASE}
    if strange:
        raise ValueError(f"it holds {min(strange)!r}")
    at = datetime.fromisoformat(str(manifest["at"]))
    return Backup(at, str(manifest["revision"]), tuple(files))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
