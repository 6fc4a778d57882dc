"""VERB: give somebody a subscription, with which they can open a workspace."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import InvalidRequest, NotFound
from app.services.audit.note import note
from app.services.directory import directory
from app.services.people.read_address import sought_address
from app.store.accounts import personal_account
from app.store.database import add, transaction
from app.store.people import person_by_email
from app.store.subscriptions import Subscription, SubscriptionState


def give_subscription(owner_email: str, plan_key: str, now: datetime) -> Subscription:
    """Give a person a subscription that no workspace uses yet, as the operator, unpaid."""
    address = sought_address(owner_email)
    if not directory().catalogue(now).plan(plan_key).workspaces:
        raise InvalidRequest.of("plan", f"The plan {plan_key} has no workspaces.")
    with transaction():
        owner = person_by_email(address)
        if owner is None:
            raise NotFound(f"Nobody is known by the address {address}.")
        given = Subscription(
            person_id=owner.id,
            plan=plan_key,
            provider="operator",
            state=SubscriptionState.ACTIVE,
            created_at=now,
        )
        add(given)
        place = personal_account(owner.id).id
        note("subscription.given", place, now, about=address, after={"plan": plan_key})
    return given
