"""Files of apps: saved in versions that never change, by who may, without losing anything."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.app_file import Origin
from app.domain.refusals import InvalidRequest, NotFound, WorkspaceSuspended
from app.services.apps.edit import create_app, delete_app
from app.services.apps.save_version import ChangedMeanwhile, restore, save_version
from app.services.apps.transfer import transfer_app
from app.services.apps.versions import history_of, load_version, read_version
from app.services.apps.write_version import add_version, write_version
from app.services.purge import purge
from app.services.sites.publish import publish
from app.services.workspaces.end_access import remove
from app.store.app_files import AppVersion, FileContent
from app.store.database import db, transaction
from tests.services.racing import at_once

PAGE = {"index.html": b"<h1>Hi</h1>\n", "css/site.css": b"h1 {}\n"}


@pytest.fixture
def site(cast):
    return create_app(cast.access("bob"), "Site", "", cast.now)


@pytest.fixture
def save(cast, site):
    def save(changes, first="bob", **how):
        return save_version(cast.access(first), site.id, changes, "why", cast.now, **how)

    return save


@pytest.fixture
def files(cast, site):
    return lambda number=None: read_version(cast.access("bob"), site.id, number).files.read_all()


def test_an_app_begins_without_files(cast, site, files):
    version = read_version(cast.access("ben"), site.id)
    assert (version.number, version.by, files()) == (0, "Bob Birch", {})
    assert history_of(cast.access("ben"), site.id) == []


def test_versions_are_numbered_and_say_who_when_and_why(cast, site, save, files):
    save(PAGE)
    save({"index.html": b"<h1>Hello</h1>\n", "css/site.css": None}, "carol")
    last, first = history_of(cast.access("ben"), site.id)
    assert (last.number, last.by.name, last.why, last.origin) == (2, "Carol Cole", "why", "edit")
    assert (first.number, first.at, first.file_count, first.size) == (1, cast.now, 2, 18)
    assert files() == {"index.html": b"<h1>Hello</h1>\n"}
    assert files(1) == PAGE
    assert history_of(cast.access("ben"), site.id, 5, before=2) == [first]


def test_what_is_in_a_file_is_kept_once_and_read_when_it_is_asked_for(cast, site, save):
    save(PAGE)
    save({"copy.html": PAGE["index.html"]})
    assert db.session.query(FileContent).filter_by(app_id=site.id).count() == 2
    read = read_version(cast.access("bob"), site.id).files
    assert (read["copy.html"], read.entries["copy.html"].size) == (PAGE["index.html"], 12)
    assert list(read) == ["copy.html", "css/site.css", "index.html"]


def test_nothing_new_makes_no_version(save):
    assert save(PAGE).number == save(PAGE).number == 1


def test_restoring_is_a_new_version(cast, site, save, files):
    save(PAGE)
    save({"index.html": None})
    back = restore(cast.access("carol"), site.id, 1, "it was better", cast.now)
    assert (back.number, back.origin, back.restored_from) == (3, Origin.RESTORE, 1)
    assert files() == PAGE
    for missing in (0, 4, -1, 2**40):
        with pytest.raises(NotFound):
            restore(cast.access("carol"), site.id, missing, "", cast.now)


def test_other_files_that_others_saved_meanwhile_stay(save, files):
    save(PAGE)
    save({"index.html": b"Carol's"}, "carol", base=1)
    save({"css/site.css": b"Bob's"}, base=1)
    assert files() == {"index.html": b"Carol's", "css/site.css": b"Bob's"}


def test_the_same_file_changed_by_two_is_refused_and_loses_nothing(save, files):
    save(PAGE)
    save({"index.html": b"Carol's"}, "carol", base=1)
    with pytest.raises(ChangedMeanwhile) as refused:
        save({"index.html": b"Bob's"}, base=1)
    assert (refused.value.paths, refused.value.latest) == (["index.html"], 2)
    assert files()["index.html"] == b"Carol's"
    with pytest.raises(ChangedMeanwhile):
        save({"new.txt": b""}, base=1, whole=True)
    with pytest.raises(InvalidRequest):
        save({"new.txt": b""}, base=9)


def test_whole_leaves_nothing_else(save, files):
    save(PAGE)
    save({"only.txt": b"1"}, base=1, whole=True, origin=Origin.UPLOAD)
    assert files() == {"only.txt": b"1"}


def test_saves_that_meet_are_numbered_in_turn(app, cast, site):
    access, now = cast.access("bob"), cast.now
    saves = [
        lambda name=name: save_version(access, site.id, {name: b"x"}, "", now, base=0)
        for name in ("a", "b", "c", "d")
    ]
    outcomes = at_once(app, *saves)
    assert sorted(each.number for each in outcomes) == [1, 2, 3, 4]
    assert set(read_version(access, site.id).files) == {"a", "b", "c", "d"}


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a//b", "", "C:x", "nul.txt", ".git/x"])
def test_bad_paths_change_nothing(cast, site, save, path):
    with pytest.raises(InvalidRequest):
        save({"good.txt": b"", path: b""})
    assert history_of(cast.access("bob"), site.id) == []


def test_two_spellings_of_one_path_are_refused(save):
    for pair in (("a.txt", "A.TXT"), ("a", "a/b"), ("\u00e9", "e\u0301")):
        with pytest.raises(InvalidRequest):
            save(dict.fromkeys(pair, b""))


def test_a_version_is_bounded(save):
    with pytest.raises(InvalidRequest, match="1 MiB"):
        save({"large": b"x" * (1024 * 1024 + 1)})
    with pytest.raises(InvalidRequest, match="501"):
        save({f"f{number}": b"" for number in range(501)})


def test_outsiders_and_former_members_find_nothing(cast, site, save):
    save(PAGE)
    stale = cast.access("ben")
    remove(cast.access("alice"), cast.email("ben"), cast.now)
    with pytest.raises(NotFound):
        save_version(stale, site.id, {"x": b""}, "", cast.now)
    for foreign in (cast.access("charlie", "charlie"), cast.access("bob", "bob")):
        for verb in (
            lambda access: read_version(access, site.id),
            lambda access: history_of(access, site.id),
            lambda access: save_version(access, site.id, {"x": b""}, "", cast.now),
            lambda access: restore(access, site.id, 1, "", cast.now),
        ):
            with pytest.raises(NotFound):
                verb(foreign)


def test_files_stay_when_their_maker_leaves_and_move_with_the_app(cast, site, save):
    save(PAGE)
    remove(cast.access("alice"), cast.email("bob"), cast.now)
    version = read_version(cast.access("ben"), site.id)
    assert (version.by, version.files.read_all()) == ("Bob Birch", PAGE)
    transfer_app(cast.ids["alice"], site.id, "alice", cast.now)
    moved = read_version(cast.access("alice", "alice"), site.id, 1)
    assert (moved.by, moved.why, moved.files.read_all()) == ("Bob Birch", "why", PAGE)
    with pytest.raises(NotFound):
        read_version(cast.access("alice"), site.id)


def test_a_deleted_app_takes_no_version(cast, site, save):
    save(PAGE)
    delete_app(cast.access("bob"), site.id, cast.now)
    for verb in (
        lambda: save(PAGE),
        lambda: add_version(site.id, cast.ids["bob"], PAGE, "", Origin.GENERATE, cast.now),
        lambda: load_version(site.id),
    ):
        with pytest.raises(NotFound):
            verb()


def test_files_of_a_deleted_app_are_erased_after_thirty_days(cast, site, save):
    save(PAGE)
    publish(site.id, cast.now, key="a", version="1", by=None, files=PAGE)
    kept = create_app(cast.access("bob"), "Kept", "", cast.now)
    save_version(cast.access("bob"), kept.id, PAGE, "", cast.now)
    delete_app(cast.access("bob"), site.id, cast.now)
    for days, left in ((29, {site.id, kept.id}), (31, {kept.id})):
        purge(90, 30, cast.now + timedelta(days=days))
        assert set(db.session.scalars(db.select(FileContent.app_id))) == left
    assert db.session.get(AppVersion, (site.id, 1)).why == "why"
    assert read_version(cast.access("bob"), kept.id).files.read_all() == PAGE


def test_a_runner_adds_a_version_in_a_member_s_name(cast, site):
    made = add_version(site.id, cast.ids["ben"], PAGE, "A shop", Origin.GENERATE, cast.now)
    assert (made.number, made.by_id, made.origin) == (1, cast.ids["ben"], Origin.GENERATE)
    assert load_version(site.id).files.read_all() == PAGE
    with transaction():
        write_version(site.id, cast.ids["ben"], {"a": b""}, "", Origin.GENERATE, cast.now)
    assert list(load_version(site.id, 2).files) == ["a"]


def test_a_suspended_workspace_is_read_only(cast, site, save, files):
    save(PAGE)
    with transaction():
        db.session.execute(
            text("UPDATE pools SET suspends_at = :now WHERE id = :id"),
            {"now": str(cast.now), "id": cast.acme.id},
        )
    with pytest.raises(WorkspaceSuspended, match="read-only"):
        save({"index.html": b""})
    with pytest.raises(WorkspaceSuspended):
        restore(cast.access("bob"), site.id, 1, "", cast.now)
    assert files() == PAGE


@pytest.mark.parametrize("table", ["app_versions", "app_version_files", "file_contents"])
def test_nobody_who_writes_sql_changes_a_version(cast, site, save, table):
    save(PAGE)
    with pytest.raises(DBAPIError, match="never changes"), transaction():
        db.session.execute(text(f"UPDATE {table} SET app_id = app_id"))
    assert db.session.get(AppVersion, (site.id, 1)).file_count == 2
