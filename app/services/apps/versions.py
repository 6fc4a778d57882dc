"""VERBS that read: the versions of an app's files, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.app_file import Entries, Origin
from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.store.app_files import (
    AppVersion,
    contents_of,
    entries_of,
    latest_number,
    version_row,
    versions_before,
)
from app.store.apps import App, app_by_id


class Files(Mapping[str, bytes]):
    """The files of a version by path. What is in one is read when it is asked for."""

    def __init__(self, app_id: int, entries: Entries) -> None:
        self._app_id = app_id
        self.entries = entries

    def __getitem__(self, path: str) -> bytes:
        digest = self.entries[path].digest
        return contents_of(self._app_id, [digest])[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    @property
    def size(self) -> int:
        """All bytes of all files."""
        return sum(entry.size for entry in self.entries.values())

    def read_all(self) -> dict[str, bytes]:
        """Read all of them at once: at most 10 MiB."""
        contents = contents_of(self._app_id, (each.digest for each in self.entries.values()))
        return {path: contents[entry.digest] for path, entry in self.entries.items()}


@dataclass(frozen=True, slots=True)
class Version:
    """A version. Number 0 is the app as it began: nobody's, without a file."""

    number: int
    at: datetime
    by: str
    email: str
    by_id: int
    why: str
    origin: Origin
    restored_from: int | None
    file_count: int
    size: int
    files: Files = field(repr=False)


def read_version(access: Access, app_id: int, number: int | None = None) -> Version:
    """Show a version of an app to a member; the latest when none is named."""
    access.require(Right.SEE_ACCOUNT)
    return _read(app_of(access, app_id), number)


def load_version(app_id: int, number: int | None = None) -> Version:
    """Give a version to what runs in the background, whose right was settled when it began."""
    app = app_by_id(app_id)
    if app is None or app.deleted_at is not None:
        raise NotFound
    return _read(app, number)


def history_of(
    access: Access, app_id: int, limit: int = 50, before: int | None = None
) -> list[AppVersion]:
    """List an app's versions, the latest first, from the one before the number `before`."""
    access.require(Right.SEE_ACCOUNT)
    return versions_before(app_of(access, app_id).id, before, limit)


def app_of(access: Access, app_id: int) -> App:
    """Find an app of the account that the access is to."""
    app = app_by_id(app_id)
    if app is None or app.account_id != access.account_id or app.deleted_at is not None:
        raise NotFound
    return app


def _read(app: App, number: int | None) -> Version:
    wanted = latest_number(app.id) if number is None else number
    if wanted == 0:
        return _beginning(app)
    row = version_row(app.id, wanted) if 0 < wanted < 2**31 else None
    if row is None:
        raise NotFound(f"This app has no version {wanted}.")
    return Version(
        number=row.number,
        at=row.at,
        by=row.by.name,
        email=row.email,
        by_id=row.by_id,
        why=row.why,
        origin=row.origin,
        restored_from=row.restored_from,
        file_count=row.file_count,
        size=row.size,
        files=Files(app.id, entries_of(app.id, row.number)),
    )


def _beginning(app: App) -> Version:
    who = app.created_by
    files = Files(app.id, {})
    return Version(
        0, app.created_at, who.name, who.email, who.id, "", Origin.EDIT, None, 0, 0, files
    )
