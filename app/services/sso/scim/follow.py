"""VERBS: let in and out whom a directory's record speaks for, through the membership verbs."""

from __future__ import annotations

from datetime import datetime

from app.domain.domain_name import domain_of
from app.domain.name import LONGEST_NAME, name_from
from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound, RefusedByPlugin
from app.domain.role import Access, Role
from app.services.people.open_person import open_person
from app.services.plugins.decide import decided_role
from app.services.workspaces.end_access import end_access
from app.services.workspaces.invite import invite
from app.services.workspaces.join import join
from app.store.accounts import Membership, account_by_id, lock_account, membership, owner_of
from app.store.database import transaction
from app.store.domains import holder_of, is_not_offered
from app.store.invitations import open_invitations_to
from app.store.people import Person, person_by_email, person_by_id
from app.store.scim import ScimUser, scim_connection, scim_user


def follow(account_id: int, user_id: str, now: datetime, *, again: bool) -> None:
    """Let a record's person in, if it is active and its address is of a verified domain.

    Who is new gets an account. Who has one that this directory did not open is invited: nobody is
    moved. Nobody is let in whom a plugin refuses; the record stays, and is followed when it comes
    again. `again` says that it is new or was inactive until now: only that brings back who left
    or was removed here. Never inside a transaction, since plugins are asked.
    """
    user, account = scim_user(account_id, user_id), account_by_id(account_id)
    if user is None or account is None or not _opens(user):
        return
    person = _known(user)
    if person is not None and not again and is_not_offered(account_id, person.id):
        return
    if person is not None and membership(account_id, person.id) is None and not user.person_id:
        _invite(account_id, str(user.email), now)
        return
    try:
        role = decided_role(account.slug, str(user.email), Role.MEMBER, now)
        with transaction():
            lock_account(account_id)
            _let_in(account_id, user_id, role, now)
    except (RefusedByPlugin, Conflict):
        return


def take_out(user: ScimUser, now: datetime) -> None:
    """End a person's access, inside a transaction that has the account's row.

    The owner stays, and admins unless the token was made by the owner, as the role table says.
    """
    person = _known(user)
    if user.email and _is_ours(user):
        for invitation in open_invitations_to(user.account_id, user.email):
            invitation.revoked_at = now
    place = membership(user.account_id, person.id) if person else None
    if place is None or not (user.person_id or _is_ours(user)):
        return
    _require_over(user.account_id, place)
    user.person_id = place.person_id
    end_access(user.account_id, place.person_id, now)


def _let_in(account_id: int, user_id: str, role: Role, now: datetime) -> None:
    """The plugins have answered; all else is read again."""
    user = scim_user(account_id, user_id)
    if user is None or not _opens(user):
        return
    person = _known(user)
    if person is None:
        person = open_person(str(user.email), _name(user), None, now, verified=True)
        user.person_id, user.has_opened = person.id, True
    if membership(account_id, person.id) is not None:
        user.person_id = person.id
    elif user.person_id == person.id:
        join(account_id, person.id, role, now)


def _known(user: ScimUser) -> Person | None:
    if user.person_id is not None:
        return person_by_id(user.person_id)
    return person_by_email(user.email) if user.email else None


def _opens(user: ScimUser) -> bool:
    return user.is_active and _is_ours(user)


def _is_ours(user: ScimUser) -> bool:
    """Tell whether the address is of a domain that the workspace has verified now."""
    holder = holder_of(domain_of(user.email)) if user.email else None
    return holder is not None and holder.account_id == user.account_id


def _require_over(account_id: int, place: Membership) -> None:
    connection = scim_connection(account_id)
    maker = membership(account_id, connection.made_by_id) if connection else None
    if maker is None:
        raise Forbidden("Who made the token is no longer a member.")
    Access(account_id, maker.person_id, maker.role).require_over(place.role)


def _invite(account_id: int, email: str, now: datetime) -> None:
    """Invite in the owner's name; who was invited already or is refused is left alone."""
    owner = owner_of(account_id)
    try:
        invite(Access(account_id, owner.person_id, Role.OWNER), [email], Role.MEMBER, now)
    except (Forbidden, NotFound, Conflict):
        return


def _name(user: ScimUser) -> str:
    """What others read: as the directory calls them, else the first part of the address."""
    document = user.document
    name = document.get("name") or {}
    whole = " ".join(str(name.get(part) or "") for part in ("givenName", "familyName"))
    for text in (document.get("displayName"), name.get("formatted"), whole):
        try:
            return name_from(str(text or "")[:LONGEST_NAME])
        except InvalidRequest:
            continue
    return str(user.email).partition("@")[0][:LONGEST_NAME]
