"""VERBS: buy a pack by itself when few credits are left, up to a cap per calendar month (UTC).

One purchase is under way at a time for each pool. After a failure it waits, longer each time, and
after three in a row it switches itself off and says so by mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.catalogue import Pack
from app.domain.payment import Purpose, month_of
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Access, Right
from app.hookspecs import Money
from app.services.billing.attempt import Wanted, call, mint
from app.services.billing.history import COFFER, note_of
from app.services.billing.patience import Patience
from app.services.billing.providers import charges_absent, desk, required_desk
from app.services.billing.record import take_outcome
from app.services.credits.settle import settle_if_due
from app.services.directory import directory
from app.services.workspaces.access import present_access
from app.store.auto_top_ups import IN_FLIGHT, AutoTopUp, auto_top_up, pools_under_threshold
from app.store.database import UniqueTaken, add, read_connection, transaction
from app.store.due_payments import auto_spent
from app.store.history import read_pool

AT_ONCE = 200
LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AutoTopUpView:
    """What an owner set. `cap` and `spent` are for this calendar month, in the pack's currency.

    `stopped_because` says why it switched itself off; `retry_at` when it tries again.
    """

    is_on: bool
    threshold: int
    pack: str
    provider: str
    cap: Money
    spent: Money
    failures: int
    retry_at: datetime | None
    stopped_because: str | None


def auto_top_up_of(access: Access, now: datetime) -> AutoTopUpView | None:
    """Show what the owner set, or None when nothing was ever set."""
    access.require(Right.MANAGE_BILLING)
    row = auto_top_up(access.account_id)
    if row is None:
        return None
    pack = directory().catalogue(now).packs.get(row.pack)
    currency = pack.currency if pack else ""
    spent = auto_spent(access.account_id, month_of(now)).amount
    return AutoTopUpView(
        row.is_on,
        row.threshold,
        row.pack,
        row.provider,
        Money(row.cap, currency),
        Money(spent, currency),
        row.failures,
        row.retry_at,
        row.stopped_because,
    )


def set_auto_top_up(
    access: Access, threshold: int, pack_key: str, provider: str, cap: int, now: datetime
) -> None:
    """Buy that pack whenever fewer than `threshold` credits are left; switches it on.

    `cap` is the most that it may cost in a calendar month, in the minor unit of the pack's
    currency. Raises `InvalidRequest` naming the field, `Conflict` where the provider can't.
    """
    access.require(Right.MANAGE_BILLING)
    pack = _pack(pack_key, now)
    _require_sizes(pack, threshold, cap)
    if not charges_absent(required_desk(provider, now)):
        raise Conflict("This way to pay needs you to be there, so it can't pay by itself.")
    with transaction():
        present_access(access, Right.MANAGE_BILLING)
        row = auto_top_up(access.account_id, lock=True) or AutoTopUp(account_id=access.account_id)
        if not pack.on_sale and row.pack != pack_key:
            raise InvalidRequest.of("pack", "This pack is no longer on sale: choose another.")
        row.person_id, row.is_on = access.person_id, True
        row.threshold, row.pack, row.provider, row.cap = threshold, pack_key, provider, cap
        row.failures, row.retry_at, row.stopped_because = 0, None, None
        add(row)
        said: dict[str, Any] = {
            "threshold": threshold,
            "pack": pack_key,
            "cap": cap,
            "provider": provider,
        }
        note_of(access.account_id, "auto top-up on", COFFER, now, access.person_id, **said)


def stop_auto_top_up(access: Access, now: datetime) -> None:
    """Switch it off; a purchase that is under way still completes."""
    with transaction():
        present_access(access, Right.MANAGE_BILLING)
        row = auto_top_up(access.account_id, lock=True)
        if row is not None and row.is_on:
            row.is_on, row.retry_at = False, None
            note_of(access.account_id, "auto top-up off", COFFER, now, access.person_id)


def top_up_what_is_low(now: datetime) -> int:
    """Buy for every pool that came under its threshold; returns for how many it was asked.

    Looks only at accounts that switched it on. Any number of processes do this at once.
    """
    with read_connection() as connection:
        low = pools_under_threshold(connection, now, AT_ONCE)
    patience = Patience()
    return sum(_top_up(account_id, patience, now) for account_id in low)


def _top_up(account_id: int, patience: Patience, now: datetime) -> bool:
    settle_if_due([account_id], now)
    with read_connection() as connection:
        pool = read_pool(connection, account_id)
    with transaction():  # it ends before the provider is asked
        set_ = auto_top_up(account_id)
    if pool is None or set_ is None or pool.available(now) >= set_.threshold:
        return False
    if patience.is_over(set_.provider):
        _wait(account_id, now + LOOK_AGAIN)
        return False
    at, pack = desk(set_.provider, now), directory().catalogue(now).packs.get(set_.pack)
    if pack is None:
        _wait(account_id, now + timedelta(days=1))
        return False
    if at is None or not charges_absent(at):
        _wait(account_id, now + LOOK_AGAIN)
        return False
    key = _minted(account_id, pack, now)
    if key is None:
        return False
    patience.note(at.key, take_outcome(key, call(key, now), now))
    return True


def _minted(account_id: int, pack: Pack, now: datetime) -> str | None:
    """Write the attempt down, under the lock of the settings, unless the cap is reached."""
    try:
        with transaction():
            row = auto_top_up(account_id, lock=True)
            waits = row is None or not row.is_on or (row.retry_at and row.retry_at > now)
            if row is None or waits:
                return None
            spent = auto_spent(account_id, month_of(now))
            if spent.in_flight:
                return None
            if spent.amount + pack.amount > row.cap:
                row.retry_at = month_of(month_of(now) + timedelta(days=32))
                note_of(account_id, "auto top-up cap", COFFER, now, spent=spent.amount)
                return None
            return mint(_wanted(row, pack), now)
    except UniqueTaken:
        return None


def _wanted(row: AutoTopUp, pack: Pack) -> Wanted:
    return Wanted(
        row.account_id,
        Purpose.AUTO_TOP_UP,
        IN_FLIGHT,
        row.provider,
        f"Automatic top-up of {pack.credits:,} credits",
        Money(pack.amount, pack.currency),
        present=False,
        pack=pack.key,
        credits=pack.credits,
    )


def _wait(account_id: int, until: datetime) -> None:
    with transaction():
        row = auto_top_up(account_id, lock=True)
        if row is not None:
            row.retry_at = until


def _pack(key: str, now: datetime) -> Pack:
    pack = directory().catalogue(now).packs.get(key)
    if pack is None:
        raise InvalidRequest.of("pack", f"There is no pack “{key}”.")
    return pack


def _require_sizes(pack: Pack, threshold: int, cap: int) -> None:
    if threshold < 1:
        raise InvalidRequest.of("threshold", "Use 1 or more credits.")
    if threshold > 10**12:
        raise InvalidRequest.of("threshold", "Use fewer credits.")
    if cap < pack.amount:
        price = Money(pack.amount, pack.currency)
        raise InvalidRequest.of("cap", f"Less than one pack costs ({price}) buys nothing.")
    if cap > 10**12:
        raise InvalidRequest.of("cap", "Use a smaller amount.")
