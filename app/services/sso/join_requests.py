"""VERBS: ask to join the workspace that one's address belongs to, and answer who asks.

Asking is open to exactly those who are offered to join (`join_offers`), where the domain says that
joining needs approval. Everybody else is told that there is no such workspace.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.join_request import RequestState, may_ask_from, require_waiting
from app.domain.notification import NotificationKind
from app.domain.reason import reason_or_none
from app.domain.refusals import Conflict, NotFound
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.mail.queue_mail import mail_of, queue_mails
from app.services.notifications.notify import notify, notify_managers
from app.services.plugins.decide import decided_role
from app.services.sso.auto_join import claim_open_to
from app.services.workspaces.access import present_access
from app.services.workspaces.join import join
from app.store.accounts import Account, Membership, lock_account
from app.store.database import add, transaction
from app.store.domains import DomainClaim, lock_claim
from app.store.join_requests import (
    JoinRequest,
    close_request,
    last_request,
    request_by_id,
    waiting_requests,
)
from app.store.notifications import managers_of
from app.store.people import Person, person_by_id

MOST_SHOWN = 100


def ask_to_join(person_id: int, slug: str, now: datetime) -> JoinRequest:
    """Ask the owner and the admins to be let in; asking twice is asking once.

    Raises `NotFound` for whom no such workspace is open, `Conflict` when approval isn't needed, or
    within thirty days after it was declined.
    """
    found = _claim(person_id, slug)
    account_id, claim_id = found.account_id, found.id
    with transaction():
        account = lock_account(account_id)
        lock_claim(claim_id)
        claim, person = _claim(person_id, slug), _person(person_id)
        if not claim.needs_approval:
            raise Conflict("You can join at once; nobody has to approve it.")
        former = last_request(account.id, person_id)
        if former is not None and former.state is RequestState.WAITING:
            return former
        _require_askable(former, now)
        request = JoinRequest(
            account_id=account.id,
            person_id=person_id,
            domain=claim.domain,
            state=RequestState.WAITING,
            asked_at=now,
        )
        add(request)
        note("member.asked", account.id, now, about=person.email, by=person_id)
        _tell_managers(account, person, now)
    return request


def take_back(person_id: int, slug: str, now: datetime) -> None:
    """Take back what one asked, before it is answered."""
    account_id = _claim(person_id, slug).account_id
    with transaction():
        lock_account(account_id)
        if not close_request(account_id, person_id, now):
            return
        note("member.took_back", account_id, now, about=_person(person_id).email, by=person_id)


def list_requests(access: Access) -> list[JoinRequest]:
    """List those who ask to join and wait for an answer, the first hundred."""
    access.require(Right.MANAGE_MEMBERS)
    return waiting_requests(access.account_id, MOST_SHOWN)


def find_request(access: Access, request_id: int) -> JoinRequest:
    """Find a request that waits in this workspace."""
    access.require(Right.MANAGE_MEMBERS)
    request = request_by_id(request_id)
    if request is None or request.account_id != access.account_id:
        raise NotFound
    return request


def approve_request(access: Access, request_id: int, now: datetime) -> Membership:
    """Let somebody in as a member; `RefusedByPlugin` when a plugin lets nobody in."""
    found = find_request(access, request_id)
    slug, email, account_id = found.account.slug, found.person.email, found.account_id
    role = decided_role(slug, email, Role.MEMBER, now)
    with transaction():
        account, present = present_access(access, Right.MANAGE_MEMBERS)
        request = _waiting(access, request_id)
        claim = claim_open_to(person_by_id(request.person_id))
        if claim is None or claim.account_id != account_id:
            raise Conflict(
                f"{email} is no longer of a verified domain of this workspace. Invite them instead."
            )
        _answered(request, RequestState.APPROVED, present, now)
        note("member.approved", present, now, about=email, after={"role": role})
        place = join(account.id, request.person_id, role, now)
        _tell_person(request, account, "join_approved", f"/accounts/{account.slug}", now)
    return place


def decline_request(access: Access, request_id: int, reason: str, now: datetime) -> None:
    """Say no, with a reason that the person reads, or none; they can ask again in thirty days."""
    find_request(access, request_id)
    words = reason_or_none(reason)
    with transaction():
        account, present = present_access(access, Right.MANAGE_MEMBERS)
        request = _waiting(access, request_id)
        _answered(request, RequestState.DECLINED, present, now)
        request.reason = words
        email = request.person.email
        note("member.not_approved", present, now, about=email, after={"reason": words or ""})
        _tell_person(request, account, "join_declined", "/", now)


def _claim(person_id: int, slug: str) -> DomainClaim:
    claim = claim_open_to(person_by_id(person_id))
    if claim is None or claim.account.slug != slug:
        raise NotFound("No workspace of that name is open to your address.")
    return claim


def _person(person_id: int) -> Person:
    person = person_by_id(person_id)
    if person is None:
        raise NotFound
    return person


def _require_askable(former: JoinRequest | None, now: datetime) -> None:
    again = may_ask_from(former.state, former.answered_at) if former else None
    if again is not None and now < again:
        raise Conflict(f"You were answered already. You can ask again from {again:%-d %B %Y} on.")


def _waiting(access: Access, request_id: int) -> JoinRequest:
    request = find_request(access, request_id)
    require_waiting(request.state)
    return request


def _answered(request: JoinRequest, state: RequestState, by: Access, now: datetime) -> None:
    request.state, request.answered_at, request.answered_by_id = state, now, by.person_id


def _tell_managers(account: Account, person: Person, now: datetime) -> None:
    told: dict[str, Any] = {"who": person.name, "email": person.email}
    notify_managers(account.id, NotificationKind.JOIN_REQUEST, now, **told)
    shown = {**told, "workspace": account.name, "slug": account.slug}
    queue_mails(
        mail_of(each.email, "join_request", now, name=each.name, **shown)
        for each in managers_of(account.id)
    )


def _tell_person(
    request: JoinRequest, account: Account, template: str, link: str, now: datetime
) -> None:
    person, kind, answer = request.person, NotificationKind.JOIN_REQUEST, request.state.value
    facts: dict[str, Any] = {"answer": answer, "reason": request.reason}
    notify([person.id], kind, now, account_id=account.id, link=link, **facts)
    again = may_ask_from(request.state, request.answered_at)
    known: dict[str, Any] = {
        "workspace": account.name,
        "slug": account.slug,
        "reason": request.reason,
    }
    mail = mail_of(person.email, template, now, name=person.name, again=again, **known)
    queue_mails([mail])
