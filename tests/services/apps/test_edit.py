"""Apps: created, edited and deleted by who may, in the account that owns them."""

import pytest

from app.domain.refusals import (
    Forbidden,
    InvalidRequest,
    NotFound,
    Unauthenticated,
    WorkspaceSuspended,
)
from app.domain.role import Role
from app.services.apps.edit import create_app, delete_app, edit_app, find_app
from app.services.apps.listing import apps_in, list_apps
from app.services.credits.caller import caller_of
from app.services.tokens.make_token import make_app_key
from app.services.workspaces.end_access import remove
from app.store.apps import apps_of
from app.store.database import db, transaction
from app.store.pools import PoolRow


@pytest.fixture
def site(cast):
    return create_app(cast.access("bob"), " Site ", "Our\r\nsite", cast.now)


@pytest.mark.parametrize("first", ["alice", "carol", "bob"])
def test_everyone_in_a_workspace_creates_and_edits_apps(cast, site, first):
    app = create_app(cast.access(first), "Shop", "", cast.now)
    assert (app.account_id, app.created_by_id) == (cast.acme.id, cast.ids[first])
    edited = edit_app(cast.access(first), site.id, cast.now, description="New")
    assert (edited.name, edited.description) == ("Site", "New")


def test_texts_are_tidied(site):
    assert (site.name, site.description) == ("Site", "Our\nsite")


def test_description_can_be_emptied(cast, site):
    edited = edit_app(cast.access("bob"), site.id, cast.now, name="Home", description="")
    assert (edited.name, edited.description) == ("Home", "")


def test_a_suspended_workspace_is_read_only(cast, site):
    with transaction():
        db.session.get(PoolRow, cast.acme.id).suspends_at = cast.now
    for deed in (
        lambda: create_app(cast.access("alice"), "Shop", "", cast.now),
        lambda: edit_app(cast.access("alice"), site.id, cast.now, name="Shop"),
    ):
        with pytest.raises(WorkspaceSuspended, match="read-only"):
            deed()
    assert [app.name for app in apps_of(cast.acme.id)] == ["Site"]
    delete_app(cast.access("alice"), site.id, cast.now)


@pytest.mark.parametrize(
    ("first", "allowed"), [("alice", True), ("carol", True), ("bob", True), ("ben", False)]
)
def test_owner_admins_and_the_creator_delete(cast, site, first, allowed):
    if allowed:
        assert delete_app(cast.access(first), site.id, cast.now).deleted_at == cast.now
        assert apps_of(cast.acme.id) == []
    else:
        with pytest.raises(Forbidden, match="of others"):
            delete_app(cast.access(first), site.id, cast.now)
        assert [app.id for app in apps_of(cast.acme.id)] == [site.id]


def test_deleted_app_is_gone_and_its_keys_are_dead(cast, site):
    _, text = make_app_key(cast.access("bob"), site.id, "key", cast.now)
    assert caller_of(text, cast.now).app_id == site.id
    delete_app(cast.access("bob"), site.id, cast.now)
    with pytest.raises(Unauthenticated):
        caller_of(text, cast.now)
    with pytest.raises(NotFound):
        find_app(cast.ids["bob"], site.id)
    for verb in (
        lambda: edit_app(cast.access("bob"), site.id, cast.now, name="Back"),
        lambda: delete_app(cast.access("bob"), site.id, cast.now),
    ):
        with pytest.raises(NotFound):
            verb()


def test_outsiders_find_nothing(cast, site):
    with pytest.raises(NotFound):
        find_app(cast.ids["charlie"], site.id)
    for foreign in (cast.access("bob", "bob"), cast.access("charlie", "charlie")):
        with pytest.raises(NotFound):
            edit_app(foreign, site.id, cast.now, name="Mine")
    with pytest.raises(NotFound):
        find_app(cast.ids["bob"], 10**9)


def test_find_tells_the_person_s_standing(cast, site):
    app, access = find_app(cast.ids["carol"], site.id)
    assert (app.id, access.role) == (site.id, Role.ADMIN)


def test_click_of_who_was_removed_meanwhile_finds_nothing(cast, site):
    stale = cast.access("bob")
    remove(cast.access("alice"), cast.email("bob"), cast.now)
    with pytest.raises(NotFound):
        create_app(stale, "Late", "", cast.now)
    with pytest.raises(NotFound):
        delete_app(stale, site.id, cast.now)


@pytest.mark.parametrize(
    ("name", "description", "field"),
    [("", "", "name"), ("a\nb", "", "name"), ("x" * 101, "", "name"), ("x", "\0", "description")],
)
def test_bad_texts_are_refused(cast, name, description, field):
    with pytest.raises(InvalidRequest) as refused:
        create_app(cast.access("bob"), name, description, cast.now)
    assert refused.value.errors[0][0] == field
    assert apps_of(cast.acme.id) == []


def test_apps_are_listed_by_name(cast, site):
    create_app(cast.access("alice"), "Ant", "", cast.now)
    create_app(cast.access("bob", "bob"), "Private", "", cast.now)
    assert [app.name for app in apps_in(cast.access("ben"))] == ["Ant", "Site"]


def test_apps_are_found_by_words_in_any_script(cast, site):
    create_app(cast.access("bob"), "Übersicht", "100% of it", cast.now)
    for sought in ("Übersicht", "ÜBERS", "SICHT", "100%"):
        names = [app.name for app in list_apps(cast.access("bob"), sought)]
        assert names == ["Übersicht"], sought
    assert list_apps(cast.access("bob"), "%s") == []
