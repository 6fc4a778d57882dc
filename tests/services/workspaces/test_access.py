"""Access: outsiders see nothing; a change asks again who is acting."""

import pytest

from app.domain.refusals import Forbidden, NotFound
from app.domain.role import Role
from app.services.workspaces.access import access_to
from app.services.workspaces.end_access import leave, remove
from app.services.workspaces.invite import invite
from app.services.workspaces.roles import change_role
from app.store.invitations import open_invitations


@pytest.mark.parametrize("slug", ["acme", "nowhere", "", "a\0b", "x" * 500, "ACME"])
def test_outsider_sees_the_same_as_for_nothing(cast, slug):
    with pytest.raises(NotFound) as refused:
        access_to(cast.ids["charlie"], slug)
    assert refused.value.detail == NotFound().detail


def test_everyone_owns_their_personal_account_alone(cast):
    assert cast.role("bob", "bob") is Role.OWNER
    with pytest.raises(NotFound):
        access_to(cast.ids["alice"], "bob")


def test_click_of_an_admin_who_was_demoted_meanwhile_is_refused(cast):
    stale = cast.access("carol")
    change_role(cast.access("alice"), cast.email("carol"), Role.MEMBER, cast.now)
    with pytest.raises(Forbidden):
        remove(stale, cast.email("bob"), cast.now)
    with pytest.raises(Forbidden):
        invite(stale, ["new@acme.test"], Role.MEMBER, cast.now)
    assert cast.role("bob") is Role.MEMBER
    assert open_invitations(cast.acme.id) == []


def test_click_of_somebody_who_left_meanwhile_finds_nothing(cast):
    stale = cast.access("carol")
    leave(cast.access("carol"), cast.now)
    with pytest.raises(NotFound):
        change_role(stale, cast.email("bob"), Role.ADMIN, cast.now)
    assert cast.role("bob") is Role.MEMBER
