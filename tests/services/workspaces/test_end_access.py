"""When a member leaves or is removed: each point of PRODUCT, "Workspaces, members, roles"."""

import pytest

from app.domain.reference import reference
from app.domain.refusals import Conflict, Forbidden, NotFound, Unauthenticated
from app.domain.role import Role
from app.services.apps.edit import create_app, find_app
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.people.passwords import ask_reset, reset
from app.services.people.sign_in import sign_in, signed_in
from app.services.tokens.make_token import (
    make_app_key,
    make_personal_token,
    make_service_token,
)
from app.services.workspaces.accept import accept_invitation
from app.services.workspaces.access import access_to
from app.services.workspaces.end_access import leave, remove
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.services.workspaces.ownership import accept_ownership, offer_ownership
from app.store.accounts import count_members, ownership_offer
from app.store.database import db
from app.store.invitations import Invitation, open_invitations
from app.store.tokens import Token
from tests.services.cast import claims_to, mails_to
from tests.services.racing import at_once

PASSWORD = "correct horse battery"


def leaves(cast):
    leave(cast.access("bob"), cast.now)


def is_removed(cast):
    remove(cast.access("carol"), cast.email("bob"), cast.now)


@pytest.fixture(params=[leaves, is_removed])
def goes(request, cast):
    """Bob goes, by his own will or not: the same holds for both."""
    return lambda: request.param(cast)


@pytest.fixture
def platform(cast):
    return caller_of(make_service_token("platform", cast.now)[1], cast.now)


def personal(cast, first):
    return caller_of(make_personal_token(cast.ids[first], "laptop", cast.now)[1], cast.now)


def deploy(cast, account="acme"):
    return Spending(account, cast.email("bob"), None, "deploy")


def test_access_ends_at_once(cast, goes):
    goes()
    with pytest.raises(NotFound):
        access_to(cast.ids["bob"], "acme")
    assert count_members(cast.acme.id) == 4


def test_sessions_stay_but_the_workspace_context_is_gone(cast, goes):
    ask_reset(cast.email("bob"), cast.now)
    claims = claims_to(cast.email("bob"), "reset")
    reset(claims["person"], claims["fingerprint"], PASSWORD, cast.now)
    _, token = sign_in(cast.email("bob"), PASSWORD, "", "", cast.now)
    goes()
    person, _ = signed_in(token, cast.now)
    assert access_to(person.id, "bob")[1].role is Role.OWNER
    with pytest.raises(NotFound):
        access_to(person.id, "acme")


def test_personal_tokens_no_longer_work_for_the_workspace(cast, goes):
    caller = personal(cast, "bob")
    deduct(caller, deploy(cast), "before", cast.now)
    goes()
    with pytest.raises(NotFound):
        deduct(caller, deploy(cast), "after", cast.now)
    assert deduct(caller, deploy(cast, "bob"), "own", cast.now).value.account == "bob"


def test_services_can_no_longer_act_for_them_there(cast, goes, platform):
    deduct(platform, deploy(cast), "before", cast.now)
    goes()
    with pytest.raises(NotFound):
        deduct(platform, deploy(cast), "after", cast.now)


def test_app_keys_they_made_there_are_revoked_and_no_others(cast, goes):
    start_workspace(cast.email("bob"), "lab", "Lab", "business", None, cast.now)
    app = create_app(cast.access("bob"), "Site", "", cast.now)
    elsewhere = create_app(cast.access("bob", "lab"), "Lab site", "", cast.now)
    theirs, text = make_app_key(cast.access("bob"), app.id, "key", cast.now)
    admins, _ = make_app_key(cast.access("carol"), app.id, "key", cast.now)
    other, _ = make_app_key(cast.access("bob", "lab"), elsewhere.id, "key", cast.now)
    caller_of(text, cast.now)
    goes()
    with pytest.raises(Unauthenticated):
        caller_of(text, cast.now)
    standing = [db.session.get_one(Token, token.id).revoked_at for token in (theirs, admins, other)]
    assert standing == [cast.now, None, None]


def test_their_apps_stay_with_the_workspace(cast, goes):
    app = create_app(cast.access("bob"), "Site", "", cast.now)
    goes()
    found, _ = find_app(cast.ids["alice"], app.id)
    assert (found.account_id, found.created_by_id) == (cast.acme.id, cast.ids["bob"])
    with pytest.raises(NotFound):
        find_app(cast.ids["bob"], app.id)


def test_past_transactions_keep_their_name(cast, goes, platform):
    deduct(platform, deploy(cast), "before", cast.now)
    goes()
    wanted = TransactionFilter(kind="deduction")
    (line,) = transactions(cast.acme, wanted, 10, None, cast.now)
    assert (line.member, line.member_name) == (cast.email("bob"), "Bob Birch")


def test_holds_in_flight_complete_against_their_own_pool(cast, goes, platform, later):
    app = create_app(cast.access("bob"), "Site", "", cast.now)
    spending = Spending("acme", cast.email("bob"), reference("app", app.id), "agent.create")
    hold = place_hold(platform, spending, "hold", None, cast.now).value
    goes()
    done = capture(platform, hold.id, None, later(minutes=5)).value
    assert (done.account, done.member, done.credits) == ("acme", cast.email("bob"), 15)
    assert pool(cast.acme, cast.now).available == 4985


