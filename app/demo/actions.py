"""DEMO, actions: Acme's first app is deployed once more, by a worker as it would be for real."""

from __future__ import annotations

from datetime import datetime

from app.demo.people import Cast
from app.domain.action_run import ActionKind
from app.domain.reference import numbers_of
from app.services.actions.run_one import run_one
from app.services.actions.start import Wanted, start


def deploy_once_more(cast: Cast, now: datetime) -> None:
    """Let Acme's owner deploy the last version, and the work be done."""
    (app_id,) = numbers_of("app", cast.apps["acme"][0], 1)
    start(cast.accesses["acme"], app_id, Wanted(ActionKind.DEPLOY), "demo-deploy", now)
    run_one("demo", lambda: now, minutes=1)
