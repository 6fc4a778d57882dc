"""A stream on its way from the upstream to a client, and the rule by which it is paid.

- It came to its end: what it cost. This is captured before the client sees the end.
- The client left: with a price for each call all of it, once something was said; by tokens what
  was said so far, as far as it is known. Nothing, if nothing was said.
- The upstream broke off, failed or fell silent: with a price for each call nothing; by tokens what
  was said so far.
"""

from __future__ import annotations

import logging
import time
from typing import NamedTuple

import orjson
from urllib3 import BaseHTTPResponse

from app.domain.ai_model import Tokens, part_of, tokens_in
from app.domain.ai_request import AiRequest
from app.domain.ai_stream import END, EventStream, Garbled
from app.domain.refusals import HoldNotActive, Refusal, UpstreamFailed, UpstreamTimedOut
from app.services.ai.call import Call
from app.services.ai.upstream import PIECE, told_plainly

DRAIN_SECONDS = 0.2
log = logging.getLogger(__name__)


class _Said(NamedTuple):
    """What of an answer was handed on."""

    anything: bool = False
    text_bytes: int = 0


class Passing:
    """The body of an answer that streams. Close it, whatever happened."""

    def __init__(
        self, call: Call, request: AiRequest, response: BaseHTTPResponse, ends_at: float
    ) -> None:
        self._call = call
        self._request = request
        self._response = response
        self._ends_at = ends_at
        self._events = EventStream(
            counted=call.model.price is not None,
            strip_usage=call.model.price is not None and not request.wants_usage,
        )
        self._given = self._taken = _Said()
        self._is_over = False

    def __iter__(self) -> Passing:
        """Be read once."""
        return self

    def __next__(self) -> bytes:
        """The next piece. What was given before was taken, or else nobody would ask for more."""
        self._taken = self._given
        if self._is_over:
            self._leave_connection()
            raise StopIteration
        try:
            return self._piece()
        except Refusal as refusal:
            return self._break_off(refusal)
        except Exception:
            log.exception("a stream broke")
            return self._break_off(UpstreamFailed("The stream broke."))

    def close(self) -> None:
        """The client left, or all is said already."""
        if not self._is_over:
            self._is_over = True
            try:
                self._call.end(self._used() if self._taken.anything else None)
            finally:
                self._response.close()

    def _piece(self) -> bytes:
        while True:
            data = self._read()
            passed = self._fed(data)
            if self._events.has_failed:
                raise UpstreamFailed("The AI model broke off.")
            if self._events.is_done or (not data and self._events.is_finished):
                return passed + self._finish()
            if not data:
                raise UpstreamFailed("The AI model broke off.")
            if passed:
                self._keep()
                self._given = _Said(self._events.has_content, self._events.text_bytes)
                return passed

    def _read(self) -> bytes:
        if time.monotonic() > self._ends_at:
            raise UpstreamTimedOut("The call took longer than one may.")
        with told_plainly():
            return self._response.read1(PIECE)

    def _fed(self, data: bytes) -> bytes:
        try:
            return self._events.feed(data)
        except Garbled:
            raise UpstreamFailed(
                "The AI model answered with something that is no stream."
            ) from None

    def _keep(self) -> None:
        try:
            self._call.keep()
        except HoldNotActive:  # a slow client outlived it; the end takes what was used
            log.info("%s timed out while a client read", self._call.hold.id)

    def _finish(self) -> bytes:
        self._given = self._taken = _Said(True, self._events.text_bytes)
        self._call.end(self._used())
        self._is_over = True
        return END

    def _break_off(self, refusal: Refusal) -> bytes:
        """Tell the client within the stream, as OpenAI does, since its status is sent already."""
        self._is_over = True
        by_tokens = self._call.model.price is not None and self._taken.anything
        try:
            self._call.end(self._used() if by_tokens else None)
        finally:
            self._response.close()
        error = {"message": refusal.detail, "type": "api_error", "param": None}
        return b"data: " + orjson.dumps({"error": error | {"code": refusal.code}}) + b"\n\n"

    def _used(self) -> int:
        """What was used so far, in credits."""
        call = self._call
        if call.model.price is None:
            return call.hold.credits
        said = tokens_in(self._taken.text_bytes)
        tokens = self._events.usage or Tokens(tokens_in(self._request.asked.bytes), said)
        return part_of(call.hold.credits, call.most, call.model.price.cost(tokens))

    def _leave_connection(self) -> None:
        """Leave the connection for the next call, if the upstream is done with it at once."""
        sock = getattr(self._response.connection, "sock", None)
        if sock is None:
            return
        sock.settimeout(DRAIN_SECONDS)
        try:
            if self._response.read1(PIECE):
                self._response.close()
        except Exception:  # noqa: BLE001 - whatever it was, this connection is of no more use
            self._response.close()
