"""Deleting: the name typed, what is lost listed, thirty days to undo, the ledger kept."""

import pytest

from app.domain.grant import Source
from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound, Refusal
from app.domain.role import Role
from app.services.apps.edit import create_app, find_app
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.grant import grant_credits
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import (
    make_app_key,
    make_personal_token,
    make_service_token,
)
from app.services.workspaces.access import access_to
from app.services.workspaces.delete import (
    delete_workspace,
    restorable,
    restore_workspace,
    what_is_lost,
)
from app.services.workspaces.invite import invite
from app.services.workspaces.open import start_workspace
from app.store.accounts import account_by_slug, memberships_of
from tests.services.cast import mails_to


def deletes(cast, first="alice", typed="Acme Incorporated"):
    return delete_workspace(cast.access(first), typed, cast.now)


def deploy(cast):
    return Spending("acme", cast.email("bob"), None, "deploy")


def test_owner_deletes_with_the_name_typed(cast):
    assert deletes(cast, typed=" Acme Incorporated ").deleted_at == cast.now
    for first in ("alice", "carol", "bob"):
        with pytest.raises(NotFound):
            access_to(cast.ids[first], "acme")
        assert [place.account.slug for place in memberships_of(cast.ids[first])] == [first]


@pytest.mark.parametrize("typed", ["", "acme", "acme incorporated", "Acme", "Acme Incorporated!"])
def test_another_name_deletes_nothing(cast, typed):
    with pytest.raises(InvalidRequest, match="Type the name exactly"):
        deletes(cast, typed=typed)
    assert cast.role("bob") is Role.MEMBER


@pytest.mark.parametrize("first", ["carol", "bob"])
def test_only_the_owner_deletes_and_sees_what_is_lost(cast, first):
    with pytest.raises(Forbidden, match="delete the workspace"):
        deletes(cast, first)
    with pytest.raises(Forbidden):
        what_is_lost(cast.access(first), cast.now)


def test_personal_account_is_not_deleted(cast):
    own = cast.access("bob", "bob")
    for verb in (
        lambda: delete_workspace(own, "Bob Birch", cast.now),
        lambda: what_is_lost(own, cast.now),
    ):
        with pytest.raises(Conflict, match="personal account"):
            verb()
    assert cast.role("bob", "bob") is Role.OWNER


def test_what_is_lost_lists_apps_and_top_ups(cast):
    for name in ("Zebra", "Ant"):
        create_app(cast.access("bob"), name, "", cast.now)
    grant_credits("acme", 700, Source.TOP_UP, None, None, cast.now)
    caller = caller_of(make_service_token("platform", cast.now)[1], cast.now)
    place_hold(caller, deploy(cast), "hold", None, cast.now)
    loss = what_is_lost(cast.access("alice"), cast.now)
    assert [app.name for app in loss.apps] == ["Ant", "Zebra"]
    assert (loss.top_up_credits, loss.other_credits, loss.held) == (700, 4999, 1)
    assert (loss.members, loss.undo_days) == (5, 30)


def of_a_service(cast):
    return make_service_token("platform", cast.now)[1], deploy(cast)


def of_a_member(cast):
    return make_personal_token(cast.ids["bob"], "laptop", cast.now)[1], deploy(cast)


def of_an_app(cast):
    app = create_app(cast.access("bob"), "Site", "", cast.now)
    text = make_app_key(cast.access("bob"), app.id, "key", cast.now)[1]
    return text, Spending(None, None, None, "deploy")


@pytest.mark.parametrize("token", [of_a_service, of_a_member, of_an_app])
def test_nobody_spends_from_a_deleted_workspace(cast, token):
    text, spending = token(cast)
    caller = caller_of(text, cast.now)
    deduct(caller, spending, "before", cast.now)
    deletes(cast)
    with pytest.raises(Refusal):
        deduct(caller, spending, "after", cast.now)
    assert pool(cast.acme, cast.now).available == 4999


def test_holds_in_flight_complete(cast, later):
    caller = caller_of(make_service_token("platform", cast.now)[1], cast.now)
    hold = place_hold(caller, deploy(cast), "hold", None, cast.now).value
    deletes(cast)
    assert capture(caller, hold.id, None, later(minutes=1)).value.credits == 1


def test_ledger_is_kept(cast):
    deletes(cast)
    assert pool(cast.acme, cast.now).available == 5000
    assert len(transactions(cast.acme, TransactionFilter(), 10, None, cast.now)) == 1


def test_slug_stays_reserved(cast):
    deletes(cast)
    with pytest.raises(Conflict, match="taken"):
        start_workspace(cast.email("charlie"), "acme", "Acme", "business", None, cast.now)


def test_owner_restores_and_all_have_their_place_again(cast, later):
    app = create_app(cast.access("bob"), "Site", "", cast.now)
    deletes(cast)
    with pytest.raises(NotFound):
        find_app(cast.ids["bob"], app.id)
    later(days=29)
    assert [each.slug for each in restorable(cast.ids["alice"], cast.now)] == ["acme"]
    restore_workspace(cast.ids["alice"], "acme", cast.now)
    assert [cast.role(first).value for first in ("alice", "carol", "bob")] == [
        "owner",
        "admin",
        "member",
    ]
    assert find_app(cast.ids["bob"], app.id)[0].name == "Site"
    assert restorable(cast.ids["alice"], cast.now) == []


def test_operator_restores(cast):
    operator = create_person("op@coffer.test", "Op", None, cast.now, operator=True)
    deletes(cast)
    restore_workspace(operator.id, "acme", cast.now)
    deletes(cast)
    restore_workspace(None, "acme", cast.now)
    assert cast.role("bob") is Role.MEMBER


@pytest.mark.parametrize("first", ["carol", "bob", "charlie"])
def test_nobody_else_restores_or_sees_it(cast, first):
    deletes(cast)
    with pytest.raises(NotFound):
        restore_workspace(cast.ids[first], "acme", cast.now)
    assert restorable(cast.ids[first], cast.now) == []
    assert account_by_slug("acme").deleted_at == cast.now


def test_after_thirty_days_it_can_t_be_undone(cast, later):
    deletes(cast)
    later(days=30)
    assert restorable(cast.ids["alice"], cast.now) == []
    for person_id in (cast.ids["alice"], None):
        with pytest.raises(Conflict, match="30 days"):
            restore_workspace(person_id, "acme", cast.now)


@pytest.mark.parametrize("slug", ["nowhere", "", "a\0b"])
def test_what_is_not_there_can_t_be_restored(cast, slug):
    with pytest.raises(NotFound):
        restore_workspace(None, slug, cast.now)


def test_what_is_not_deleted_can_t_be_restored(cast):
    with pytest.raises(Conflict, match="not deleted"):
        restore_workspace(cast.ids["alice"], "acme", cast.now)


def test_click_in_flight_finds_a_deleted_workspace_gone(cast):
    stale = cast.access("carol")
    deletes(cast)
    with pytest.raises(NotFound):
        invite(stale, ["new@acme.test"], Role.MEMBER, cast.now)
    with pytest.raises(NotFound):
        create_app(stale, "Site", "", cast.now)


def test_members_are_told(cast):
    deletes(cast)
    restore_workspace(cast.ids["alice"], "acme", cast.now)
    for first in ("alice", "carol", "bob"):
        templates = [mail.template for mail in mails_to(cast.email(first))]
        assert templates == ["workspace_deleted", "workspace_restored"]
    (mail,) = mails_to(cast.email("bob"), "workspace_deleted")
    assert mail.context["values"]["owner"] == "Alice Arden"
    assert mails_to(cast.email("charlie")) == []
