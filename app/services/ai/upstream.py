"""The server of AI models that the operator chose, and how it is asked.

Nothing that a client sends decides where a request goes, and no header of theirs goes with it. No
proxy and no key is taken from the environment.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import orjson
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ReadTimeoutError

from app.domain.refusals import (
    AiNotConfigured,
    Busy,
    RateLimited,
    Refusal,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamTimedOut,
)
from app.settings import Settings

PIECE = 64 * 1024
LARGEST_ERROR = 64 * 1024
LONGEST_WORDS = 2_000
LONGEST_WAIT = 3_600
OUR_FAULT = {401, 402, 403}
CLIENTS_FAULT = range(400, 500)


class Upstream:
    """One server, with connections that are kept, and a bound on the calls at once."""

    def __init__(self, settings: Settings) -> None:
        self.silence_seconds = settings.ai_silence_seconds
        self.call_seconds = settings.ai_call_seconds
        self._path = urlsplit(settings.ai_url).path
        self._headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "coffer",
        }
        if settings.ai_key:
            self._headers["Authorization"] = f"Bearer {settings.ai_key}"
        self._pool = _pool(settings)
        self._slots = BoundedSemaphore(settings.ai_calls)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Take one of the calls that this process handles at once, or raise `Busy`."""
        if not self._slots.acquire(blocking=False):
            raise Busy("This server handles as many calls of AI models as it can; try again.")
        try:
            yield
        finally:
            self._slots.release()

    def post(self, path: str, body: dict[str, Any]) -> BaseHTTPResponse:
        """Send a request; return the answer once it begins, if it is a success.

        Raises `UpstreamFailed`, `UpstreamTimedOut`, `UpstreamRefused` or `RateLimited`.
        """
        with told_plainly():
            response = self._pool.urlopen(
                "POST",
                f"{self._path}{path}",
                body=orjson.dumps(body),
                headers=self._headers,
                redirect=False,
                retries=False,
                preload_content=False,
                assert_same_host=False,
            )
            if not 200 <= response.status < 300:  # noqa: PLR2004 - what HTTP calls success
                raise _failure(response)
        return response


def _pool(settings: Settings) -> HTTPConnectionPool:
    parts = urlsplit(settings.ai_url)
    options: dict[str, Any] = {
        "host": parts.hostname or "",
        "port": parts.port,
        "timeout": Timeout(connect=settings.ai_connect_seconds, read=settings.ai_silence_seconds),
        "maxsize": settings.ai_calls,
    }
    if parts.scheme == "http":
        return HTTPConnectionPool(**options)
    return HTTPSConnectionPool(**options, ssl_context=ssl.create_default_context())


_here: dict[str, Upstream | None] = {"upstream": None}


def call_upstream(settings: Settings) -> None:
    """Let this process call what the settings name."""
    _here["upstream"] = Upstream(settings) if settings.ai_url else None


def upstream() -> Upstream:
    """The server of AI models, or raise `AiNotConfigured`."""
    found = _here["upstream"]
    if found is None:
        raise AiNotConfigured(
            "No AI models can be called here yet. The operator sets COFFER_AI_URL and"
            " COFFER_AI_KEY, and offers models with `coffer ai offer`."
        )
    return found


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what breaks on the way into the refusals that say so."""
    try:
        yield
    except ReadTimeoutError as error:
        raise UpstreamTimedOut("The AI model gave no answer in time.") from error
    except ConnectTimeoutError as error:
        raise UpstreamFailed("The server of AI models can't be reached in time.") from error
    except (HTTPError, OSError, ValueError) as error:
        raise UpstreamFailed("The server of AI models can't be reached, or broke off.") from error


def _failure(response: BaseHTTPResponse) -> Refusal:
    """Say what went wrong, without what concerns only the operator and the upstream."""
    said = response.read(LARGEST_ERROR)
    response.close()
    if response.status == 429:  # noqa: PLR2004 - too many requests
        return RateLimited(
            _wait(response.headers.get("Retry-After", "")), "The AI model is asked too often now."
        )
    if response.status in OUR_FAULT or response.status not in CLIENTS_FAULT:
        return UpstreamFailed(f"The server of AI models answered with status {response.status}.")
    error = _error_in(said)
    return UpstreamRefused(error["message"] or "The AI model refused the request.", error=error)


def _wait(text: str) -> int:
    return min(int(text), LONGEST_WAIT) if text.isascii() and text.isdigit() else 1


def _error_in(said: bytes) -> dict[str, str | None]:
    try:
        error = orjson.loads(said)["error"]
    except (ValueError, KeyError, TypeError):
        error = None
    named = error if isinstance(error, dict) else {}
    return {
        name: value[:LONGEST_WORDS] if isinstance(value := named.get(name), str) else None
        for name in ("message", "type", "param", "code")
    }
