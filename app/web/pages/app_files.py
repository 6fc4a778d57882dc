"""The files of an app: the list, one file, its history, what changed, and the zip to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from flask.typing import ResponseReturnValue

from app.domain.app_file import text_in
from app.domain.refusals import NotFound
from app.domain.role import Right
from app.domain.zip_file import zip_of
from app.services.apps.diff import diff
from app.services.apps.save_version import restore
from app.services.apps.versions import Version, history_of, read_version
from app.web.file_answer import as_download, as_picture, picture_type
from app.web.pages.apps import found
from app.web.pages.form import Form, refusals_beside
from app.web.pages.page import SMALL_ID, Here, begins_at, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.apps import App

PAGE = 100
VERSIONS = 50
SHOWN_CHARACTERS = 50_000
FILES = "/accounts/<slug>/apps/<reference>/files"


@pages.get(FILES)
@in_account()
def app_files(here: Here, reference: str) -> ResponseReturnValue:
    """List the files of a version, the latest unless another is asked for."""
    shown, version = version_at(here, reference, request.args.get("version", type=int))
    after = request.args.get("after", "")
    rest = [(path, entry) for path, entry in version.files.entries.items() if path > after]
    return page(
        "app_files/files.html",
        app=shown,
        version=version,
        latest=read_version(here.access, shown.id).number,
        entries=rest[:PAGE],
        after=after,
        more=rest[PAGE - 1][0] if len(rest) > PAGE else None,
    )


@pages.get(FILES + "/versions")
@in_account()
def app_versions(here: Here, reference: str) -> ResponseReturnValue:
    """List the versions, the newest first."""
    shown = found(here.account, here.access, reference)
    before = begins_at(largest=SMALL_ID)
    versions = history_of(here.access, shown.id, VERSIONS + 1, before)
    return page(
        "app_files/versions.html",
        app=shown,
        versions=versions[:VERSIONS],
        before=before,
        older=versions[VERSIONS - 1].number if len(versions) > VERSIONS else None,
        latest=read_version(here.access, shown.id).number,
    )


@pages.get(FILES + "/<int(max=2147483647):number>/show/<path:path>")
@in_account()
def app_file(here: Here, reference: str, number: int, path: str) -> ResponseReturnValue:
    """Show a file of a version: its text, its picture, or how large it is."""
    shown, version = version_at(here, reference, number)
    content = content_of(version, path)
    text = text_in(content)
    return page(
        "app_files/file.html",
        app=shown,
        version=version,
        latest=read_version(here.access, shown.id).number,
        path=path,
        size=len(content),
        text=text[:SHOWN_CHARACTERS] if text is not None else None,
        is_cut=text is not None and len(text) > SHOWN_CHARACTERS,
        is_picture=picture_type(content) is not None,
    )


@pages.get(FILES + "/<int(max=2147483647):number>/raw/<path:path>")
@in_account()
def app_file_raw(here: Here, reference: str, number: int, path: str) -> ResponseReturnValue:
    """Send a file to be kept, never to be shown as a page of ours."""
    _, version = version_at(here, reference, number)
    return as_download(content_of(version, path), path.rpartition("/")[2])


@pages.get(FILES + "/<int(max=2147483647):number>/picture/<path:path>")
@in_account()
def app_file_picture(here: Here, reference: str, number: int, path: str) -> ResponseReturnValue:
    """Send a picture to be shown in a page; what is none is not here."""
    _, version = version_at(here, reference, number)
    return as_picture(content_of(version, path))


@pages.get(FILES + "/<int(max=2147483647):number>/zip")
@in_account()
def app_zip(here: Here, reference: str, number: int) -> ResponseReturnValue:
    """Send all files of a version as a zip."""
    shown, version = version_at(here, reference, number)
    return zip_answer(shown, version)


@pages.get(FILES + "/<int(max=2147483647):before>/to/<int(max=2147483647):after>")
@in_account()
def app_diff(here: Here, reference: str, before: int, after: int) -> ResponseReturnValue:
    """Show what is different between two versions."""
    shown, version = version_at(here, reference, after)
    differences, count = diff(here.access, shown.id, before, after)
    return page(
        "app_files/diff.html",
        app=shown,
        version=version,
        before=before,
        differences=differences,
        count=count,
    )


@pages.route(FILES + "/<int(max=2147483647):number>/restore", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def restore_version(here: Here, reference: str, number: int) -> ResponseReturnValue:
    """Say what bringing a version back does, and do it."""
    shown, version = version_at(here, reference, number)
    form = Form()
    latest = read_version(here.access, shown.id).number
    if form.validate_on_submit():
        with refusals_beside(form):
            why = f"Back to version {number}"
            made = restore(here.access, shown.id, number, why, portal().clock.now())
            said = f"Version {made.number} has the files of version {number}."
            return done(said, "app_files", slug=here.account.slug, reference=reference)
    return page("app_files/restore.html", form, app=shown, version=version, latest=latest)


def version_at(here: Here, reference: str, number: int | None = None) -> tuple[App, Version]:
    """The app in a page's address, and a version of it."""
    shown = found(here.account, here.access, reference)
    return shown, read_version(here.access, shown.id, number)


def content_of(version: Version, path: str) -> bytes:
    """What is in a file of a version; `NotFound` when it has no such file."""
    if path not in version.files:
        raise NotFound(f"Version {version.number} has no such file.")
    return version.files[path]


def zip_answer(shown: App, version: Version) -> Response:
    """A version as a zip with a name that says which."""
    name = f"app-{shown.id}-version-{version.number}.zip"
    return as_download(zip_of(version.files.read_all()), name, "application/zip")
