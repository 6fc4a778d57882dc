"""VERB: call an AI model for an app; the pool of the account that owns it now pays, on success.

    call_model(caller_for_app(7), ModelKind.CHAT, body, Surroundings(clock.now), subject="site:7")

This is the one way to the upstream, for the proxy's doors and for whoever else calls in the name of
an app. `subject` names whose terms count (`set_terms`); without one they are the key's. `shares`
are terms that count besides, such as those of one visitor.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import orjson
from urllib3 import BaseHTTPResponse

from app.domain.ai_model import ModelKind, Tokens, part_of, tokens_in
from app.domain.ai_request import AiRequest, read_request
from app.domain.ai_stream import text_length, tokens_of
from app.domain.ai_terms import Share
from app.domain.refusals import InvalidRequest, UpstreamFailed, UpstreamTimedOut
from app.services.ai.call import Call, Surroundings
from app.services.ai.open_call import open_call
from app.services.ai.passing import Passing
from app.services.ai.upstream import PIECE, Upstream, told_plainly, upstream
from app.services.credits.caller import Caller

PATHS = {
    ModelKind.CHAT: "/chat/completions",
    ModelKind.IMAGE: "/images/generations",
    ModelKind.EMBEDDING: "/embeddings",
}
LISTS = {ModelKind.CHAT: "choices", ModelKind.IMAGE: "data", ModelKind.EMBEDDING: "data"}
LARGEST_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """A success: its body whole, or in pieces that have to be closed."""

    content_type: str
    body: bytes | Passing


def call_model(
    caller: Caller,
    kind: ModelKind,
    raw: bytes,
    here: Surroundings,
    *,
    subject: str | None = None,
    shares: Sequence[Share] = (),
) -> Reply:
    """Ask a model what `raw` asks in OpenAI's wire format.

    Raises what a hold raises, `InvalidRequest`, `NotFound` for an unknown model, `RateLimited`,
    `Busy`, `AiNotConfigured`, `UpstreamRefused`, `UpstreamFailed` or `UpstreamTimedOut`; then it
    cost nothing.
    """
    asking = upstream()
    request = read_request(kind, _parsed(raw), len(raw))
    with ExitStack() as stack:
        stack.enter_context(asking.slot())
        call = open_call(caller, request, subject, asking, here, stack, shares)
        call.stack = stack.pop_all()
    ends_at = time.monotonic() + asking.call_seconds
    try:
        return _asked(call, request, asking, ends_at)
    except BaseException:
        call.end(None)
        raise


def _asked(call: Call, request: AiRequest, asking: Upstream, ends_at: float) -> Reply:
    response = asking.post(PATHS[request.kind], request.for_upstream(call.model))
    if request.stream:
        content_type = response.headers.get("Content-Type", "")
        if not content_type.startswith("text/event-stream"):
            response.close()
            raise UpstreamFailed("The AI model answered with something that is no stream.")
        return Reply(content_type, Passing(call, request, response, ends_at))
    try:
        body = _whole(response, call, ends_at)
        call.end(_cost(call, request, body))
    except BaseException:
        response.close()
        raise
    return Reply("application/json", body)


def _parsed(raw: bytes) -> Any:  # noqa: ANN401 - whatever a client sends
    try:
        body = orjson.loads(raw)
        orjson.dumps(body)  # what is nested too deeply can be read, and not be passed on
    except (ValueError, TypeError):
        raise InvalidRequest("The body can't be read as JSON.") from None
    return body


def _whole(response: BaseHTTPResponse, call: Call, ends_at: float) -> bytes:
    parts, size = [], 0
    with told_plainly():
        while part := response.read1(PIECE):
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise UpstreamFailed("The AI model's answer is larger than can be passed on.")
            if time.monotonic() > ends_at:
                raise UpstreamTimedOut("The call took longer than one may.")
            call.keep()
    return b"".join(parts)


def _cost(call: Call, request: AiRequest, body: bytes) -> int:
    """What an answer cost, in credits; raises `UpstreamFailed` when it is none."""
    try:
        answer = orjson.loads(body)
    except ValueError:
        answer = None
    parts = answer.get(LISTS[request.kind]) if isinstance(answer, dict) else None
    if not isinstance(parts, list) or not parts:
        raise UpstreamFailed("The AI model answered with something that is no answer.")
    held, choices = call.hold.credits, request.asked.choices
    if call.model.price is None:
        return part_of(held, choices, min(len(parts), choices))
    tokens = tokens_of(answer.get("usage")) or Tokens(
        tokens_in(request.asked.bytes), tokens_in(text_length(parts))
    )
    return part_of(held, call.most, call.model.price.cost(tokens))
