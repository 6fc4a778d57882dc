"""VERBS that read: what ends, what stays and who pays, before it is done.

Each counts what the verb of the same act changes: `end_access`, `transfer_app`, `ownership`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.apps.edit import find_app
from app.services.people.read_address import sought_address
from app.services.workspaces.access import access_to
from app.store.accounts import membership_by_email, ownership_offer
from app.store.apps import count_apps
from app.store.database import read_connection
from app.store.history import active_holds
from app.store.tokens import keys_made_by, keys_of_app, keys_of_outsiders, personal_tokens_of


@dataclass(frozen=True, slots=True)
class Ending:
    """What somebody's going ends and leaves. `tokens` of theirs stop working here, not elsewhere.

    `holds` are running actions of theirs, which complete and are paid by this pool.
    """

    app_keys: int
    tokens: int
    has_offer: bool
    apps: int
    holds: int
    held: int


@dataclass(frozen=True, slots=True)
class Moving:
    """What moving an app revokes and keeps, what still runs, and which account pays after it."""

    keys_revoked: int
    keys_kept: int
    holds: int
    payer: str


def if_ended(access: Access, email: str, now: datetime) -> Ending:
    """Tell what ends if this member leaves or is removed; others' goings need the right."""
    place = membership_by_email(access.account_id, sought_address(email))
    if place is None:
        raise NotFound
    if place.person_id != access.person_id:
        access.require(Right.MANAGE_MEMBERS)
    offer = ownership_offer(access.account_id)
    with read_connection() as connection:
        holds = active_holds(connection, access.account_id)
    theirs = [hold for hold in holds if hold.attribution.member == place.person_id]
    tokens = personal_tokens_of(place.person_id)
    return Ending(
        app_keys=len(keys_made_by(place.person_id, access.account_id)),
        tokens=sum(each.expires_at is None or each.expires_at > now for each in tokens),
        has_offer=offer is not None and offer.person_id == place.person_id,
        apps=count_apps(access.account_id),
        holds=len(theirs),
        held=sum(hold.credits for hold in theirs),
    )


def if_moved(person_id: int, app_id: int, to_slug: str) -> Moving:
    """Tell what moving an app to another account of this person revokes, and who pays."""
    app, source = find_app(person_id, app_id)
    source.require(Right.TRANSFER_APPS)
    target, _ = access_to(person_id, to_slug)
    revoked, keys = len(keys_of_outsiders(app.id, target.id)), len(keys_of_app(app.id))
    with read_connection() as connection:
        holds = active_holds(connection, source.account_id)
    running = sum(hold.attribution.app == app.id for hold in holds)
    return Moving(revoked, keys - revoked, running, target.name)
