"""DOORS, API: the files of apps, in versions that never change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Response

from app.domain.app_file import Origin
from app.domain.reference import reference
from app.domain.refusals import Conflict, NotFound, WorkspaceSuspended
from app.domain.role import Access
from app.domain.zip_file import MOST_ZIP_BYTES, files_in_zip, zip_of
from app.services.apps import save_version as saving
from app.services.apps.versions import Version, history_of, read_version
from app.services.credits.caller import Caller
from app.store.app_files import AppVersion
from app.web.access import enter_app
from app.web.api import team_shapes
from app.web.api.bodies import Listed
from app.web.api.cursor import page_of, read_cursor
from app.web.api.file_bodies import NewVersion, Restored, ZipSent
from app.web.api.operation import Operations
from app.web.file_answer import as_download

if TYPE_CHECKING:
    from app.store.apps import App

LATEST = "latest"
MOST_DIGITS = 9
MOST_JSON_BYTES = 16 * 1024 * 1024  # 10 MiB as base64, and the names
SAVING = (Conflict, WorkspaceSuspended)

operations = Operations("Files of apps", "Each save is a version; no version is ever changed.")


@operations.get("/apps/{app_id}/versions", answer=team_shapes.AppVersionPage)
def list_versions(caller: Caller, app_id: str, query: Listed) -> dict[str, Any]:
    """List an app's versions, the newest first."""
    app, access = enter_app(caller, app_id)
    of = f"versions {app.id}"
    before = read_cursor(of, query.cursor, int)
    found = history_of(access, app.id, query.limit + 1, before)
    return page_of([(one.number, _shown(app, one)) for one in found], of, query)


@operations.post(
    "/apps/{app_id}/versions",
    status=201,
    answer=team_shapes.AppVersion,
    refusals=SAVING,
    most_bytes=MOST_JSON_BYTES,
)
def save_version(caller: Caller, app_id: str, body: NewVersion, now: datetime) -> dict[str, Any]:
    """Change files, and save that as the next version.

    Text is kept as it is sent. When nothing would be different the latest version is answered.
    """
    app, access = enter_app(caller, app_id)
    changes = {path: None if file is None else file.content() for path, file in body.files.items()}
    made = saving.save_version(
        access, app.id, changes, body.why, now, base=body.base, whole=body.whole
    )
    return _shown(app, made)


@operations.post(
    "/apps/{app_id}/versions/zip",
    status=201,
    answer=team_shapes.AppVersion,
    refusals=SAVING,
    most_bytes=MOST_ZIP_BYTES,
)
def upload_version(
    caller: Caller, app_id: str, packed: bytes, query: ZipSent, now: datetime
) -> dict[str, Any]:
    """Save the files of a zip as the next version."""
    app, access = enter_app(caller, app_id)
    made = saving.save_version(
        access,
        app.id,
        files_in_zip(packed),
        query.why,
        now,
        base=query.base,
        whole=query.whole,
        origin=Origin.UPLOAD,
    )
    return _shown(app, made)


@operations.get("/apps/{app_id}/versions/{number}", answer=team_shapes.AppVersionWhole)
def show_version(caller: Caller, app_id: str, number: str) -> dict[str, Any]:
    """Show a version with the list of its files; `latest` is a number too."""
    app, access = enter_app(caller, app_id)
    version = _version(access, app, number)
    files = [
        {"path": path, "size": entry.size, "sha256": entry.digest}
        for path, entry in version.files.entries.items()
    ]
    return _shown(app, version) | {"files": files}


@operations.get("/apps/{app_id}/versions/{number}/zip", bytes_of="application/zip")
def download_version(caller: Caller, app_id: str, number: str) -> Response:
    """Send all files of a version as a zip: the same bytes each time."""
    app, access = enter_app(caller, app_id)
    version = _version(access, app, number)
    name = f"app-{app.id}-version-{version.number}.zip"
    return as_download(zip_of(version.files.read_all()), name, "application/zip")


@operations.get(
    "/apps/{app_id}/versions/{number}/files/{path}", bytes_of="application/octet-stream"
)
def download_file(caller: Caller, app_id: str, number: str, path: str) -> Response:
    """Send one file of a version, as it was saved."""
    app, access = enter_app(caller, app_id)
    files = _version(access, app, number).files
    if path not in files:
        raise NotFound("This version has no such file.")
    return as_download(files[path], path.rpartition("/")[2])


@operations.post(
    "/apps/{app_id}/versions/{number}/restore",
    status=201,
    answer=team_shapes.AppVersion,
    refusals=SAVING,
    body_optional=True,
)
def restore_version(
    caller: Caller, app_id: str, number: str, body: Restored, now: datetime
) -> dict[str, Any]:
    """Make a former version the latest one again, as a new version."""
    app, access = enter_app(caller, app_id)
    former = _version(access, app, number).number
    return _shown(app, saving.restore(access, app.id, former, body.why, now))


def _version(access: Access, app: App, number: str) -> Version:
    if number == LATEST:
        return read_version(access, app.id)
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        raise NotFound
    return read_version(access, app.id, int(number))


def _shown(app: App, version: AppVersion | Version) -> dict[str, Any]:
    return {
        "app": reference("app", app.id),
        "number": version.number,
        "at": version.at,
        "by": version.email,
        "why": version.why,
        "origin": str(version.origin),
        "restored_from": version.restored_from,
        "file_count": version.file_count,
        "size": version.size,
    }
