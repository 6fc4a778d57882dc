"""What a client may ask of an AI model, in OpenAI's wire format, and what goes on to the upstream.

Only what the price and the way depend on is read; everything else goes on as it came. What goes on
is spelled anew from what was read: of two fields with the same name nobody can mean the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from app.domain.ai_model import AiModel, Asked, ModelKind
from app.domain.refusals import InvalidRequest

MOST_CHOICES = 128
MOST_IMAGES = 10
LARGEST_OUTPUT = 10**8
TIERS = (None, "auto", "default")
TEXT_PARTS = {"text", "refusal"}

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AiRequest:
    """A request that was read. `wants_usage` says that the client asked for the usage chunk."""

    kind: ModelKind
    model: str
    body: Body
    asked: Asked
    stream: bool = False
    wants_usage: bool = False

    def for_upstream(self, model: AiModel) -> Body:
        """The body for the upstream: its own name of the model, and usage where that counts."""
        body = self.body | {"model": model.upstream}
        if self.stream and model.price is not None:
            body["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
        return body


def read_request(kind: ModelKind, body: object, size: int) -> AiRequest:
    """Read a body of `size` bytes, or raise `InvalidRequest` naming the parameter."""
    if type(body) is not dict:
        raise InvalidRequest("The body is no JSON object.")
    model = body.get("model")
    if type(model) is not str or not model:
        raise InvalidRequest.of("model", "Name the model, as `GET /ai/v1/models` lists it.")
    if body.get("service_tier") not in TIERS:
        raise InvalidRequest.of("service_tier", "The operator chooses it; leave it out.")
    common = AiRequest(kind, model, body, Asked(size, True, 1, None))
    return READERS[kind](common, body)


def _chat(common: AiRequest, body: Body) -> AiRequest:
    messages = body.get("messages")
    if type(messages) is not list or not messages:
        raise InvalidRequest.of("messages", "Give a list of messages, one at least.")
    stream = _flag(body, "stream")
    options = body.get("stream_options")
    if options is not None and type(options) is not dict:
        raise InvalidRequest.of("stream_options", "This is an object.")
    limits = [
        limit
        for name in ("max_completion_tokens", "max_tokens")
        if (limit := _number(body, name, LARGEST_OUTPUT)) is not None
    ]
    asked = common.asked._replace(
        only_text=all(map(_is_text, messages)),
        choices=_number(body, "n", MOST_CHOICES) or 1,
        most_output=max(limits, default=None),
    )
    wants = options is not None and options.get("include_usage") is True
    return replace(common, asked=asked, stream=stream, wants_usage=wants)


def _image(common: AiRequest, body: Body) -> AiRequest:
    if type(body.get("prompt")) is not str:
        raise InvalidRequest.of("prompt", "Say what the image shows.")
    if _flag(body, "stream"):
        raise InvalidRequest.of("stream", "Images come whole here; leave `stream` out.")
    images = _number(body, "n", MOST_IMAGES) or 1
    return replace(common, asked=common.asked._replace(choices=images))


def _embedding(common: AiRequest, body: Body) -> AiRequest:
    if not body.get("input"):
        raise InvalidRequest.of("input", "Give the text, or a list of texts.")
    return replace(common, asked=common.asked._replace(most_output=1))


READERS = {
    ModelKind.CHAT: _chat,
    ModelKind.IMAGE: _image,
    ModelKind.EMBEDDING: _embedding,
}


def _is_text(message: object) -> bool:
    """Tell whether a message is nothing but text, whose tokens can't be more than its bytes."""
    if type(message) is not dict:
        raise InvalidRequest.of("messages", "Each message is an object.")
    content = message.get("content")
    if type(content) is not list:
        return "audio" not in message
    return all(type(part) is dict and part.get("type") in TEXT_PARTS for part in content)


def _flag(body: Body, name: str) -> bool:
    value = body.get(name)
    if value is not None and type(value) is not bool:
        raise InvalidRequest.of(name, "This is true or false.")
    return value is True


def _number(body: Body, name: str, most: int) -> int | None:
    value = body.get(name)
    if value is not None and (type(value) is not int or not 1 <= value <= most):
        raise InvalidRequest.of(name, f"This is a whole number from 1 to {most}.")
    return value
