"""DOORS, API: the limits of an account's pool."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.reference import numbers_of
from app.domain.refusals import Conflict
from app.services.credits.caller import Caller
from app.services.limits import set_limit as setting
from app.services.limits.listing import LimitView, limit_in, limits_in
from app.web.access import enter
from app.web.api import limit_shapes as shapes
from app.web.api.bodies import Listed
from app.web.api.cursor import part_of
from app.web.api.operation import Operations

operations = Operations(
    "Limits",
    "Guard-rails on the shared pool: alerts that tell, and blocks that stop. What counts is what "
    "was used in the running day (UTC) or cycle, less what was refunded in it, and what is held.",
)
ONE = "/accounts/{slug}/limits/{limit_id}"


@operations.get("/accounts/{slug}/limits", answer=shapes.LimitPage)
def list_limits(caller: Caller, slug: str, query: Listed, now: datetime) -> dict[str, Any]:
    """List an account's limits with how far each is used now; for its owner and admins."""
    account, access = enter(caller, slug)
    found = [_shown(one) for one in limits_in(access, now)]
    return part_of(found, f"limits {account.id}", query)


@operations.post(
    "/accounts/{slug}/limits", status=201, answer=shapes.LimitAnswer, refusals=(Conflict,)
)
def set_limit(caller: Caller, slug: str, body: shapes.NewLimit, now: datetime) -> dict[str, Any]:
    """Set a limit, which holds at once. The owner sets blocks; an admin may set alerts.

    `each_member` gives every member the same limit of their own. `member` takes the address of
    one in `member`, `app` the id of one in `app`. Capturing a hold that was placed before always
    completes. A refusal is `limit_reached`.
    """
    _, access = enter(caller, slug)
    wanted = setting.WantedLimit(
        LimitWho(body.who),
        LimitEffect(body.effect),
        body.credits,
        LimitPer(body.per),
        body.member,
        body.app,
    )
    made = setting.set_limit(access, wanted, now)
    return _shown(limit_in(access, made.id, now))


@operations.patch(ONE, answer=shapes.LimitAnswer, refusals=(Conflict,))
def change_limit(
    caller: Caller, slug: str, limit_id: str, body: shapes.LimitChange, now: datetime
) -> dict[str, Any]:
    """Change a limit's credits, what it does or per what it counts."""
    _, access = enter(caller, slug)
    number = _number(limit_id)
    setting.change_limit(
        access,
        number,
        now,
        credits=body.credits,
        effect=LimitEffect(body.effect) if body.effect else None,
        per=LimitPer(body.per) if body.per else None,
    )
    return _shown(limit_in(access, number, now))


@operations.delete(ONE, status=204)
def remove_limit(caller: Caller, slug: str, limit_id: str, now: datetime) -> None:
    """Remove a limit: it stops and tells nobody any more."""
    _, access = enter(caller, slug)
    setting.remove_limit(access, _number(limit_id), now)


def _number(limit_id: str) -> int:
    (number,) = numbers_of("limit", limit_id, 1)
    return number


def _shown(one: LimitView) -> dict[str, Any]:
    return {
        "id": one.reference,
        "who": one.who.value,
        "member": one.member,
        "app": one.app,
        "effect": one.effect.value,
        "credits": one.credits,
        "per": one.per.value,
        "used": one.used,
        "left": one.left,
        "since": one.since if one.resets_at else None,
        "resets_at": one.resets_at,
    }
