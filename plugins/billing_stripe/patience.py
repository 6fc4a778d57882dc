"""How long Stripe may take: each request a few seconds, all of a call less than Coffer waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

CONNECT_SECONDS, READ_SECONDS = 3.05, 8.0
# Coffer stops waiting after twenty seconds; the SDK sleeps before a retry for half a second to one.
CALL_SECONDS = 17.0

_until: ContextVar[float | None] = ContextVar("billing_stripe_until", default=None)


@contextmanager
def within(seconds: float = CALL_SECONDS) -> Iterator[None]:
    """Let all requests inside take at most so many seconds together."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


class PatientSession(requests.Session):
    """A session that waits no longer than the call has left, and follows nobody elsewhere.

    Threads share it, with its open connections; so it keeps no cookies.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(  # type: ignore[override] # the SDK names what it gives
        self,
        method: str,
        url: str,
        **given: Any,  # noqa: ANN401
    ) -> requests.Response:
        """Send a request, or raise `requests.Timeout` when no time is left."""
        given |= {"timeout": _timeouts(), "allow_redirects": False}
        return super().request(method, url, **given)


def _timeouts() -> tuple[float, float]:
    until = _until.get()
    if until is None:
        return CONNECT_SECONDS, READ_SECONDS
    left = until - time.monotonic()
    if left <= 0:
        raise requests.Timeout("no time is left for another request")
    connect = min(CONNECT_SECONDS, left / 2)
    return connect, min(READ_SECONDS, left - connect)
