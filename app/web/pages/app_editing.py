"""Changing the files of an app: write, rename, delete and upload them. Each save is a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import HiddenInput

from app.domain.app_file import (
    LONGEST_PATH,
    LONGEST_WHY,
    MOST_FILE_BYTES,
    Origin,
    path_from,
    text_in,
    with_its_line_ends,
)
from app.domain.file_diff import file_diff
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Right
from app.domain.zip_file import MOST_ZIP_BYTES, files_in_zip
from app.services.apps.save_version import ChangedMeanwhile, Changes, save_version
from app.services.apps.versions import Version
from app.web.pages.app_files import FILES, content_of, version_at
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.app_files import AppVersion
    from app.store.apps import App

OVERHEAD = 64 * 1024
# A text has twice as many bytes in a form when each of its characters is a line's end.
LARGE = {
    "pages.edit_file": 2 * MOST_FILE_BYTES + OVERHEAD,
    "pages.new_file": 2 * MOST_FILE_BYTES + OVERHEAD,
    "pages.upload_files": MOST_ZIP_BYTES + OVERHEAD,
}


class WhyForm(Form):
    """What was changed, for those who read the history."""

    why = StringField(
        "What did you change?",
        [Length(max=LONGEST_WHY)],
        description="For the history; it may be left out.",
        render_kw={"maxlength": LONGEST_WHY, "autocomplete": "off"},
    )
    base = IntegerField(widget=HiddenInput())


class EditForm(WhyForm):
    """The text of a file."""

    content = TextAreaField(
        "Text",
        render_kw={
            "rows": 20,
            "spellcheck": "false",
            "autocapitalize": "off",
            "autocomplete": "off",
            "wrap": "off",
        },
    )


class NewFileForm(EditForm):
    """A path and a text."""

    path = StringField(
        "Path",
        [DataRequired("Write a path, such as index.html.")],
        description="Folders come by themselves: images/logo.svg",
        render_kw={"maxlength": LONGEST_PATH, "spellcheck": "false", "autocapitalize": "off"},
    )


class RenameForm(WhyForm):
    """A new path for a file."""

    path = StringField(
        "New path",
        [DataRequired("Write a path.")],
        render_kw={"maxlength": LONGEST_PATH, "spellcheck": "false", "autocapitalize": "off"},
    )


class UploadForm(WhyForm):
    """Files, or one zip of them."""

    files = MultipleFileField("Files, or one zip", [DataRequired("Choose a file.")])
    folder = StringField(
        "Into the folder",
        description="Left out: beside index.html. A zip brings its own folders.",
        render_kw={"maxlength": LONGEST_PATH},
    )
    whole = BooleanField("Delete the files that are not in the zip")


@pages.url_value_preprocessor
def let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Allow these pages, and no other, to be sent as much as they are for; before it is read."""
    if limit := LARGE.get(endpoint or ""):
        request.max_content_length = request.max_form_memory_size = limit


