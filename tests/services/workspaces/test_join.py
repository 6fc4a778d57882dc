"""Joining: through a link, once, by the invited address; or by the operator's hand."""

import pytest

from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound
from app.domain.role import Role
from app.services.people.sign_in import sign_in
from app.services.people.sign_up import create_person, sign_up
from app.services.workspaces.accept import accept_invitation, sign_up_invited
from app.services.workspaces.delete import delete_workspace
from app.services.workspaces.end_access import leave
from app.services.workspaces.invite import invite, resend, revoke
from app.services.workspaces.join import add_member
from app.services.workspaces.waiting import accept_waiting, invitations_to
from app.store.accounts import Membership, count_members, membership, personal_account
from app.store.database import db
from app.store.invitations import open_invitations
from app.store.people import Person, person_by_email
from tests.services.cast import claims_to
from tests.services.racing import at_once

PASSWORD = "correct horse battery"


@pytest.fixture
def link(cast):
    """Invite an address as Alice; gives the claims of its link."""

    def send(email, role=Role.MEMBER):
        invite(cast.access("alice"), [email], role, cast.now)
        return claims_to(email, "invitation")

    return send


def test_known_person_accepts(cast, link):
    claims = link(cast.email("charlie"), Role.ADMIN)
    place = accept_invitation(claims, cast.ids["charlie"], cast.now)
    assert (place.role, place.joined_at) == (Role.ADMIN, cast.now)
    assert cast.role("charlie") is Role.ADMIN
    assert open_invitations(cast.acme.id) == []


def test_link_works_once(cast, link):
    claims = link(cast.email("charlie"))
    accept_invitation(claims, cast.ids["charlie"], cast.now)
    with pytest.raises(Conflict, match="used already"):
        accept_invitation(claims, cast.ids["charlie"], cast.now)
    leave(cast.access("charlie"), cast.now)
    with pytest.raises(Conflict, match="used already"):
        accept_invitation(claims, cast.ids["charlie"], cast.now)


def test_only_the_invited_address_accepts(cast, link):
    claims = link("new@acme.test")
    with pytest.raises(Forbidden, match=r"for new@acme\.test .* signed in as charlie@acme\.test"):
        accept_invitation(claims, cast.ids["charlie"], cast.now)
    assert membership(cast.acme.id, cast.ids["charlie"]) is None
    assert len(open_invitations(cast.acme.id)) == 1


def test_unknown_address_signs_up_through_the_link_and_is_verified(cast, link):
    claims = link("nora@acme.test", Role.ADMIN)
    person = sign_up_invited(claims, "Nora New", PASSWORD, cast.now)
    assert (person.email, person.email_verified_at) == ("nora@acme.test", cast.now)
    assert personal_account(person.id).slug == "nora"
    assert membership(cast.acme.id, person.id).role is Role.ADMIN
    assert sign_in("nora@acme.test", PASSWORD, "", "", cast.now)[0].id == person.id


def test_sign_up_through_a_link_is_checked_like_any_other(cast, link):
    claims = link("new@acme.test")
    for name, password in (("", PASSWORD), ("Nora", "short"), ("Nora", "new@acme.test")):
        with pytest.raises(InvalidRequest):
            sign_up_invited(claims, name, password, cast.now)
    assert person_by_email("new@acme.test") is None
    assert len(open_invitations(cast.acme.id)) == 1


def test_known_address_signs_in_instead_of_signing_up(cast, link):
    claims = link(cast.email("charlie"))
    with pytest.raises(Conflict, match="Sign in instead"):
        sign_up_invited(claims, "Impostor", PASSWORD, cast.now)
    assert len(open_invitations(cast.acme.id)) == 1


def test_link_proves_the_address_of_a_known_person(cast, link):
    person = sign_up("new@acme.test", "Nora", PASSWORD, cast.now)
    accept_invitation(link("new@acme.test"), person.id, cast.now)
    assert db.session.get_one(Person, person.id).email_verified_at == cast.now


@pytest.mark.parametrize(
    ("meanwhile", "sentence"),
    [
        (lambda cast, found, later: later(days=7), "out of date"),
        (lambda cast, found, later: revoke(cast.access("alice"), found, cast.now), "withdrawn"),
        (lambda cast, found, later: resend(cast.access("alice"), found, cast.now), "newer"),
    ],
    ids=["expired", "revoked", "resent"],
)
def test_link_that_no_longer_works_lets_nobody_in(cast, link, later, meanwhile, sentence):
    claims = link(cast.email("charlie"))
    meanwhile(cast, claims["invitation"], later)
    with pytest.raises(Conflict, match=sentence):
        accept_invitation(claims, cast.ids["charlie"], cast.now)
    with pytest.raises(Conflict, match=sentence):
        sign_up_invited(claims, "Nora", PASSWORD, cast.now)
    assert membership(cast.acme.id, cast.ids["charlie"]) is None


