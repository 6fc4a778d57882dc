"""VERBS: put an earlier release back, and take an app off the web.

Neither costs credits: the work was paid when it was deployed.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Conflict, NotFound
from app.domain.role import Access
from app.services.apps.present import changeable_app, present_app
from app.services.audit.note import note
from app.store.database import transaction
from app.store.sites import Site, SiteRelease, release_at, site_of_app


def make_live(access: Access, app_id: int, number: int, now: datetime) -> SiteRelease:
    """Let visitors see that release from now on; it is no deploy and costs nothing."""
    with transaction():
        app, present = changeable_app(access, app_id, now)
        site = locked_site(app_id)
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
        site = locked_site(app_id)
        if site.live is None:
            raise Conflict("The app is not on the web.")
        before, site.live = site.live, None
        facts = {"app": app.id, "release": before}
        note("app.taken_down", present, now, about=app.name, before=facts)


def locked_site(app_id: int) -> Site:
    """The site of an app, locked; `NotFound` when it was never put on the web."""
    site = site_of_app(app_id, lock=True)
    if site is None:
        raise NotFound("The app was never put on the web. Deploy it first.")
    return site
