"""Renaming: name and slug, by owner and admins."""

import pytest

from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound
from app.services.workspaces.access import access_to
from app.services.workspaces.rename import rename
from app.store.accounts import account_by_slug


@pytest.mark.parametrize("first", ["alice", "carol"])
def test_owner_and_admins_rename(cast, first):
    account = rename(cast.access(first), name=" Acme Two ", slug="acme-two")
    assert (account.name, account.slug) == ("Acme Two", "acme-two")
    with pytest.raises(NotFound):
        access_to(cast.ids["alice"], "acme")


def test_members_don_t(cast):
    with pytest.raises(Forbidden):
        rename(cast.access("bob"), name="Bob's")
    assert account_by_slug("acme").name == "Acme Incorporated"


def test_personal_account_is_renamed_by_its_person(cast):
    assert rename(cast.access("bob", "bob"), slug="bobby").slug == "bobby"


def test_taken_slug_is_a_conflict_and_changes_nothing(cast):
    with pytest.raises(Conflict, match="taken"):
        rename(cast.access("alice"), name="Other", slug="bob")
    assert account_by_slug("acme").name == "Acme Incorporated"


def test_same_slug_again_is_fine(cast):
    assert rename(cast.access("alice"), slug="acme").slug == "acme"


@pytest.mark.parametrize(
    ("change", "field"), [({}, "name"), ({"name": " "}, "name"), ({"slug": "Ä"}, "slug")]
)
def test_bad_input_names_the_field(cast, change, field):
    with pytest.raises(InvalidRequest) as refused:
        rename(cast.access("alice"), **change)
    assert refused.value.errors[0][0] == field
