"""VERB that reads: what is different between two versions of an app."""

from __future__ import annotations

from app.domain.app_file import changed_between
from app.domain.file_diff import FileDiff, file_diff
from app.domain.role import Access
from app.services.apps.versions import read_version

MOST_FILES_SHOWN = 50


def diff(access: Access, app_id: int, a: int, b: int) -> tuple[list[FileDiff], int]:
    """Compare version `a` with version `b`, 0 being the app as it began.

    Gives the files that differ, at most 50 of them, and how many there are in all.
    """
    before = read_version(access, app_id, a).files
    after = read_version(access, app_id, b).files
    paths = sorted(changed_between(before.entries, after.entries))
    shown = paths[:MOST_FILES_SHOWN]
    return [file_diff(path, before.get(path), after.get(path)) for path in shown], len(paths)
