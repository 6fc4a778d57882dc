"""VERB that reads: an app's site as its team sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.ai_terms import BudgetPer, Terms
from app.domain.role import Access, Right
from app.services.ai.purse import spent_in_window
from app.services.apps.versions import app_of
from app.services.sites.address import address_of
from app.services.sites.visitors import VisitorsAi, subject_of, visitors_ai
from app.settings import Settings
from app.store.sites import SiteRelease, releases_of, site_of_app


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site: where it is, its releases, the newest first, and what its visitors may cause.

    `live` is the release that visitors see; None is off the web.
    """

    address: str
    releases: list[SiteRelease]
    live: SiteRelease | None
    visitors: VisitorsAi


def site_view(access: Access, app_id: int, settings: Settings) -> SiteView | None:
    """Show an app's site to a member; None when it was never put on the web."""
    access.require(Right.SEE_ACCOUNT)
    app = app_of(access, app_id)
    site = site_of_app(app.id)
    if site is None:
        return None
    releases = releases_of(app.id)
    live = next((each for each in releases if each.number == site.live), None)
    elsewhere = live.address if live is not None else None
    address = elsewhere or address_of(settings, site.name)
    return SiteView(address, releases, live, visitors_ai(site))


def spent_by_visitors(access: Access, app_id: int, now: datetime) -> int:
    """The credits that an app's visitors caused today (UTC)."""
    access.require(Right.SEE_ACCOUNT)
    terms = Terms(1, BudgetPer.DAY)
    return spent_in_window(subject_of(app_of(access, app_id).id), terms, access.account_id, now)
