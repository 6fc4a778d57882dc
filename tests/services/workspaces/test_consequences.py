"""What the previews say is what happens: each counts before, does it, and compares."""

import pytest

from app.domain.refusals import Forbidden, NotFound
from app.domain.role import Role
from app.services.apps.edit import create_app
from app.services.apps.transfer import transfer_app
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.read import pool
from app.services.credits.spend import Spending, place_hold
from app.services.tokens.make_token import make_app_key, make_personal_token, make_service_token
from app.services.workspaces.consequences import if_ended, if_moved
from app.services.workspaces.end_access import leave, remove
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.services.workspaces.ownership import offer_ownership
from app.store.accounts import ownership_offer
from app.store.apps import count_apps
from app.store.database import db
from app.store.tokens import keys_of_app, personal_tokens_of


@pytest.mark.parametrize("goes", ["leaves", "is removed"])
def test_what_ends_and_stays_when_somebody_goes(cast, goes):
    bob, now = cast.access("bob"), cast.now
    apps = [create_app(bob, name, "", now).id for name in ("One", "Two")]
    for app_id in apps:
        make_app_key(bob, app_id, "his", now)
    make_app_key(cast.access("carol"), apps[0], "hers", now)
    make_personal_token(cast.ids["bob"], "laptop", now)
    offer_ownership(cast.access("alice"), cast.email("bob"), now)
    platform = caller_of(make_service_token("platform", now)[1], now)
    spending = Spending("acme", cast.email("bob"), f"app_{apps[0]}", "agent.create")
    hold = place_hold(platform, spending, "hold", None, now).value
    by = bob if goes == "leaves" else cast.access("carol")
    said = if_ended(by, cast.email("bob"), now)
    assert (said.app_keys, said.tokens, said.has_offer) == (2, 1, True)
    assert (said.apps, said.holds, said.held) == (2, 1, 15)
    keys, before = sum(len(keys_of_app(each)) for each in apps), pool(cast.acme, now).available
    leave(bob, now) if goes == "leaves" else remove(by, cast.email("bob"), now)
    db.session.expire_all()
    assert keys - sum(len(keys_of_app(each)) for each in apps) == said.app_keys
    assert len(personal_tokens_of(cast.ids["bob"])) == said.tokens  # they go on elsewhere
    assert ownership_offer(cast.acme.id) is None
    assert count_apps(cast.acme.id) == said.apps
    done = capture(platform, hold.id, None, now).value
    assert (done.account, done.credits) == ("acme", said.held)
    assert pool(cast.acme, now).available == before


def test_what_moving_an_app_revokes_and_who_pays(cast):
    now = cast.now
    start_workspace(cast.email("charlie"), "lab", "Lab", "business", None, now)
    add_member("lab", cast.email("alice"), Role.MEMBER, now)
    app_id = create_app(cast.access("bob"), "Site", "", now).id
    for first in ("bob", "carol", "alice"):
        make_app_key(cast.access(first), app_id, first, now)
    said = if_moved(cast.ids["alice"], app_id, "lab")
    assert (said.keys_revoked, said.keys_kept, said.holds, said.payer) == (2, 1, 0, "Lab")
    moved = transfer_app(cast.ids["alice"], app_id, "lab", now)
    assert len(keys_of_app(app_id)) == said.keys_kept
    assert moved.account.name == said.payer


def test_nobody_counts_what_is_not_theirs(cast):
    with pytest.raises(Forbidden):
        if_ended(cast.access("bob"), cast.email("ben"), cast.now)
    with pytest.raises(NotFound):
        if_ended(cast.access("alice"), cast.email("charlie"), cast.now)
    app_id = create_app(cast.access("bob"), "Site", "", cast.now).id
    with pytest.raises(Forbidden):
        if_moved(cast.ids["bob"], app_id, "bob")
    with pytest.raises(NotFound):
        if_moved(cast.ids["charlie"], app_id, "charlie")
