"""VERBS: write a version of an app's files. The one way in, for people, runners and plugins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.app_file import (
    Entries,
    Entry,
    Origin,
    entry_of,
    path_from,
    require_fitting,
    why_from,
)
from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.store.app_files import (
    AppVersion,
    add_version_row,
    entries_of,
    latest_number,
    lock_app,
    version_row,
)
from app.store.apps import App
from app.store.database import transaction


def add_version(
    app_id: int,
    by_id: int,
    files: Mapping[str, bytes],
    why: str,
    origin: Origin,
    now: datetime,
) -> AppVersion:
    """Make these files an app's next version, in a transaction of its own.

    Nobody's standing is asked for: that was done when the action began that ends in this.
    `NotFound` when the app was deleted meanwhile; `InvalidRequest` for files that can't be one.
    """
    with transaction():
        return write_version(app_id, by_id, files, why, origin, now)


def write_version(
    app_id: int,
    by_id: int,
    files: Mapping[str, bytes],
    why: str,
    origin: Origin,
    now: datetime,
) -> AppVersion:
    """Do what `add_version` does, inside a running transaction."""
    read = {path_from(path): content for path, content in files.items()}
    entries = {path: entry_of(content) for path, content in read.items()}
    contents = {entries[path].digest: content for path, content in read.items()}
    app = open_app(app_id)
    return write_entries(app, by_id, entries, contents, why=why, origin=origin, now=now)


def open_app(app_id: int) -> App:
    """Take an app for writing its next version; `NotFound` when it is gone."""
    app = lock_app(app_id)
    if app is None or app.deleted_at is not None or app.account.deleted_at is not None:
        raise NotFound
    return app


def write_entries(  # noqa: PLR0913 - most are by name
    app: App,
    by_id: int,
    entries: Entries,
    contents: Mapping[str, bytes],
    *,
    why: str,
    origin: Origin,
    now: datetime,
    restored_from: int | None = None,
) -> AppVersion:
    """Write the next version of an app that is locked, and note it in the account's audit log.

    When nothing is different from the version before, no new one is made: that one is returned.
    """
    require_fitting(entries)
    said, number = why_from(why), latest_number(app.id)
    if number and entries_of(app.id, number) == dict(entries):
        return _there(app.id, number)
    version = AppVersion(
        app_id=app.id,
        number=number + 1,
        at=now,
        by_id=by_id,
        why=said,
        origin=origin,
        restored_from=restored_from,
        file_count=len(entries),
        size=_size(entries),
    )
    add_version_row(version, entries, contents)
    _note(app, version, now)
    return version


def _note(app: App, version: AppVersion, now: datetime) -> None:
    restored = version.restored_from
    facts = {"app": app.id, "version": version.number, "files": version.file_count}
    note(
        "app.version_saved" if restored is None else "app.version_restored",
        app.account_id,
        now,
        about=app.name,
        after=facts | ({"by": str(version.origin)} if restored is None else {"from": restored}),
        by=version.by_id,
    )


def _there(app_id: int, number: int) -> AppVersion:
    found = version_row(app_id, number)
    assert found is not None, "versions are numbered without gaps"
    return found


def _size(entries: Mapping[str, Entry]) -> int:
    return sum(entry.size for entry in entries.values())
