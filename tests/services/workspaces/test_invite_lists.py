"""Lists of people to invite: nothing is sent before it is said, and nobody is invited twice."""

import pytest

from app.domain.invite_list import AT_ONCE, LineState
from app.domain.refusals import Forbidden, NotFound
from app.domain.role import Role
from app.services.purge import purge
from app.services.workspaces import send_list as sending
from app.services.workspaces.check_list import check_list, find_list, lines_of
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.services.workspaces.roles import change_role
from app.services.workspaces.send_list import send_list, send_lists
from app.store.database import db
from app.store.invitations import open_invitations
from app.store.mails import Mail
from tests.services.racing import at_once

MANY = AT_ONCE * 2 + 10


def people(number):
    return "\n".join(f"p{each}@x.test" for each in range(number))


def listed(cast, text, by="alice", role=Role.MEMBER):
    return check_list(cast.access(by), text, role, cast.now).id


def counts(cast, list_id):
    found = find_list(cast.access("alice"), list_id)
    return found.ready, found.sent, found.refused


def mails():
    return db.session.query(Mail).filter_by(template="invitation").count()


def test_a_list_is_checked_and_nothing_is_sent(cast):
    invite(cast.access("alice"), ["asked@x.test"], Role.MEMBER, cast.now)
    text = "new@x.test\nnobody\nnew@x.test\nbob@acme.test\nasked@x.test\nalice@acme.test"
    list_id = listed(cast, text)
    found = find_list(cast.access("carol"), list_id)
    assert [one.line for one in lines_of(found, LineState.READY)] == [1]
    said = {one.line: one.reason for one in lines_of(found, LineState.REFUSED)}
    assert "not an e-mail" in said.pop(2)
    assert said == {
        3: "Stands in line 1 already.",
        4: "Is a member already.",
        5: "Was invited already; you can send the link again.",
        6: "This is your own address.",
    }
    assert (mails(), len(open_invitations(cast.acme.id))) == (1, 1)


def test_an_invitation_that_ran_out_is_no_obstacle(cast, later):
    invite(cast.access("alice"), ["asked@x.test"], Role.MEMBER, cast.now)
    later(days=8)
    list_id = listed(cast, "asked@x.test\nb@x.test")
    assert counts(cast, list_id) == (2, 0, 0)


def test_a_long_list_is_sent_in_parts_each_line_in_its_role(cast):
    list_id = listed(cast, people(MANY - 1) + "\nboss@x.test, admin")
    assert send_list(cast.access("alice"), list_id, cast.now) == 1
    assert counts(cast, list_id) == (MANY - AT_ONCE, AT_ONCE, 0)
    while send_lists(cast.now):
        pass
    assert counts(cast, list_id) == (0, MANY, 0)
    assert (mails(), len(open_invitations(cast.acme.id))) == (MANY, MANY)
    (boss,) = open_invitations(cast.acme.id, ["boss@x.test"])
    assert boss.role is Role.ADMIN
    assert send_lists(cast.now) == 0


def test_who_sends_again_after_it_broke_off_invites_only_who_is_missing(cast, monkeypatch):
    list_id = listed(cast, people(MANY))
    whole = sending.invite_within

    def broken(*given):
        whole(*given)
        if mails() > AT_ONCE:
            raise OSError("the process dies")

    monkeypatch.setattr(sending, "invite_within", broken)
    send_list(cast.access("alice"), list_id, cast.now)
    with pytest.raises(OSError, match="dies"):
        send_list(cast.access("alice"), list_id, cast.now)
    assert counts(cast, list_id) == (MANY - AT_ONCE, AT_ONCE, 0)
    monkeypatch.undo()
    for _ in range(4):
        send_list(cast.access("carol"), list_id, cast.now)
    assert counts(cast, list_id) == (0, MANY, 0)
    assert mails() == MANY


def test_many_who_send_at_once_invite_everybody_once(cast, app):
    list_id, access, now = listed(cast, people(60)), cast.access("alice"), cast.now
    at_once(app, *[lambda: send_list(access, list_id, now)] * 4)
    assert counts(cast, list_id) == (0, 60, 0)
    assert (mails(), len(open_invitations(cast.acme.id))) == (60, 60)


def test_who_came_in_meanwhile_is_not_invited(cast):
    list_id = listed(cast, "charlie@acme.test\nb@x.test")
    add_member("acme", "charlie@acme.test", Role.MEMBER, cast.now)
    send_list(cast.access("alice"), list_id, cast.now)
    found = find_list(cast.access("alice"), list_id)
    ((email, reason),) = [(one.email, one.reason) for one in lines_of(found, LineState.REFUSED)]
    assert (email, reason) == ("charlie@acme.test", "Is a member already.")


def test_who_may_no_longer_invite_sends_no_further_part(cast):
    list_id = listed(cast, people(MANY), by="carol")
    send_list(cast.access("carol"), list_id, cast.now)
    change_role(cast.access("alice"), cast.email("carol"), Role.MEMBER, cast.now)
    assert send_lists(cast.now) == 0
    assert counts(cast, list_id) == (0, AT_ONCE, MANY - AT_ONCE)
    assert find_list(cast.access("alice"), list_id).row.ended_at == cast.now


def test_members_and_other_workspaces_reach_no_list(cast):
    list_id = listed(cast, "a@x.test\nb@x.test")
    for attempt in (
        lambda: listed(cast, "a@x.test", by="bob"),
        lambda: find_list(cast.access("bob"), list_id),
        lambda: send_list(cast.access("bob"), list_id, cast.now),
    ):
        with pytest.raises(Forbidden):
            attempt()
    own = cast.access("alice", "alice")
    for attempt in (
        lambda: find_list(own, list_id),
        lambda: send_list(own, list_id, cast.now),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert mails() == 0


def test_lists_are_forgotten_after_thirty_days(cast, later):
    list_id = listed(cast, "a@x.test\nb@x.test")
    purge(90, 30, later(days=31))
    with pytest.raises(NotFound):
        find_list(cast.access("alice"), list_id)
