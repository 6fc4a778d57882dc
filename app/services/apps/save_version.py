"""VERBS: save what a person changed, and bring a former version back. Nothing is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.app_file import Entries, Entry, Origin, changed_between, entry_of, path_from
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.role import Access
from app.services.apps.present import changeable_app
from app.services.apps.write_version import open_app, write_entries
from app.store.app_files import AppVersion, entries_of, latest_number, version_row
from app.store.apps import App
from app.store.database import transaction

MOST_NAMED = 3
Changes = Mapping[str, bytes | None]


class ChangedMeanwhile(Conflict):
    """Somebody saved the same files since `base`; `paths` says which, `latest` what is there."""

    def __init__(self, paths: list[str], latest: int) -> None:
        shown = ", ".join(paths[:MOST_NAMED]) + (" …" if len(paths) > MOST_NAMED else "")
        super().__init__(
            f"Somebody else changed {shown} meanwhile: version {latest} has it. Nothing was saved.",
            paths=paths,
            latest=latest,
        )
        self.paths, self.latest = paths, latest


def save_version(  # noqa: PLR0913 - all but five are by name
    access: Access,
    app_id: int,
    changes: Changes,
    why: str,
    now: datetime,
    *,
    base: int | None = None,
    whole: bool = False,
    origin: Origin = Origin.EDIT,
) -> AppVersion:
    """Save a new version: the latest one with these changes, where None deletes a file.

    With `whole` the changes are all there is: every other file goes. `base` is the version that
    the person saw. What others saved since then stays, unless it is the same files:
    `ChangedMeanwhile` then, and nothing is saved. Without `base` nobody is asked.
    """
    read = _read(changes)
    with transaction():
        app, present = _begin(access, app_id, now)
        latest = latest_number(app_id)
        there = entries_of(app_id, latest)
        wanted = {path: entry_of(content) for path, content in read.items() if content is not None}
        after = wanted if whole else {**_without(there, read), **wanted}
        if base is not None:
            _require_untouched(app_id, base, latest, there, None if whole else frozenset(read))
        contents = {
            wanted[path].digest: content for path, content in read.items() if content is not None
        }
        by_id = present.person_id
        return write_entries(app, by_id, after, contents, why=why, origin=origin, now=now)


def restore(access: Access, app_id: int, number: int, why: str, now: datetime) -> AppVersion:
    """Make a former version the latest one again, as a new version; those between stay."""
    with transaction():
        app, present = _begin(access, app_id, now)
        if not 0 < number < 2**31 or version_row(app_id, number) is None:
            raise NotFound(f"This app has no version {number}.")
        return write_entries(
            app,
            present.person_id,
            entries_of(app_id, number),
            {},
            why=why,
            origin=Origin.RESTORE,
            now=now,
            restored_from=number,
        )


def _begin(access: Access, app_id: int, now: datetime) -> tuple[App, Access]:
    """Lock the app for its next version, which this person may make."""
    _, present = changeable_app(access, app_id, now)
    return open_app(app_id), present


def _read(changes: Changes) -> dict[str, bytes | None]:
    read = {path_from(path): content for path, content in changes.items()}
    if len(read) != len(changes):
        raise InvalidRequest.of("files", "A path is there twice.")
    return read


def _without(there: Entries, paths: Mapping[str, object]) -> dict[str, Entry]:
    return {path: entry for path, entry in there.items() if path not in paths}


def _require_untouched(
    app_id: int, base: int, latest: int, there: Entries, touched: frozenset[str] | None
) -> None:
    """Refuse to write over what somebody saved since `base`; None touches every file."""
    if base == latest:
        return
    if not 0 <= base < latest:
        raise InvalidRequest.of("base", f"There is no version {base}.")
    changed = changed_between(entries_of(app_id, base), there)
    both = changed if touched is None else changed & touched
    if both:
        raise ChangedMeanwhile(sorted(both), latest)
