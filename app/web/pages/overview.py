"""The overview of an account: what the pool can pay, what is held, and what happened last."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.services.credits.answers import GrantView
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.limits.listing import limits_about_me
from app.services.usage.forecast import forecast_of
from app.services.usage.ranges import ranges_of
from app.services.usage.report import report
from app.services.workspaces.waiting import offer_in
from app.web.pages.page import Here, in_account, page, pages
from app.web.portal import portal

LATEST = 8
USE_MOST = 3


@pages.get("/accounts/<slug>")
@in_account()
def overview(here: Here) -> ResponseReturnValue:
    """Show the balance with its parts, and the last lines of the history."""
    now = portal().clock.now()
    view, offer = pool(here.account, now), offer_in(here.access)
    days = ranges_of(here.account, now).default
    return page(
        "overview/overview.html",
        pool=view,
        forecast=forecast_of(here.account, now, view),
        days=days,
        used=report(here.account, "member", days, most=USE_MOST),
        parts=[each for each in view.grants if is_part(each)],
        latest=transactions(here.account, TransactionFilter(), LATEST, None, now),
        limits=limits_about_me(here.access, now),
        is_offered=offer is not None and offer.person_id == here.access.person_id,
    )


def is_part(grant: GrantView) -> bool:
    """Tell whether a grant still gives the pool something, or has given it to a hold."""
    return bool(grant.remaining or grant.held)
