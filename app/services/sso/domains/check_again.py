"""VERB: ask DNS again about every domain whose check is due. Each check is taken by one process."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.domain_claim import CHECK_EVERY, Answer
from app.domain.refusals import Conflict
from app.services.sso.domains.judge import judge
from app.services.sso.resolver import Resolver
from app.store.database import transaction
from app.store.domains import CHECKED_AGAIN, DomainClaim, claims_due, lock_claim, take_due_claim

# Longer than a check takes: only a process that died gives its claim back.
LEASE = timedelta(minutes=10)
AT_ONCE = 200


def check_domains(resolver: Resolver, now: datetime, limit: int = AT_ONCE) -> int:
    """Check domains that are due, and tell how many; any number of processes may do so at once."""
    with transaction():
        due = claims_due(now, limit)
    return sum(_check(claim_id, due_at, resolver, now) for claim_id, due_at in due)


def _check(claim_id: int, due_at: datetime, resolver: Resolver, now: datetime) -> bool:
    with transaction():
        if not take_due_claim(claim_id, due_at, now + LEASE):
            return False
        domain = lock_claim(claim_id).domain
    answer = resolver.texts_of(domain)
    try:
        _note(claim_id, answer, now)
    except Conflict as taken:
        _note_taken(claim_id, taken.detail, now)
    return True


def _note(claim_id: int, answer: Answer, now: datetime) -> None:
    with transaction():
        claim = lock_claim(claim_id)
        if _is_checked(claim):
            judge(claim, answer, now)


def _note_taken(claim_id: int, words: str, now: datetime) -> None:
    with transaction():
        claim = lock_claim(claim_id)
        if _is_checked(claim):
            claim.checked_at, claim.finding, claim.due_at = now, words, now + CHECK_EVERY


def _is_checked(claim: DomainClaim) -> bool:
    """Tell whether the claim was neither released nor vouched for meanwhile."""
    return claim.state in CHECKED_AGAIN and not claim.is_vouched
