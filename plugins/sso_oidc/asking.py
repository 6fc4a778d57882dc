"""Asking the identity provider itself: through Coffer's safe fetch, and not for long."""

from __future__ import annotations

import time
from collections.abc import Mapping

from app.hookspecs import Fetch, Fetched, NotFetched
from plugins._checks import Failed

# Coffer waits 25 seconds for a judgement, and one question takes ten at most.
LATEST_SECONDS = 14.0


class Asking:
    """The questions of one sign-in. None is begun once the time for it is over."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._until = time.monotonic() + LATEST_SECONDS

    def ask(
        self,
        check: str,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """GET an address, or POST a form to it; raises `Failed` under that check's name."""
        if time.monotonic() > self._until:
            raise Failed(check, f"The identity provider is too slow: {url} was not asked any more.")
        wanted = {"Accept": "application/json", **(headers or {})}
        try:
            return self._fetch(url, form=form, headers=wanted)
        except NotFetched as failure:
            raise Failed(check, f"{url} gave no answer: {failure}") from None
