"""How ledger values look to people and programs: references, slugs, addresses for numbers."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.grant import Draw, Grant
from app.domain.hold import Hold
from app.domain.limit import LimitWho
from app.domain.reference import reference
from app.domain.refusals import LimitReached
from app.domain.transaction import Transaction
from app.services.credits.answers import (
    Deduction,
    DrawView,
    GrantView,
    HoldView,
    Refund,
    TransactionView,
)
from app.services.directory import View


def deduction_view(view: View, pool: int, line: Transaction) -> Deduction:
    """Show a deduction."""
    who = line.attribution
    return Deduction(
        id=reference("tx", pool, line.seq),
        seq=line.seq,
        account=_slug(view, pool),
        member=_email(view, who.member),
        app=_app(who.app),
        action=who.action or "",
        quantity=who.quantity or 1,
        credits=-line.credits,
        balance_after=line.balance_after,
        draws=draw_views(view, pool, line.draws),
        at=line.at,
        metadata=who.metadata,
    )


def hold_view(view: View, pool: int, hold: Hold) -> HoldView:
    """Show a hold."""
    who = hold.attribution
    return HoldView(
        id=reference("hold", pool, hold.number),
        state=hold.state.value,
        account=_slug(view, pool),
        member=_email(view, who.member),
        app=_app(who.app),
        action=who.action or "",
        quantity=who.quantity or 1,
        credits=hold.credits,
        captured=hold.captured,
        expires_at=hold.expires_at,
        created_at=hold.created_at,
        ended_at=hold.ended_at,
        draws=draw_views(view, pool, hold.draws),
        metadata=who.metadata,
    )


def refund_view(view: View, pool: int, line: Transaction) -> Refund:
    """Show a refund."""
    return Refund(
        id=reference("tx", pool, line.seq),
        seq=line.seq,
        account=_slug(view, pool),
        reverses=reference("tx", pool, line.reverses or 0),
        credits=line.credits,
        balance_after=line.balance_after,
        restored=draw_views(view, pool, line.draws),
        reason=line.reason or "",
        at=line.at,
    )


def transaction_view(view: View, pool: int, line: Transaction) -> TransactionView:
    """Show a line of the history. Past lines keep the names of those who left."""
    who = line.attribution
    person = view.person(who.member) if who.member is not None else None
    app = view.app(who.app) if who.app is not None else None
    return TransactionView(
        id=reference("tx", pool, line.seq),
        seq=line.seq,
        kind=line.kind.value,
        account=_slug(view, pool),
        member=person.email if person else None,
        member_name=person.name if person else None,
        app=_app(who.app),
        app_name=app.name if app else None,
        action=who.action,
        quantity=who.quantity,
        credits=line.credits,
        balance_after=line.balance_after,
        draws=draw_views(view, pool, line.draws),
        at=line.at,
        reverses=reference("tx", pool, line.reverses) if line.reverses is not None else None,
        reason=line.reason,
        metadata=who.metadata,
    )


def name_in(refusal: LimitReached, view: View, pool: int) -> None:
    """Add the names to a limit's refusal: whom it is about, and who can raise it."""
    limit, subject = refusal.standing.limit, refusal.standing.subject
    is_app, is_all = limit.who is LimitWho.APP, limit.who is LimitWho.ACCOUNT
    names = {
        "member": None if is_app or is_all else _email(view, subject),
        "app": _app(subject) if is_app else None,
    }
    refusal.facts["limit"] |= names
    refusal.facts["who_can_raise"] = view.payers(pool)


def grant_view(pool: int, grant: Grant) -> GrantView:
    """Show a grant."""
    return GrantView(
        id=reference("grant", pool, grant.number),
        source=grant.source.value,
        granted=grant.granted,
        remaining=grant.remaining,
        held=grant.held,
        used=grant.used,
        expired=grant.expired,
        effective_at=grant.effective_at,
        expires_at=grant.expires_at,
    )


def draw_views(view: View, pool: int, draws: Iterable[Draw]) -> list[DrawView]:
    """Show which grants gave how much."""
    draws = list(draws)
    facts = view.grants(pool, [draw.grant for draw in draws])
    return [
        DrawView(reference("grant", pool, number), source.value, credits, expires_at)
        for (number, credits), (source, expires_at) in ((draw, facts[draw.grant]) for draw in draws)
    ]


def _slug(view: View, pool: int) -> str:
    account = view.account_by_id(pool)
    return account.slug if account else ""


def _email(view: View, person_id: int | None) -> str | None:
    person = view.person(person_id) if person_id is not None else None
    return person.email if person else None


def _app(app_id: int | None) -> str | None:
    return reference("app", app_id) if app_id is not None else None
