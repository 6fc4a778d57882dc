"""Roles: changed between member and admin, by who may."""

import pytest

from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound
from app.domain.role import Role
from app.services.workspaces.roles import change_role
from tests.services.cast import mails_to
from tests.services.racing import at_once


@pytest.mark.parametrize(
    ("actor", "target", "role", "allowed"),
    [
        ("alice", "bob", Role.ADMIN, True),
        ("alice", "carol", Role.MEMBER, True),
        ("carol", "bob", Role.ADMIN, True),
        ("carol", "cora", Role.MEMBER, False),
        ("carol", "carol", Role.MEMBER, False),
        ("carol", "alice", Role.MEMBER, False),
        ("bob", "ben", Role.ADMIN, False),
        ("bob", "bob", Role.ADMIN, False),
        ("alice", "alice", Role.ADMIN, False),
    ],
)
def test_who_may_change_whose_role(cast, actor, target, role, allowed):
    before = cast.role(target)
    if allowed:
        change_role(cast.access(actor), cast.email(target), role, cast.now)
        assert cast.role(target) is role
    else:
        with pytest.raises(Forbidden):
            change_role(cast.access(actor), cast.email(target), role, cast.now)
        assert cast.role(target) is before


@pytest.mark.parametrize("actor", ["alice", "carol"])
def test_nobody_is_made_owner_as_a_role(cast, actor):
    with pytest.raises(InvalidRequest, match="transferred"):
        change_role(cast.access(actor), cast.email("bob"), Role.OWNER, cast.now)
    assert cast.role("alice") is Role.OWNER


def test_who_it_concerns_is_told_once(cast):
    for _ in range(2):
        change_role(cast.access("alice"), cast.email("bob"), Role.ADMIN, cast.now)
    (mail,) = mails_to(cast.email("bob"))
    assert (mail.template, mail.context["values"]["role"]) == ("role_changed", "admin")


def test_outsider_has_no_role_to_change(cast):
    with pytest.raises(NotFound, match="not a member"):
        change_role(cast.access("alice"), cast.email("charlie"), Role.ADMIN, cast.now)


def test_personal_account_has_no_roles_to_change(cast):
    with pytest.raises(Conflict, match="personal account"):
        change_role(cast.access("bob", "bob"), cast.email("bob"), Role.ADMIN, cast.now)


def test_demoted_admin_s_change_in_flight_is_refused_or_came_first(app, cast):
    alice, carol, now = cast.access("alice"), cast.access("carol"), cast.now
    _, promoted = at_once(
        app,
        lambda: change_role(alice, cast.email("carol"), Role.MEMBER, now),
        lambda: change_role(carol, cast.email("bob"), Role.ADMIN, now),
    )
    assert cast.role("carol") is Role.MEMBER
    assert cast.role("bob") is (Role.MEMBER if isinstance(promoted, Forbidden) else Role.ADMIN)
