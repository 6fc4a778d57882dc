"""Opening a workspace: on a Business subscription of its own, at a slug of its own."""

import pytest

from app.domain.refusals import BusinessPlanRequired, Conflict, InvalidRequest, NotFound
from app.domain.role import Role
from app.services.credits.read import pool
from app.services.people.sign_up import create_person
from app.services.workspaces.open import open_workspace, start_workspace
from app.services.workspaces.rename import rename
from app.services.workspaces.subscribe import give_subscription
from app.store.accounts import Account, owner_of
from app.store.database import db
from app.store.people import Person
from app.store.subscriptions import free_business_subscription, subscription_of
from tests.services.racing import at_once


def test_workspace_takes_the_free_subscription(cast):
    given = give_subscription(cast.email("bob"), "business", cast.now)
    account = open_workspace(cast.ids["bob"], "Bob & Söhne", None, cast.now)
    assert (account.slug, account.name) == ("bob-sohne", "Bob & Söhne")
    assert owner_of(account.id).person_id == cast.ids["bob"]
    assert subscription_of(account.id).id == given.id
    assert free_business_subscription(cast.ids["bob"]) is None
    assert pool(account, cast.now).available == 5000


def test_one_subscription_covers_one_workspace(cast):
    give_subscription(cast.email("bob"), "business", cast.now)
    open_workspace(cast.ids["bob"], "One", None, cast.now)
    with pytest.raises(BusinessPlanRequired):
        open_workspace(cast.ids["bob"], "Two", None, cast.now)


def test_workspace_needs_a_subscription(cast):
    with pytest.raises(BusinessPlanRequired):
        open_workspace(cast.ids["bob"], "Bob's", None, cast.now)


def test_two_at_once_on_one_subscription_open_one(app, cast):
    give_subscription(cast.email("bob"), "business", cast.now)
    bob, now = cast.ids["bob"], cast.now
    outcomes = at_once(
        app,
        lambda: open_workspace(bob, "One", None, now),
        lambda: open_workspace(bob, "Two", None, now),
    )
    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds == ["Account", "BusinessPlanRequired"]


def test_two_at_once_with_one_slug_open_one(app, cast):
    for first in ("bob", "charlie"):
        give_subscription(cast.email(first), "business", cast.now)
    now = cast.now
    deeds = [
        lambda who=cast.ids[first]: open_workspace(who, "Team", "team", now)
        for first in ("bob", "charlie")
    ]
    outcomes = at_once(app, *deeds)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Account", "Conflict"]
    loser = cast.ids["charlie" if isinstance(outcomes[1], Conflict) else "bob"]
    assert free_business_subscription(loser) is not None


def test_names_that_meet_get_numbered_slugs(app, cast):
    for first in ("bob", "charlie"):
        give_subscription(cast.email(first), "business", cast.now)
    now = cast.now
    deeds = [
        lambda who=cast.ids[first]: open_workspace(who, "Team", None, now)
        for first in ("bob", "charlie")
    ]
    outcomes = at_once(app, *deeds)
    assert sorted(account.slug for account in outcomes) == ["team", "team-2"]


@pytest.mark.parametrize(
    ("name", "slug", "field"),
    [
        ("", None, "name"),
        ("x" * 101, None, "name"),
        ("Fine", "No", "slug"),
        ("Fine", "api", "slug"),
    ],
)
def test_bad_names_and_slugs_are_refused(cast, name, slug, field):
    give_subscription(cast.email("bob"), "business", cast.now)
    with pytest.raises(InvalidRequest) as refused:
        open_workspace(cast.ids["bob"], name, slug, cast.now)
    assert refused.value.errors[0][0] == field
    assert free_business_subscription(cast.ids["bob"]) is not None


def test_taken_slug_is_a_conflict(cast):
    give_subscription(cast.email("bob"), "business", cast.now)
    with pytest.raises(Conflict, match="taken"):
        open_workspace(cast.ids["bob"], "Acme", "acme", cast.now)
    with pytest.raises(Conflict, match="taken"):
        open_workspace(cast.ids["bob"], "Charlie", "charlie", cast.now)


def test_operator_starts_a_workspace_without_payment(cast):
    account = start_workspace("CHARLIE@acme.test", "lab", "Lab", "business", None, cast.now)
    assert owner_of(account.id).person_id == cast.ids["charlie"]
    assert cast.role("charlie", "lab") is Role.OWNER
    subscription = subscription_of(account.id)
    assert (subscription.provider, subscription.plan) == ("operator", "business")


@pytest.mark.parametrize("plan", ["pro", "free", "gold"])
def test_workspace_needs_a_plan_with_workspaces(cast, plan):
    with pytest.raises(InvalidRequest, match=plan):
        start_workspace(cast.email("charlie"), "lab", "Lab", plan, None, cast.now)
    assert db.session.query(Account).filter_by(slug="lab").count() == 0


def test_workspace_needs_a_known_owner(cast):
    with pytest.raises(NotFound, match="nobody@"):
        start_workspace("nobody@acme.test", "lab", "Lab", "business", None, cast.now)


def test_slugs_that_meet_never_deadlock(app, cast):
    acme, now = cast.access("alice"), cast.now
    for n in range(15):
        outcomes = at_once(
            app,
            lambda n=n: rename(acme, slug=f"team{n}"),
            lambda n=n: create_person(f"team{n}@one.test", "One", None, now),
            lambda n=n: create_person(f"team{n}@two.test", "Two", None, now),
        )
        assert type(outcomes[0]) in (Account, Conflict)
        assert [type(outcome) for outcome in outcomes[1:]] == [Person, Person]
