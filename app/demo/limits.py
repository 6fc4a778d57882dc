"""DEMO, limits: what Acme's owner wants to be told of, and where she draws a line."""

from __future__ import annotations

from datetime import datetime

from app.demo.people import Cast
from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.services.limits.set_limit import WantedLimit, set_limit

ALERT, BLOCK = LimitEffect.ALERT, LimitEffect.BLOCK


def draw_lines(cast: Cast, now: datetime) -> None:
    """Set a few limits, far enough from what is used."""
    everybody, each = LimitWho.ACCOUNT, LimitWho.EACH_MEMBER
    for wanted in (
        WantedLimit(everybody, ALERT, 4_000, LimitPer.CYCLE),
        WantedLimit(each, BLOCK, 400, LimitPer.DAY),
        WantedLimit(LimitWho.APP, ALERT, 1_500, LimitPer.CYCLE, app=cast.apps["acme"][0]),
    ):
        set_limit(cast.accesses["acme"], wanted, now)
