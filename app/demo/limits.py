"""DEMO, limits: what Acme's owner wants to be told of, where she draws a line, and who meets it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from app.demo.people import BOB, CAROL, Cast
from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.refusals import LimitReached
from app.services.credits.caller import Caller
from app.services.credits.spend import Spending, deduct
from app.services.limits.set_limit import WantedLimit, set_limit

ALERT, BLOCK = LimitEffect.ALERT, LimitEffect.BLOCK
A_DAY = 400


def draw_lines(cast: Cast, caller: Caller, now: datetime) -> None:
    """Set a few limits; Carol meets an alert, and Bob a block."""
    everybody, each = LimitWho.ACCOUNT, LimitWho.EACH_MEMBER
    for wanted in (
        WantedLimit(everybody, ALERT, 4_000, LimitPer.CYCLE),
        WantedLimit(each, BLOCK, A_DAY, LimitPer.DAY),
        WantedLimit(LimitWho.MEMBER, ALERT, 30, LimitPer.DAY, member=CAROL),
        WantedLimit(LimitWho.APP, ALERT, 1_500, LimitPer.CYCLE, app=cast.apps["acme"][0]),
    ):
        set_limit(cast.accesses["acme"], wanted, now)
    deduct(caller, Spending("acme", CAROL, None, "ai.video", 8), "demo-limit-1", now)
    with suppress(LimitReached):
        too_much = Spending("acme", BOB, None, "ai.video", A_DAY)
        deduct(caller, too_much, "demo-limit-2", now)
