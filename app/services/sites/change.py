"""VERBS: put an earlier release back, take an app off the web, and set what visitors may spend.

None of them costs credits: the work was paid when it was deployed.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.role import Access, Right
from app.services.apps.edit import present_app
from app.services.audit.note import note
from app.store.database import transaction
from app.store.sites import Site, SiteRelease, release_at, site_of_app

MOST_CREDITS = 1_000_000
MOST_CALLS = 600


def make_live(access: Access, app_id: int, number: int, now: datetime) -> SiteRelease:
    """Let visitors see that release from now on; it is no deploy and costs nothing."""
    with transaction():
        app, present = present_app(access, app_id)
        site = _site(app_id)
        release = release_at(app_id, number)
        if release is None:
            raise NotFound("That release is not kept any more. Deploy its version again.")
        before, site.live = site.live, number
        note(
            "app.made_live",
            present,
            now,
            about=app.name,
            before={"release": before},
            after={"app": app.id, "release": number},
        )
    return release


def take_down(access: Access, app_id: int, now: datetime) -> None:
    """Let visitors see nothing. The address and the releases stay, to be put back."""
    with transaction():
        app, present = present_app(access, app_id)
        site = _site(app_id)
        if site.live is None:
            raise Conflict("The app is not on the web.")
        before, site.live = site.live, None
        facts = {"app": app.id, "release": before}
        note("app.taken_down", present, now, about=app.name, before=facts)


def let_visitors_call(
    access: Access, app_id: int, credits: int, per_visitor: int, calls: int, now: datetime
) -> None:
    """Set the credits a day that visitors may cause by AI calls, and how much each of them.

    0 credits a day is off. `calls` is how often each visitor may call in a minute. The pool of the
    account pays, so it takes the right to handle the app's keys.
    """
    _require_figure("credits", credits, 0, MOST_CREDITS)
    _require_figure("per_visitor", per_visitor, 1, MOST_CREDITS)
    _require_figure("calls", calls, 1, MOST_CALLS)
    with transaction():
        app, present = present_app(access, app_id)
        present.require(Right.USE_APPS)
        present.require_app(app.created_by_id)
        site = _site(app_id)
        before = _figures(site)
        site.ai_credits, site.ai_visitor_credits, site.ai_calls = credits, per_visitor, calls
        after = {"app": app.id, **_figures(site)}
        note("app.visitors_ai", present, now, about=app.name, before=before, after=after)


def _site(app_id: int) -> Site:
    site = site_of_app(app_id, lock=True)
    if site is None:
        raise NotFound("The app was never put on the web. Deploy it first.")
    return site


def _figures(site: Site) -> dict[str, int]:
    return {
        "credits_a_day": site.ai_credits,
        "credits_a_day_per_visitor": site.ai_visitor_credits,
        "calls_a_minute_per_visitor": site.ai_calls,
    }


def _require_figure(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidRequest.of(field, f"Write a whole number from {least} to {most}.")
