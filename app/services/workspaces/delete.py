"""VERBS: delete a workspace, knowing what is lost, and undo that for thirty days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.deletion import UNDO, require_undoable, undo_ends
from app.domain.name import same_name
from app.domain.refusals import InvalidRequest, NotFound
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.credits.read import pool
from app.services.mail.queue_mail import mail_of, queue_mails
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import (
    Account,
    account_by_id,
    account_by_slug,
    count_members,
    deleted_workspaces_of,
    lock_account,
    members_of,
    membership,
    owner_of,
)
from app.store.apps import App, apps_of
from app.store.database import current_connection, transaction
from app.store.ledger import lock_pool
from app.store.people import person_by_id

TOP_UP = "top_up"


@dataclass(frozen=True, slots=True)
class Loss:
    """What nobody can use any more once the workspace is deleted."""

    apps: list[App]
    top_up_credits: int
    other_credits: int
    held: int
    members: int
    undo_days: int = UNDO.days


def what_is_lost(access: Access, now: datetime) -> Loss:
    """List what deleting would take away, for the page that asks for the name."""
    access.require(Right.DELETE_WORKSPACE)
    account = account_by_id(access.account_id)
    if account is None:
        raise NotFound
    require_workspace(account)
    view = pool(account, now)
    top_ups = sum(grant.remaining for grant in view.grants if grant.source == TOP_UP)
    return Loss(
        apps=apps_of(account.id),
        top_up_credits=top_ups,
        other_credits=view.available - top_ups,
        held=view.held,
        members=count_members(account.id),
    )


def delete_workspace(access: Access, typed_name: str, now: datetime) -> Account:
    """Delete a workspace whose name was typed; access ends at once, the ledger is kept."""
    with transaction():
        account, present = present_access(access, Right.DELETE_WORKSPACE)
        require_workspace(account)
        if not same_name(typed_name, account.name):
            raise InvalidRequest.of("name", f"Type the name exactly: {account.name}")
        lock_pool(current_connection(), account.id)
        account.deleted_at = now
        note("account.deleted", present, now, about=account.name)
        _tell_all(account, "workspace_deleted", present.person_id, now)
    return account


def restore_workspace(person_id: int | None, slug: str, now: datetime) -> Account:
    """Undo a deletion, as its owner or an operator; no person is the operator's command line."""
    found = account_by_slug(slug) if slug.isprintable() else None
    if found is None or not _may_restore(person_id, found.id):
        raise NotFound
    account_id = found.id
    with transaction():
        account = lock_account(account_id)
        if not _may_restore(person_id, account_id):
            raise NotFound
        require_undoable(account.deleted_at, now)
        account.deleted_at = None
        note("account.restored", account_id, now, about=account.name, by=person_id)
        _tell_all(account, "workspace_restored", person_id, now)
    return account


def restorable(person_id: int, now: datetime) -> list[Account]:
    """List the deleted workspaces that this owner can still bring back."""
    return deleted_workspaces_of(person_id, now - UNDO)


def _may_restore(person_id: int | None, account_id: int) -> bool:
    if person_id is None:
        return True
    place = membership(account_id, person_id)
    return (place is not None and place.role is Role.OWNER) or _is_operator(person_id)


def _tell_all(account: Account, template: str, actor_id: int | None, now: datetime) -> None:
    owner = owner_of(account.id).person
    queue_mails(
        mail_of(
            place.person.email,
            template,
            now,
            name=place.person.name,
            workspace=account.name,
            owner=owner.name,
            is_owner=place.person_id == owner.id,
            until=undo_ends(now),
        )
        for place in members_of(account.id)
        if place.person_id != actor_id or place.person_id == owner.id
    )


def _is_operator(person_id: int) -> bool:
    person = person_by_id(person_id)
    return person is not None and person.is_operator
