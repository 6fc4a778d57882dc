"""VERBS of the operator: change an account's credits or plan by hand, always with a reason.

Each goes the one money path, and its audit line is written in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.command import RefundDeduction
from app.domain.grant import Source
from app.domain.pool import Cycle
from app.domain.reason import reason_from
from app.domain.reference import numbers_of
from app.domain.refusals import Conflict, NotFound
from app.domain.take_away import TakeAway
from app.services.audit.note import note
from app.services.billing.change_plan import change_plan
from app.services.credits.answers import TransactionView
from app.services.credits.grant import grant_credits
from app.services.credits.views import transaction_view
from app.services.credits.within import post_between
from app.services.desk.account_file import any_account
from app.services.directory import looked_up
from app.services.workspaces.on_behalf import access_as_owner
from app.store.database import read_connection
from app.store.history import LineFilter, read_lines


def give_credits(
    slug: str,
    credits: int,
    source: Source,
    expires_at: datetime | None,
    reason: str,
    now: datetime,
) -> TransactionView:
    """Let credits enter an account's pool."""
    return grant_credits(slug, credits, source, expires_at, reason_from(reason), now)


def take_credits(slug: str, credits: int, reason: str, now: datetime) -> TransactionView:
    """Take free credits away. Never more than there are, and never what is held."""
    account, why = _standing(slug), reason_from(reason)
    lines: list[Any] = []

    def last(line: Any) -> None:  # noqa: ANN401 - the line of the pool's history
        lines.append(line)
        after = {"credits": -credits, "reason": why, "line": line.seq}
        note("credits.taken", account.id, now, about=slug, after=after)

    post_between(account.id, TakeAway(credits, why), now, first=lambda: None, last=last)
    return looked_up(lambda view: transaction_view(view, account.id, lines[-1]), now)


def refundable(slug: str, spelled: str, now: datetime) -> TransactionView:
    """Find a deduction of an account, or raise `NotFound`."""
    account = any_account(slug)
    seq = _line_of(account.id, spelled)
    with read_connection() as connection:
        found = read_lines(connection, account.id, LineFilter(), 1, seq + 1)
    if not found or found[0].seq != seq or found[0].kind.value != "deduction":
        raise NotFound("There is no such deduction to refund.")
    return looked_up(lambda view: transaction_view(view, account.id, found[0]), now)


def refund_deduction(
    slug: str, spelled: str, credits: int | None, reason: str, now: datetime
) -> TransactionView:
    """Give a deduction back to the very grants, or so many credits of it (None: all)."""
    account, why = any_account(slug), reason_from(reason)
    command = RefundDeduction(_line_of(account.id, spelled), credits, why)
    lines: list[Any] = []

    def last(line: Any) -> None:  # noqa: ANN401
        lines.append(line)
        after = {"credits": line.credits, "reason": why, "line": line.seq}
        note("credits.refunded", account.id, now, about=spelled, after=after)

    post_between(account.id, command, now, first=lambda: None, last=last)
    return looked_up(lambda view: transaction_view(view, account.id, lines[-1]), now)


def put_on_plan(slug: str, plan: str, reason: str, now: datetime) -> Cycle:
    """Put an account on a plan without a payment: an upgrade at once, else at the period's end."""
    (account, access), why = access_as_owner(slug), reason_from(reason)

    def last() -> None:
        after = {"plan": plan, "reason": why}
        note("subscription.set_by_operator", account.id, now, about=slug, after=after)

    return change_plan(access, plan, now, withdrawn=True, last=last)


def _standing(slug: str) -> Any:  # noqa: ANN401 - an account
    account = any_account(slug)
    if account.deleted_at is not None:
        raise Conflict("This workspace is deleted. Restore it first.")
    return account


def _line_of(account_id: int, text: str) -> int:
    pool, seq = numbers_of("tx", text, 2)
    if pool != account_id:
        raise NotFound("There is no such deduction to refund.")
    return seq
