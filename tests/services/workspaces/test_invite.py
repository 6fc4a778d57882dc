"""Inviting: many addresses at once, each told its own; links can be sent again and taken back."""

from datetime import timedelta

import pytest

from app.domain.invitation import InvitationState
from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound
from app.domain.role import Role
from app.services.workspaces.invite import (
    invitation_for,
    invite,
    list_invitations,
    resend,
    revoke,
)
from app.services.workspaces.open import start_workspace
from app.services.workspaces.standing import standing_of
from app.store.database import db
from app.store.invitations import open_invitations
from app.store.mails import Mail
from tests.services.cast import claims_to, mails_to


def invited(cast, *emails, by="alice", role=Role.MEMBER):
    return invite(cast.access(by), emails, role, cast.now)


@pytest.mark.parametrize("by", ["alice", "carol"])
@pytest.mark.parametrize("role", [Role.MEMBER, Role.ADMIN])
def test_owner_and_admins_invite_as_member_or_admin(cast, by, role):
    (invitation,) = invited(cast, " New@Acme.test ", by=by, role=role).invited
    assert (invitation.email, invitation.role) == ("new@acme.test", role)
    assert invitation.invited_by_id == cast.ids[by]
    assert invitation.expires_at == cast.now + timedelta(days=7)


def test_members_can_t_invite(cast):
    with pytest.raises(Forbidden, match="invite or remove members"):
        invited(cast, "new@acme.test", by="bob")
    assert open_invitations(cast.acme.id) == []


def test_mail_says_who_invites_and_carries_the_link(cast):
    (invitation,) = invited(cast, "new@acme.test").invited
    (mail,) = mails_to("new@acme.test")
    values = mail.context["values"]
    assert (values["inviter"], values["workspace"]) == ("Alice Arden", "Acme Incorporated")
    claims = claims_to("new@acme.test", "invitation")
    assert claims["invitation"] == invitation.id
    assert invitation_for(claims, cast.now).id == invitation.id


def test_each_address_is_told_what_became_of_it(cast):
    invited(cast, "waiting@acme.test")
    report = invited(
        cast,
        "new@acme.test",
        "no address",
        "BOB@acme.test",
        "waiting@acme.test",
        "New@acme.test",
        "evil@acme.test\r\nBcc: x@y.test",
        "last@acme.test",
    )
    assert [found.email for found in report.invited] == ["new@acme.test", "last@acme.test"]
    reasons = dict(report.refused)
    assert "member already" in reasons["bob@acme.test"]
    assert "invited already" in reasons["waiting@acme.test"]
    assert "more than once" in reasons["new@acme.test"]
    assert "not an e-mail address" in reasons["no address"]
    assert len(report.refused) == 5
    assert len(mails_to("waiting@acme.test")) == 1


def test_thousand_at_once(cast):
    report = invited(cast, *[f"person{n}@acme.test" for n in range(1000)])
    assert (len(report.invited), report.refused) == (1000, [])
    assert db.session.query(Mail).filter_by(template="invitation").count() == 1000
    ids = {
        mail.context["link"][1]["invitation"]
        for mail in db.session.query(Mail)
        if mail.template == "invitation"
    }
    assert ids == {invitation.id for invitation in report.invited}


@pytest.mark.parametrize(
    ("emails", "role", "field"),
    [
        ([], Role.MEMBER, "emails"),
        ([f"p{n}@acme.test" for n in range(1001)], Role.MEMBER, "emails"),
        (["new@acme.test"], Role.OWNER, "role"),
    ],
)
def test_whole_request_is_refused_when_it_can_t_be_meant(cast, emails, role, field):
    with pytest.raises(InvalidRequest) as refused:
        invite(cast.access("alice"), emails, role, cast.now)
    assert refused.value.errors[0][0] == field
    assert open_invitations(cast.acme.id) == []


def test_personal_account_has_no_one_to_invite(cast):
    with pytest.raises(Conflict, match="personal account"):
        invite(cast.access("bob", "bob"), ["new@acme.test"], Role.MEMBER, cast.now)


def test_expired_invitation_is_replaced(cast, later):
    (old,) = invited(cast, "new@acme.test").invited
    old_claims = claims_to("new@acme.test", "invitation")
    later(days=7)
    (new,) = invited(cast, "new@acme.test", role=Role.ADMIN).invited
    assert [found.id for found in open_invitations(cast.acme.id)] == [new.id]
    assert new.id != old.id
    with pytest.raises(Conflict, match="withdrawn"):
        invitation_for(old_claims, cast.now)


def test_new_link_makes_the_former_invalid_and_lasts_seven_days(cast, later):
    (invitation,) = invited(cast, "new@acme.test").invited
    first = claims_to("new@acme.test", "invitation")
    later(days=6)
    resend(cast.access("carol"), invitation.id, cast.now)
    second = claims_to("new@acme.test", "invitation")
    with pytest.raises(Conflict, match="newer invitation"):
        invitation_for(first, cast.now)
    later(days=6)
    assert invitation_for(second, cast.now).id == invitation.id
    later(days=1)
    with pytest.raises(Conflict, match="out of date"):
        invitation_for(second, cast.now)


def test_expired_invitation_can_be_sent_again(cast, later):
    (invitation,) = invited(cast, "new@acme.test").invited
    later(days=30)
    resend(cast.access("alice"), invitation.id, cast.now)
    assert standing_of(invitation).state(cast.now) is InvitationState.OPEN


def test_revoked_link_stops_working(cast):
    (invitation,) = invited(cast, "new@acme.test").invited
    revoke(cast.access("carol"), invitation.id, cast.now)
    with pytest.raises(Conflict, match="withdrawn"):
        invitation_for(claims_to("new@acme.test", "invitation"), cast.now)
    for again in (revoke, resend):
        with pytest.raises(Conflict, match="withdrawn already"):
            again(cast.access("alice"), invitation.id, cast.now)


def test_only_who_may_invite_resends_revokes_or_lists(cast):
    (invitation,) = invited(cast, "new@acme.test").invited
    for verb in (resend, revoke):
        with pytest.raises(Forbidden):
            verb(cast.access("bob"), invitation.id, cast.now)
    with pytest.raises(Forbidden):
        list_invitations(cast.access("bob"))


def test_invitation_of_another_workspace_is_not_found(cast):
    (invitation,) = invited(cast, "new@acme.test").invited
    start_workspace(cast.email("charlie"), "lab", "Lab", "business", None, cast.now)
    for verb in (resend, revoke):
        with pytest.raises(NotFound):
            verb(cast.access("charlie", "lab"), invitation.id, cast.now)
        with pytest.raises(NotFound):
            verb(cast.access("alice"), 10**9, cast.now)
    assert standing_of(invitation).state(cast.now) is InvitationState.OPEN


def test_invitations_are_listed_page_by_page(cast):
    invited(cast, *[f"p{n}@acme.test" for n in range(5)])
    emails, cursor = [], None
    for size in (2, 2, 1):
        page = list_invitations(cast.access("carol"), 2, cursor)
        assert len(page.items) == size
        emails += [invitation.email for invitation in page.items]
        cursor = page.next
    assert cursor is None
    assert emails == [f"p{n}@acme.test" for n in (4, 3, 2, 1, 0)]
    with pytest.raises(InvalidRequest):
        list_invitations(cast.access("carol"), 2, "nonsense")
