"""VERBS: set what a key, or another subject of Coffer's own, may do at the AI proxy."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from app.domain.ai_terms import NO_TERMS, Terms
from app.domain.role import Access
from app.services.ai.purse import spent_in_window, subject_of_key
from app.services.audit.note import note
from app.services.directory import looked_up
from app.services.tokens.app_key import changeable_key
from app.store.ai_purses import AiTermsRow, terms_row
from app.store.database import add, transaction


def set_key_terms(access: Access, token_id: int, terms: Terms, now: datetime) -> None:
    """Set what an app's key may do, by whoever may revoke it. It counts from the next call on."""
    terms.require_sound()
    subject = subject_of_key(token_id)
    with transaction():
        token, present = changeable_key(access, token_id, now)
        before = put_terms(subject, terms)
        after = {"key": token.id, **_facts(terms)}
        note("token.terms_set", present, now, about=token.name, before=_facts(before), after=after)


def put_terms(subject: str, terms: Terms) -> Terms:
    """Write a subject's terms inside a running transaction; returns those before."""
    terms.require_sound()
    row = terms_row(subject)
    if row is None:
        add(AiTermsRow(subject=subject, **asdict(terms)))
        return NO_TERMS
    before = Terms(row.budget, row.per, row.calls_per_minute, row.calls_at_once)
    for name, value in asdict(terms).items():
        setattr(row, name, value)
    return before


def terms_of(subject: str, now: datetime) -> Terms:
    """What is set for a subject."""
    return looked_up(lambda view: view.ai_terms(subject), now)


def budget_used(subject: str, account_id: int, now: datetime) -> int:
    """What counts against a subject's budget now, in credits."""
    return spent_in_window(subject, terms_of(subject, now), account_id, now)


def _facts(terms: Terms) -> dict[str, object]:
    return {name: value for name, value in asdict(terms).items() if value is not None}