def test_deleted_workspace_lets_nobody_in(cast, link):
    claims = link(cast.email("charlie"))
    delete_workspace(cast.access("alice"), cast.acme.name, cast.now)
    with pytest.raises(NotFound, match="no longer there"):
        accept_invitation(claims, cast.ids["charlie"], cast.now)


def test_two_acceptances_at_once_one_wins(app, cast, link):
    claims, now, charlie = link(cast.email("charlie")), cast.now, cast.ids["charlie"]
    outcomes = at_once(app, *[lambda: accept_invitation(claims, charlie, now)] * 4)
    assert sum(isinstance(outcome, Membership) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
    assert count_members(cast.acme.id) == 6


def test_two_sign_ups_through_one_link_at_once_one_wins(app, cast, link):
    claims, now = link("new@acme.test"), cast.now
    outcomes = at_once(app, *[lambda: sign_up_invited(claims, "Nora", PASSWORD, now)] * 3)
    assert sum(isinstance(outcome, Person) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2


def test_acceptance_and_revocation_at_once_agree(app, cast, link):
    claims, now, charlie = link(cast.email("charlie")), cast.now, cast.ids["charlie"]
    access = cast.access("alice")
    accepted, revoked = at_once(
        app,
        lambda: accept_invitation(claims, charlie, now),
        lambda: revoke(access, claims["invitation"], now),
    )
    assert isinstance(accepted, Conflict) != isinstance(revoked, Conflict)
    assert (membership(cast.acme.id, charlie) is None) == isinstance(accepted, Conflict)


def test_proved_address_accepts_what_waits_without_the_link(cast, link):
    link(cast.email("charlie"))
    (waiting,) = invitations_to(cast.ids["charlie"], cast.now)
    accept_waiting(waiting.id, cast.ids["charlie"], cast.now)
    assert cast.role("charlie") is Role.MEMBER
    assert invitations_to(cast.ids["charlie"], cast.now) == []


def test_unproved_address_sees_and_accepts_nothing(cast, link):
    person = sign_up("new@acme.test", "Not Nora", PASSWORD, cast.now)
    claims = link("new@acme.test")
    assert invitations_to(person.id, cast.now) == []
    with pytest.raises((Forbidden, NotFound)):
        accept_waiting(claims["invitation"], person.id, cast.now)
    assert membership(cast.acme.id, person.id) is None


def test_nobody_accepts_what_waits_for_another(cast, link):
    claims = link("new@acme.test")
    with pytest.raises(NotFound):
        accept_waiting(claims["invitation"], cast.ids["charlie"], cast.now)


def test_operator_adds_a_member_and_closes_the_invitation(cast, link):
    claims = link(cast.email("charlie"))
    add_member("acme", "CHARLIE@acme.test", Role.MEMBER, cast.now)
    assert cast.role("charlie") is Role.MEMBER
    with pytest.raises(Conflict, match="used already"):
        accept_invitation(claims, cast.ids["charlie"], cast.now)


@pytest.mark.parametrize(
    ("slug", "email", "role", "refusal"),
    [
        ("acme", "bob@acme.test", Role.ADMIN, Conflict),
        ("acme", "nobody@acme.test", Role.MEMBER, NotFound),
        ("acme", "no address", Role.MEMBER, NotFound),
        ("nowhere", "charlie@acme.test", Role.MEMBER, NotFound),
        ("acme", "charlie@acme.test", Role.OWNER, InvalidRequest),
        ("bob", "charlie@acme.test", Role.MEMBER, Conflict),
    ],
)
def test_operator_can_t_add_just_anyone(cast, slug, email, role, refusal):
    with pytest.raises(refusal):
        add_member(slug, email, role, cast.now)
    assert count_members(cast.acme.id) == 5
    assert cast.role("bob") is Role.MEMBER


def test_members_join_a_workspace_of_any_size_at_once(app, cast):
    now = cast.now
    for n in range(6):
        create_person(f"p{n}@acme.test", f"P {n}", None, now)
    deeds = [lambda n=n: add_member("acme", f"p{n}@acme.test", Role.MEMBER, now) for n in range(6)]
    assert all(isinstance(outcome, Membership) for outcome in at_once(app, *deeds))
    assert count_members(cast.acme.id) == 11