@pages.route(FILES + "/edit/<path:path>", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def edit_file(here: Here, reference: str, path: str) -> ResponseReturnValue:
    """Write the text of a file."""
    shown, latest = version_at(here, reference)
    there = content_of(latest, path) if request.method == "GET" else latest.files.get(path, b"")
    former = text_in(there)
    if former is None:
        raise Conflict("This file is no text; upload another one in its place.")
    form = EditForm(content=former, base=latest.number)
    seen = form.base.data
    if form.validate_on_submit():
        content = with_its_line_ends(text_of(form.content), former).encode()
        if made := _save(here, shown, form, {path: content}):
            return _to_file(f"{path} is saved.", made, path)
        if form.base.data != seen:
            theirs = file_diff(path, latest.files.get(path), content)
            return page("app_files/edit.html", form, app=shown, path=path, theirs=theirs)
    return page("app_files/edit.html", form, app=shown, path=path, theirs=None)


@pages.route(FILES + "/new", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def new_file(here: Here, reference: str) -> ResponseReturnValue:
    """Write a new file."""
    shown, latest = version_at(here, reference)
    form = NewFileForm(base=latest.number)
    if form.validate_on_submit():
        with refusals_beside(form):
            path = _free(latest, text_of(form.path))
            content = with_its_line_ends(text_of(form.content), "").encode()
            if made := _save(here, shown, form, {path: content}):
                return _to_file(f"{path} is saved.", made, path)
    return page("app_files/new.html", form, app=shown)


@pages.route(FILES + "/rename/<path:path>", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def rename_file(here: Here, reference: str, path: str) -> ResponseReturnValue:
    """Give a file another path."""
    shown, latest = version_at(here, reference)
    content = content_of(latest, path)
    form = RenameForm(path=path, base=latest.number)
    if form.validate_on_submit():
        with refusals_beside(form):
            target = _free(latest, text_of(form.path))
            if made := _save(here, shown, form, {path: None, target: content}):
                return _to_file(f"{path} is {target} now.", made, target)
    return page("app_files/rename.html", form, app=shown, path=path)


@pages.route(FILES + "/delete/<path:path>", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def delete_file(here: Here, reference: str, path: str) -> ResponseReturnValue:
    """Say what deleting a file does, and do it."""
    shown, latest = version_at(here, reference)
    content_of(latest, path)
    form = WhyForm(base=latest.number)
    if form.validate_on_submit() and _save(here, shown, form, {path: None}):
        return done(f"{path} is deleted.", "app_files", slug=here.account.slug, reference=reference)
    return page("app_files/delete.html", form, app=shown, path=path, latest=latest)


@pages.route(FILES + "/upload", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def upload_files(here: Here, reference: str) -> ResponseReturnValue:
    """Take files, or a zip of them."""
    shown, latest = version_at(here, reference)
    form = UploadForm(base=latest.number)
    if form.validate_on_submit():
        with refusals_beside(form):
            sent, is_zip = _uploaded(form)
            whole = bool(form.whole.data) and is_zip
            if made := _save(here, shown, form, sent, whole=whole, origin=Origin.UPLOAD):
                said = f"The files are in version {made.number}."
                return done(said, "app_files", slug=here.account.slug, reference=reference)
    return page("app_files/upload.html", form, app=shown, latest=latest)


def _uploaded(form: UploadForm) -> tuple[dict[str, bytes], bool]:
    """The files that were sent by path, and whether they came in a zip."""
    sent = [(each.filename or "", each.read()) for each in form.files.data if each.filename]
    if not sent:
        raise InvalidRequest.of("files", "Choose a file.")
    if len(sent) == 1 and sent[0][0].lower().endswith(".zip"):
        return files_in_zip(sent[0][1]), True
    folder = text_of(form.folder).strip().strip("/")
    before = path_from(folder, "folder") + "/" if folder else ""
    return {before + path_from(name, "files"): content for name, content in sent}, False


def _free(latest: Version, text: str) -> str:
    """A path that no file has yet."""
    path = path_from(text.strip())
    if path in latest.files:
        raise InvalidRequest.of("path", "There is a file with this path already.")
    return path


def _save(
    here: Here,
    shown: App,
    form: WhyForm,
    changes: Changes,
    *,
    whole: bool = False,
    origin: Origin = Origin.EDIT,
) -> AppVersion | None:
    """Save a version, or say in the form what is wrong. Sent once more, it is meant knowingly."""
    why, now, base = text_of(form.why), portal().clock.now(), form.base.data
    made: AppVersion | None = None
    with refusals_beside(form):
        try:
            made = save_version(
                here.access, shown.id, changes, why, now, base=base, whole=whole, origin=origin
            )
        except ChangedMeanwhile as meanwhile:
            form.base.raw_data, form.base.data = None, meanwhile.latest
            raise
    return made


def _to_file(said: str, made: AppVersion, path: str) -> ResponseReturnValue:
    values = request.view_args or {}
    where = {"slug": values["slug"], "reference": values["reference"]}
    return done(said, "app_file", **where, number=made.number, path=path)
