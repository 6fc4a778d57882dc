"""Ownership: handed over to a member who accepts, or at once to one with a Business plan."""

import pytest

from app.domain.refusals import Conflict, Forbidden, NotFound
from app.domain.role import Role
from app.services.workspaces.end_access import leave
from app.services.workspaces.ownership import accept_ownership, offer_ownership, withdraw_offer
from app.services.workspaces.subscribe import give_subscription
from app.services.workspaces.waiting import offer_in, offers_to
from app.store.accounts import members_of, ownership_offer
from app.store.subscriptions import free_business_subscription, subscription_of
from tests.services.cast import mails_to
from tests.services.racing import at_once


def offered(cast, first, by="alice"):
    return offer_ownership(cast.access(by), cast.email(first), cast.now)


def owners(cast):
    return [place.person_id for place in members_of(cast.acme.id, role=Role.OWNER)]


@pytest.mark.parametrize("heir", ["bob", "carol"])
def test_member_who_accepts_becomes_owner(cast, heir):
    assert offered(cast, heir).person_id == cast.ids[heir]
    assert owners(cast) == [cast.ids["alice"]]
    accept_ownership(cast.access(heir), cast.now)
    assert owners(cast) == [cast.ids[heir]]
    assert cast.role("alice") is Role.ADMIN
    assert ownership_offer(cast.acme.id) is None


def test_new_owner_pays_for_the_same_subscription(cast):
    before = subscription_of(cast.acme.id).id
    offered(cast, "bob")
    accept_ownership(cast.access("bob"), cast.now)
    subscription = subscription_of(cast.acme.id)
    assert (subscription.id, subscription.person_id) == (before, cast.ids["bob"])


def test_member_with_a_business_plan_becomes_owner_at_once(cast):
    given = give_subscription(cast.email("bob"), "business", cast.now)
    assert offered(cast, "bob") is None
    assert owners(cast) == [cast.ids["bob"]]
    assert free_business_subscription(cast.ids["bob"]).id == given.id
    assert subscription_of(cast.acme.id).person_id == cast.ids["bob"]


def test_all_are_told(cast):
    offered(cast, "bob")
    assert [mail.template for mail in mails_to(cast.email("bob"))] == ["ownership_offer"]
    accept_ownership(cast.access("bob"), cast.now)
    assert len(mails_to(cast.email("bob"), "ownership_received")) == 1
    assert len(mails_to(cast.email("alice"), "ownership_handed_over")) == 1


@pytest.mark.parametrize("actor", ["carol", "bob"])
def test_only_the_owner_offers(cast, actor):
    with pytest.raises(Forbidden, match="transfer ownership"):
        offered(cast, "ben", by=actor)
    assert ownership_offer(cast.acme.id) is None


def test_offer_goes_to_a_member_other_than_the_owner(cast):
    for email in (cast.email("charlie"), "nobody@acme.test", "no address"):
        with pytest.raises(NotFound):
            offer_ownership(cast.access("alice"), email, cast.now)
    with pytest.raises(Conflict, match="owner already"):
        offered(cast, "alice")


def test_personal_account_is_not_handed_over(cast):
    with pytest.raises(Conflict, match="personal account"):
        offer_ownership(cast.access("bob", "bob"), cast.email("alice"), cast.now)


def test_second_offer_replaces_the_first(cast):
    offered(cast, "bob")
    offered(cast, "ben")
    with pytest.raises(NotFound, match="not offered to you"):
        accept_ownership(cast.access("bob"), cast.now)
    accept_ownership(cast.access("ben"), cast.now)
    assert owners(cast) == [cast.ids["ben"]]


@pytest.mark.parametrize("actor", ["alice", "bob"])
def test_owner_withdraws_and_heir_declines(cast, actor):
    offered(cast, "bob")
    withdraw_offer(cast.access(actor))
    with pytest.raises(NotFound):
        accept_ownership(cast.access("bob"), cast.now)
    assert owners(cast) == [cast.ids["alice"]]


@pytest.mark.parametrize("actor", ["carol", "ben"])
def test_nobody_else_withdraws_or_accepts(cast, actor):
    offered(cast, "bob")
    with pytest.raises(Forbidden):
        withdraw_offer(cast.access(actor))
    with pytest.raises(NotFound):
        accept_ownership(cast.access(actor), cast.now)
    assert ownership_offer(cast.acme.id).person_id == cast.ids["bob"]


def test_offer_is_seen_by_owner_and_heir(cast):
    offered(cast, "bob")
    assert [offer.account_id for offer in offers_to(cast.ids["bob"])] == [cast.acme.id]
    assert offer_in(cast.access("alice")).person_id == cast.ids["bob"]
    assert offer_in(cast.access("ben")) is None
    assert offers_to(cast.ids["ben"]) == []


def test_former_owner_may_leave(cast):
    offered(cast, "bob")
    accept_ownership(cast.access("bob"), cast.now)
    leave(cast.access("alice"), cast.now)
    assert owners(cast) == [cast.ids["bob"]]


def test_there_is_one_owner_whatever_happens_at_once(app, cast):
    offered(cast, "bob")
    alice, bob, now = cast.access("alice"), cast.access("bob"), cast.now
    at_once(
        app,
        lambda: accept_ownership(bob, now),
        lambda: accept_ownership(bob, now),
        lambda: offer_ownership(alice, cast.email("ben"), now),
        lambda: withdraw_offer(alice),
    )
    assert len(owners(cast)) == 1
