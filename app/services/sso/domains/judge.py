"""VERBS: apply to a claim what DNS answered, inside a transaction that has the claim's row."""

from __future__ import annotations

from datetime import datetime

from app.domain.domain_claim import (
    CHECK_AGAIN,
    CHECK_EVERY,
    Answer,
    ClaimState,
    Finding,
    after,
    finding_of,
    in_words,
    moved,
    record_of,
)
from app.domain.refusals import Conflict
from app.domain.role import Role
from app.services.audit.note import note
from app.services.mail.queue_mail import mail_of, queue_mails
from app.store.accounts import members_of
from app.store.database import UniqueTaken, flush
from app.store.domains import DomainClaim, holder_of

_TOLD = (Role.OWNER, Role.ADMIN)


def judge(claim: DomainClaim, answer: Answer, now: datetime) -> Finding:
    """Change the claim's state as the answer says, and note the answer in words.

    Who the operator vouches for keeps that until DNS shows the record. Raises `Conflict` when the
    record is there while another workspace has the domain verified.
    """
    record = record_of(claim.secret)
    finding = finding_of(answer, record)
    claim.checked_at, claim.finding = now, in_words(claim.domain, answer, record)
    if finding is not Finding.PRESENT and claim.is_vouched:
        return finding
    state = after(claim.state, finding)
    if finding is Finding.PRESENT:
        verified(claim, now)
    elif state is not claim.state:
        lapsed(claim, now)
    wait = CHECK_AGAIN if finding is Finding.UNKNOWN else CHECK_EVERY
    claim.due_at = None if claim.state is ClaimState.PENDING else now + wait
    return finding


def verified(claim: DomainClaim, now: datetime) -> None:
    """Make it the one verified claim to its domain, or raise `Conflict`."""
    domain = claim.domain
    holder = holder_of(domain)
    if holder is not None and holder.id != claim.id:
        if holder.account.deleted_at is None:
            raise Conflict(taken(domain))
        lapsed(holder, now)  # a deleted workspace holds nothing, and may come back without it
        flush()
    if claim.state is not ClaimState.VERIFIED:
        note("domain.verified", claim.account_id, now, about=domain, before={"state": claim.state})
        claim.state, claim.verified_at = moved(claim.state, ClaimState.VERIFIED), now
    claim.is_vouched, claim.lapsed_at = False, None
    try:
        flush()
    except UniqueTaken:  # the transaction is over, and its rows can't be read any more
        raise Conflict(taken(domain)) from None


def lapsed(claim: DomainClaim, now: datetime) -> None:
    """End what a verified claim means, and tell the owner and the admins."""
    claim.state, claim.lapsed_at = moved(claim.state, ClaimState.LAPSED), now
    note("domain.lapsed", claim.account_id, now, about=claim.domain)
    account = claim.account
    queue_mails(
        mail_of(
            place.person.email,
            "domain_lapsed",
            now,
            name=place.person.name,
            workspace=account.name,
            slug=account.slug,
            domain=claim.domain,
            record=record_of(claim.secret),
        )
        for role in _TOLD
        for place in members_of(account.id, role=role)
        if account.deleted_at is None
    )


def taken(domain: str) -> str:
    """Say that somebody else has it, and how it can change hands."""
    return (
        f"Another workspace has verified {domain}. It can be verified here once it was removed "
        "there, or once that workspace's TXT record is gone and Coffer has seen it, within a day."
    )
