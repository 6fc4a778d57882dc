"""VERB: make one attempt. It asks the world outside, so no transaction is open while it runs."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple

from app.domain.webhook import KEPT_OF_ANSWER, LONGEST_ERROR, Attempt
from app.hookspecs import NotFetched
from app.services.fetch_safely import SafeFetch
from app.services.webhooks.secrets import signed

SECONDS = 15.0


class Parcel(NamedTuple):
    """What is sent where, and the secrets that sign it; None when they can't be read."""

    webhook_id: int
    delivery_id: int
    url: str
    event: str
    body: str
    keys: list[str] | None


def send(parcel: Parcel, fetch: SafeFetch, now: datetime) -> Attempt:
    """Sign and post a parcel, and tell what came of it. It never raises."""
    begun = time.monotonic()
    try:
        status, answer, error = _posted(parcel, fetch, now)
    except NotFetched as refused:
        status, answer, error = None, "", str(refused)
    except Exception as broken:  # noqa: BLE001 - whatever went wrong, it is noted and tried again
        status, answer, error = None, "", f"{type(broken).__name__}: {broken}"
    spent = int((time.monotonic() - begun) * 1000)
    return Attempt(status, answer, _plain(error)[:LONGEST_ERROR] if error else None, spent)


def _posted(parcel: Parcel, fetch: SafeFetch, now: datetime) -> tuple[int | None, str, str | None]:
    if parcel.keys is None:
        return None, "", "The secret can't be read any more. Rotate it."
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Coffer-Webhooks/1",
        **signed(parcel.keys, parcel.event, parcel.body, now),
    }
    body = parcel.body.encode()
    got = fetch.post(parcel.url, body, headers, seconds=SECONDS, kept=KEPT_OF_ANSWER)
    answer = _plain(got.body.decode("utf-8", "replace"))
    return got.status, answer, _why(got.status)


def _why(status: int) -> str | None:
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's
        return "It redirects, which is not followed. Enter the final address."
    return None


def _plain(text: str) -> str:
    """Keep what can be shown, and what a database can keep: PostgreSQL's text has no zeros."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)
