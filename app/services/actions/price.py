"""VERB that reads: what an action would cost, and whether the pool can pay it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app import hookspecs
from app.domain.action_run import SIZES, ActionKind, Size, size_named
from app.domain.reference import reference
from app.domain.refusals import NotFound, Refusal
from app.domain.role import Access, Right
from app.services.directory import View, looked_up
from app.services.plugins.decide import decided_price
from app.services.plugins.installed import asked_for
from app.services.plugins.prices import price_of as list_price


@dataclass(frozen=True, slots=True)
class Quote:
    """What an action of a size costs. `refusal` says why it can't be had, if it can't."""

    size: Size
    credits: int
    refusal: str | None = None


def quotes(kind: ActionKind, access: Access, app_id: int, now: datetime) -> tuple[Quote, ...]:
    """List the sizes of an action with what each costs this person in this account."""
    access.require(Right.SEE_ACCOUNT)
    return tuple(_quote(size, access, app_id, now) for size in SIZES[kind])


def price_of(kind: ActionKind, action: str, access: Access, app_id: int, now: datetime) -> int:
    """What an action costs, by the catalogue and the plugins that decide; or their refusal."""
    size = size_named(kind, action)
    return looked_up(lambda view: decided(view, size.action, access, app_id), now)


def decided(view: View, action: str, access: Access, app_id: int) -> int:
    """What it costs under that view of prices. Plugins are asked: never in a transaction."""
    price = list_price(view, action)
    if not asked_for("before_deduction", view):
        return price
    account, person = view.account_by_id(access.account_id), view.person(access.person_id)
    if account is None or person is None:
        raise NotFound
    return decided_price(
        view,
        hookspecs.Spending(
            account=account.slug,
            member=person.email,
            app=reference("app", app_id),
            action=action,
            quantity=1,
            price=price,
            credits=price,
            kind="hold",
        ),
    )


def _quote(size: Size, access: Access, app_id: int, now: datetime) -> Quote:
    try:
        return Quote(size, looked_up(lambda v: decided(v, size.action, access, app_id), now))
    except Refusal as refusal:
        return Quote(size, 0, refusal.detail)
