"""VERBS that finish what a hold began: capture, release, extend, read; and refund a deduction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from app.domain.command import Capture, Extend, RefundDeduction, Release
from app.domain.hold import Hold
from app.domain.reference import numbers_of
from app.domain.refusals import Forbidden, InvalidRequest, NotFound
from app.domain.role import Role
from app.domain.transaction import OWN_MARK
from app.services.credits.answers import Answer, Deduction, HoldView, Refund
from app.services.credits.caller import Caller
from app.services.credits.ledger import submit_one
from app.services.credits.post import Entry
from app.services.credits.settle import settle_if_due
from app.services.credits.spend import fingerprint, life_of
from app.services.credits.views import deduction_view, hold_view, refund_view
from app.services.directory import View, looked_up
from app.store.database import read_connection
from app.store.history import read_hold
from app.store.tokens import TokenKind

T = TypeVar("T")


def capture(caller: Caller, hold_id: str, credits: int | None, now: datetime) -> Answer[Deduction]:
    """The action succeeded: take what was held, or so many credits of it."""
    if credits is not None and credits < 1:
        raise InvalidRequest.of("credits", "Capture at least 1 credit, or release the hold.")
    pool, found = _hold_to_end(caller, hold_id, now)
    return _finish(pool, Entry(Capture(found.number, credits)), deduction_view, now)


def release(caller: Caller, hold_id: str, now: datetime) -> Answer[HoldView]:
    """The action failed: it costs nothing."""
    pool, found = _hold_to_end(caller, hold_id, now)
    return _finish(pool, Entry(Release(found.number)), hold_view, now)


def extend(caller: Caller, hold_id: str, expires_in: int | None, now: datetime) -> Answer[HoldView]:
    """The action takes longer: the hold lives so many seconds from now (None: 900)."""
    lasts = life_of(expires_in)
    pool, found = _hold_to_end(caller, hold_id, now)
    return _finish(pool, Entry(Extend(found.number, lasts)), hold_view, now)


def hold(caller: Caller, hold_id: str, now: datetime) -> HoldView:
    """Read a hold as it stands."""
    pool, found = _hold_of(caller, hold_id, now)
    return looked_up(lambda view: hold_view(view, pool, found), now)


def refund(
    caller: Caller,
    transaction_id: str,
    credits: int | None,
    reason: str,
    key: str | None,
    now: datetime,
) -> Answer[Refund]:
    """Give a deduction back, or so many credits of it, to the very grants.

    A service or the account's owner may do it.
    """
    if credits is not None and credits < 1:
        raise InvalidRequest.of("credits", "Refund at least 1 credit.")
    pool, seq = numbers_of("tx", transaction_id, 2)
    looked_up(lambda view: _require_owner(view, caller, pool), now)
    asked = fingerprint("refund", seq, credits, reason)
    return _finish(pool, Entry(RefundDeduction(seq, credits, reason), key, asked), refund_view, now)


def _finish(
    pool: int, entry: Entry, view_of: Callable[[View, int, Any], T], now: datetime
) -> Answer[T]:
    done = submit_one(pool, entry, now)
    return Answer(looked_up(lambda view: view_of(view, pool, done.value), now), done.replayed)


def _hold_of(caller: Caller, hold_id: str, now: datetime) -> tuple[int, Hold]:
    """Find a hold that this caller may see; anyone else gets `NotFound`."""
    pool, number = numbers_of("hold", hold_id, 2)
    settle_if_due([pool], now)
    with read_connection() as connection:
        found = read_hold(connection, pool, number)
    if found is None or not looked_up(lambda view: _may_see(view, caller, pool, found), now):
        raise NotFound("There is no such hold.")
    return pool, found


def _hold_to_end(caller: Caller, hold_id: str, now: datetime) -> tuple[int, Hold]:
    """Find a hold that this caller may end: not one of a call that Coffer pays for by it."""
    pool, found = _hold_of(caller, hold_id, now)
    if OWN_MARK in found.attribution.metadata and caller.kind is not TokenKind.SERVICE:
        raise Forbidden("Coffer ends this hold itself, as soon as the call is over.")
    return pool, found


def _may_see(view: View, caller: Caller, pool: int, found: Hold) -> bool:
    if caller.kind is TokenKind.APP:
        return found.attribution.app == caller.app_id
    if caller.kind is TokenKind.PERSONAL:
        return view.role(pool, caller.person_id or 0) is not None
    return True


def _require_owner(view: View, caller: Caller, pool: int) -> None:
    if caller.kind is TokenKind.SERVICE:
        return
    role = view.role(pool, caller.person_id or 0)
    if caller.kind is TokenKind.APP or role is None:
        raise NotFound("There is no such deduction to refund.")
    if role is not Role.OWNER:
        raise Forbidden(f"As {role} you may not refund a deduction; the owner may.")
