"""Transfer: by the owner, to an account to which they belong; the pool that pays changes."""

import pytest

from app.domain.refusals import Conflict, Forbidden, NotFound, Unauthenticated
from app.domain.role import Role
from app.services.apps.edit import create_app, delete_app, find_app
from app.services.apps.transfer import transfer_app
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.tokens.make_token import make_app_key
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.store.apps import App
from tests.services.racing import at_once

DEPLOY = Spending(None, None, None, "deploy")


@pytest.fixture
def lab(cast):
    """A workspace of Charlie's, to which Alice belongs as a member."""
    lab = start_workspace(cast.email("charlie"), "lab", "Lab", "business", None, cast.now)
    add_member("lab", cast.email("alice"), Role.MEMBER, cast.now)
    return lab


@pytest.fixture
def site(cast):
    return create_app(cast.access("bob"), "Site", "", cast.now)


@pytest.mark.parametrize("to", ["lab", "alice"])
def test_owner_transfers_to_an_account_of_theirs(cast, lab, site, to):
    moved = transfer_app(cast.ids["alice"], site.id, to, cast.now)
    assert moved.account_id == cast.access("alice", to).account_id
    with pytest.raises(NotFound):
        find_app(cast.ids["bob"], site.id)


@pytest.mark.parametrize("first", ["carol", "bob"])
def test_only_the_owner_transfers(cast, site, first):
    with pytest.raises(Forbidden, match="transfer apps"):
        transfer_app(cast.ids[first], site.id, first, cast.now)
    assert find_app(cast.ids["bob"], site.id)[0].account_id == cast.acme.id


def test_everyone_transfers_from_their_personal_account(cast):
    mine = create_app(cast.access("bob", "bob"), "Mine", "", cast.now)
    assert transfer_app(cast.ids["bob"], mine.id, "acme", cast.now).account_id == cast.acme.id


@pytest.mark.parametrize("to", ["bob", "nowhere", "", "\0"])
def test_account_of_others_can_t_be_a_target(cast, site, to):
    with pytest.raises(NotFound, match="You have no account"):
        transfer_app(cast.ids["alice"], site.id, to, cast.now)


def test_outsider_finds_no_app_to_transfer(cast, site):
    with pytest.raises(NotFound):
        transfer_app(cast.ids["charlie"], site.id, "charlie", cast.now)


def test_same_account_is_a_conflict(cast, site):
    with pytest.raises(Conflict, match="already"):
        transfer_app(cast.ids["alice"], site.id, "acme", cast.now)


def test_new_account_pays_from_then_on(cast, lab, site):
    _, text = make_app_key(cast.access("alice"), site.id, "key", cast.now)
    caller = caller_of(text, cast.now)
    deduct(caller, DEPLOY, "before", cast.now)
    transfer_app(cast.ids["alice"], site.id, "lab", cast.now)
    deduct(caller, DEPLOY, "after", cast.now)
    assert pool(cast.acme, cast.now).available == 4999
    assert pool(lab, cast.now).available == 4999


def test_hold_in_flight_completes_against_the_former_pool(cast, lab, site):
    _, text = make_app_key(cast.access("alice"), site.id, "key", cast.now)
    caller = caller_of(text, cast.now)
    hold = place_hold(caller, DEPLOY, "hold", None, cast.now).value
    transfer_app(cast.ids["alice"], site.id, "lab", cast.now)
    assert capture(caller, hold.id, None, cast.now).value.account == "acme"
    assert pool(lab, cast.now).available == 5000


def test_keys_of_people_outside_the_new_account_are_dead(cast, lab, site):
    _, inside = make_app_key(cast.access("alice"), site.id, "key", cast.now)
    _, outside = make_app_key(cast.access("bob"), site.id, "key", cast.now)
    transfer_app(cast.ids["alice"], site.id, "lab", cast.now)
    assert caller_of(inside, cast.now).app_id == site.id
    with pytest.raises(Unauthenticated):
        caller_of(outside, cast.now)


def test_transfers_that_cross_at_once_both_succeed(app, cast):
    here = create_app(cast.access("alice"), "Here", "", cast.now)
    there = create_app(cast.access("alice", "alice"), "There", "", cast.now)
    alice, now = cast.ids["alice"], cast.now
    outcomes = at_once(
        app,
        lambda: transfer_app(alice, here.id, "alice", now),
        lambda: transfer_app(alice, there.id, "acme", now),
    )
    assert [type(outcome) for outcome in outcomes] == [App, App]
    assert find_app(alice, there.id)[0].account_id == cast.acme.id


def test_transfer_and_deletion_at_once_agree(app, cast):
    site = create_app(cast.access("alice"), "Site", "", cast.now)
    alice, now = cast.ids["alice"], cast.now
    access = cast.access("alice")
    moved, deleted = at_once(
        app,
        lambda: transfer_app(alice, site.id, "alice", now),
        lambda: delete_app(access, site.id, now),
    )
    assert isinstance(moved, NotFound) != isinstance(deleted, NotFound)
