"""VERB: keep what a deployment gave: an address elsewhere, or files that Coffer serves itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from app.hookspecs import Deployed, GaveUp
from app.services.actions.finish import Keep
from app.services.sites.publish import publish_within
from app.store.action_runs import ActionRun

LONGEST_ADDRESS = 2_000


def deployment(deployed: Deployed, key: str, now: datetime) -> Keep:
    """Keep a deployment: its files are published, or its address noted, once for each key."""

    def keep(row: ActionRun) -> None:
        publish_within(
            row.app_id,
            now,
            key=key,
            version=None if row.base is None else str(row.base),
            by=row.person_id,
            files=deployed.site,
            address=deployed.address,
        )
        row.version, row.address = row.base, deployed.address

    return keep


def wrong_deployment(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    """Say what is wrong with what a runner answered to `deploy`; None when nothing."""
    if type(answer) is GaveUp:
        return None if type(answer.reason) is str else "its reason is no text"
    if type(answer) is not Deployed:
        return f"it answered with {type(answer).__name__}; answer Deployed or GaveUp"
    if (answer.address is None) == (answer.site is None):
        return "it gave both an address and a site, or none; give one of them"
    if answer.address is not None:
        return _wrong_address(answer.address)
    is_site = type(answer.site) is dict and all(
        type(path) is str and type(content) is bytes for path, content in answer.site.items()
    )
    return None if is_site else "a site is a dict of contents, as bytes, by path"


def _wrong_address(address: Any) -> str | None:  # noqa: ANN401
    if type(address) is not str or len(address) > LONGEST_ADDRESS or not address.isprintable():
        return "its address is no text of a usable length"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "its address can't be read"
    if parts.scheme != "https" or not parts.hostname or parts.username or " " in address:
        return "its address is no https URL"
    return None