def test_personal_account_is_untouched(cast, goes):
    own = cast.access("bob", "bob")
    app = create_app(own, "Mine", "", cast.now)
    _, key = make_app_key(own, app.id, "key", cast.now)
    goes()
    assert cast.role("bob", "bob") is Role.OWNER
    assert find_app(cast.ids["bob"], app.id)[0].name == "Mine"
    assert deduct(personal(cast, "bob"), deploy(cast, "bob"), "own", cast.now).value.credits == 1
    assert caller_of(key, cast.now).app_id == app.id


def test_open_invitations_to_their_address_there_are_withdrawn(cast, goes):
    db.session.add(
        Invitation(
            account_id=cast.acme.id,
            email=cast.email("bob"),
            role=Role.ADMIN,
            invited_by_id=cast.ids["alice"],
            created_at=cast.now,
            sent_at=cast.now,
            expires_at=cast.now.replace(year=2030),
        )
    )
    db.session.commit()
    invite(cast.access("alice"), ["other@acme.test"], Role.MEMBER, cast.now)
    goes()
    assert [each.email for each in open_invitations(cast.acme.id)] == ["other@acme.test"]


def test_old_link_does_not_lead_back_in(cast):
    invite(cast.access("alice"), [cast.email("charlie")], Role.MEMBER, cast.now)
    claims = claims_to(cast.email("charlie"), "invitation")
    add_member("acme", cast.email("charlie"), Role.MEMBER, cast.now)
    remove(cast.access("alice"), cast.email("charlie"), cast.now)
    with pytest.raises(Conflict):
        accept_invitation(claims, cast.ids["charlie"], cast.now)


def test_ownership_that_was_offered_to_them_is_withdrawn(cast, goes):
    offer_ownership(cast.access("alice"), cast.email("bob"), cast.now)
    goes()
    assert ownership_offer(cast.acme.id) is None


def test_ownership_that_was_offered_to_another_stays_offered(cast, goes):
    offer_ownership(cast.access("alice"), cast.email("ben"), cast.now)
    goes()
    assert ownership_offer(cast.acme.id).person_id == cast.ids["ben"]


def test_they_can_be_invited_and_join_again(cast, goes):
    goes()
    invite(cast.access("alice"), [cast.email("bob")], Role.MEMBER, cast.now)
    accept_invitation(claims_to(cast.email("bob"), "invitation"), cast.ids["bob"], cast.now)
    assert cast.role("bob") is Role.MEMBER


def test_who_is_removed_is_told_and_who_leaves_is_not(cast):
    remove(cast.access("alice"), cast.email("bob"), cast.now)
    leave(cast.access("ben"), cast.now)
    (mail,) = mails_to(cast.email("bob"), "member_removed")
    assert mail.context["values"]["workspace"] == "Acme Incorporated"
    assert mails_to(cast.email("ben")) == []


@pytest.mark.parametrize(
    ("actor", "target", "allowed"),
    [
        ("alice", "carol", True),
        ("alice", "bob", True),
        ("carol", "bob", True),
        ("carol", "cora", False),
        ("carol", "alice", False),
        ("bob", "ben", False),
        ("bob", "carol", False),
        ("bob", "alice", False),
    ],
)
def test_who_may_remove_whom(cast, actor, target, allowed):
    role = cast.role(target)
    if allowed:
        remove(cast.access(actor), cast.email(target), cast.now)
        with pytest.raises(NotFound):
            cast.access(target)
    else:
        with pytest.raises(Forbidden):
            remove(cast.access(actor), cast.email(target), cast.now)
        assert cast.role(target) is role


@pytest.mark.parametrize("first", ["carol", "bob"])
def test_everyone_but_the_owner_may_leave_and_may_remove_themselves(cast, first):
    remove(cast.access(first), cast.email(first), cast.now)
    with pytest.raises(NotFound):
        cast.access(first)
    assert mails_to(cast.email(first)) == []


def test_owner_can_t_leave_or_be_removed(cast):
    with pytest.raises(Conflict, match="Transfer ownership first"):
        leave(cast.access("alice"), cast.now)
    with pytest.raises(Conflict, match="Transfer ownership first"):
        remove(cast.access("alice"), cast.email("alice"), cast.now)
    assert cast.role("alice") is Role.OWNER


def test_personal_account_can_t_be_left(cast):
    with pytest.raises(Conflict, match="personal account"):
        leave(cast.access("bob", "bob"), cast.now)
    with pytest.raises(Conflict, match="personal account"):
        remove(cast.access("bob", "bob"), cast.email("bob"), cast.now)


@pytest.mark.parametrize("email", ["charlie@acme.test", "nobody@acme.test", "no address", "\0"])
def test_who_is_no_member_can_t_be_removed(cast, email):
    with pytest.raises(NotFound):
        remove(cast.access("alice"), email, cast.now)
    assert count_members(cast.acme.id) == 5


def test_removal_and_acceptance_of_ownership_at_once_agree(app, cast):
    offer_ownership(cast.access("alice"), cast.email("bob"), cast.now)
    alice, bob, now = cast.access("alice"), cast.access("bob"), cast.now
    removed, accepted = at_once(
        app,
        lambda: remove(alice, cast.email("bob"), now),
        lambda: accept_ownership(bob, now),
    )
    assert isinstance(removed, Forbidden) != isinstance(accepted, NotFound)
    owner = "alice" if isinstance(accepted, NotFound) else "bob"
    assert cast.role(owner) is Role.OWNER


def test_two_admins_who_remove_one_member_at_once(app, cast):
    carol, cora, now = cast.access("carol"), cast.access("cora"), cast.now
    outcomes = at_once(
        app,
        lambda: remove(carol, cast.email("bob"), now),
        lambda: remove(cora, cast.email("bob"), now),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotFound"]
    assert count_members(cast.acme.id) == 4
