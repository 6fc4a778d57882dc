"""VERBS: open an account, with its owner, its pool and a slug of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime

from app.domain.happening import MemberCame, SubscriptionMoved
from app.domain.name import name_from
from app.domain.refusals import BusinessPlanRequired, Conflict, InvalidRequest, NotFound
from app.domain.role import Role
from app.domain.slug import numbered_slug, slug_from, slug_stem
from app.services.audit.note import note
from app.services.credits.open_pool import open_pool
from app.services.directory import directory
from app.services.outbox.write import tell
from app.services.people.read_address import sought_address
from app.store.accounts import Account, AccountKind, Membership, personal_account
from app.store.database import UniqueTaken, add, transaction
from app.store.payers import copy_payers
from app.store.people import Person, lock_person, person_by_email
from app.store.subscriptions import (
    OPERATOR,
    Subscription,
    SubscriptionState,
    free_business_subscription,
)

FREE = "free"
_COUNTED, _RANDOM = 9, 20


def open_workspace(person_id: int, name: str, slug: str | None, now: datetime) -> Account:
    """Open a workspace for somebody who has a free Business subscription, and attach that."""
    tidy_name, wanted = name_from(name), slug and slug_from(slug)
    with transaction():
        person = lock_person(person_id)
        subscription = free_business_subscription(person_id)
        if subscription is None:
            raise BusinessPlanRequired(
                "A workspace needs a Business subscription that no other workspace uses."
            )
        account = _open_account(AccountKind.WORKSPACE, person, tidy_name, wanted, now)
        subscription.account_id = account.id
        open_pool(account.id, subscription.plan, _anchor(subscription, person, now), now)
        _tell_of(account.id, subscription, now)
    return account


def start_workspace(
    owner_email: str, slug: str, name: str, plan: str, anchor: datetime | None, now: datetime
) -> Account:
    """Start a workspace as the operator, without payment; its cycles count from the anchor."""
    tidy_name, wanted, address = name_from(name), slug_from(slug), sought_address(owner_email)
    _require_team_plan(plan, now)
    with transaction():
        owner = person_by_email(address)
        if owner is None:
            raise NotFound(f"Nobody is known by the address {address}.")
        account = _open_account(AccountKind.WORKSPACE, owner, tidy_name, wanted, now)
        subscription = Subscription(
            person_id=owner.id,
            account_id=account.id,
            plan=plan,
            provider="operator",
            state=SubscriptionState.ACTIVE,
            created_at=now,
        )
        add(subscription)
        open_pool(account.id, plan, anchor or now, now)
        _tell_of(account.id, subscription, now)
    return account


def open_personal_account(person: Person, now: datetime) -> Account:
    """Open the account that everyone has, inside a running transaction."""
    stem_of = person.email.partition("@")[0].partition("+")[0]
    account = _open_account(AccountKind.PERSONAL, person, person.name, None, now, stem_of)
    open_pool(account.id, FREE, now, now)
    return account


def _anchor(subscription: Subscription, person: Person, now: datetime) -> datetime:
    """The instant from which the periods count; what was paid for is the first period from now."""
    if subscription.provider == OPERATOR:
        return subscription.created_at
    assert subscription.account_id is not None
    subscription.paid_through = 1
    copy_payers(personal_account(person.id).id, subscription.account_id)
    return now


def _open_account(
    kind: AccountKind,
    owner: Person,
    name: str,
    slug: str | None,
    now: datetime,
    stem_of: str | None = None,
) -> Account:
    for candidate in [slug] if slug else _slugs(stem_of or name, kind):
        account = Account(kind=kind, slug=candidate, name=name, created_at=now)
        try:
            add(account)
        except UniqueTaken:
            continue
        add(Membership(account_id=account.id, person_id=owner.id, role=Role.OWNER, joined_at=now))
        after = {"kind": kind, "slug": account.slug, "owner": owner.email}
        note("account.opened", account.id, account.created_at, about=name, after=after, by=owner.id)
        return account
    raise Conflict(f"The address “{slug}” is taken. Choose another." if slug else _CROWDED)


def _tell_of(account_id: int, subscription: Subscription, now: datetime) -> None:
    """Tell that a workspace began: its subscription, and its owner as the first member."""
    plan, state, provider = subscription.plan, subscription.state.value, subscription.provider
    tell(account_id, SubscriptionMoved(now, plan, state, provider), now)
    tell(account_id, MemberCame(now, subscription.person_id, Role.OWNER), now)


def _require_team_plan(key: str, now: datetime) -> None:
    if not directory().catalogue(now).plan(key).workspaces:
        raise InvalidRequest.of("plan", f"The plan “{key}” has no workspaces.")


def _slugs(name: str, kind: AccountKind) -> Iterator[str]:
    """Slugs to try for a name: itself, a few small numbers, then random ones."""
    stem = slug_stem(name, fallback=kind)
    numbers = [*range(1, _COUNTED + 1), *(secrets.randbelow(10**8) for _ in range(_RANDOM))]
    slugs = (numbered_slug(stem, number) for number in numbers)
    return (slug for slug in slugs if slug)


_CROWDED = "No free address was found for this name. Choose one."
