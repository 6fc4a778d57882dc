"""DEMO, apps on the web: two releases of what Acme's people wrote, the second one live."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.demo.people import BOB, CAROL, Cast
from app.domain.reference import numbers_of
from app.services.apps.versions import load_version
from app.services.sites.publish import publish
from app.services.sites.visitors import VisitorsAi, let_visitors_call
from app.store.people import person_by_email


def put_on_the_web(cast: Cast, now: datetime) -> None:
    """Deploy the first version and the last of Acme's first app, and let its visitors call AI."""
    (app_id,) = numbers_of("app", cast.apps["acme"][0], 1)
    last = load_version(app_id).number
    deployed = ((1, BOB, timedelta(days=40)), (last, CAROL, timedelta(days=2)))
    for number, email, ago in deployed:
        person = person_by_email(email)
        publish(
            app_id,
            now - ago,
            key=f"demo-{number}",
            version=str(number),
            by=person.id if person else None,
            files=load_version(app_id, number).files.read_all(),
        )
    let_visitors_call(cast.accesses["acme"], app_id, VisitorsAi(50), now)
