"""Server-sent events of a completion on their way through: cut at event ends, and seen just enough.

Events go on as they came. They are read only as far as money depends on it: whether anything was
said yet, how long it is where tokens are paid and nobody counts them for us, what the upstream
counted, and whether the end was reached. The end itself is held back until it is paid for.
"""

from __future__ import annotations

import json
import re
from typing import Any

from app.domain.ai_model import Tokens

LARGEST_EVENT = 8 * 1024 * 1024
END = b"data: [DONE]\n\n"
BOUNDARY = re.compile(rb"\r\n\r\n|\n\n|\r\r")
FINISHED = re.compile(rb'"finish_reason"\s*:\s*"')


class Garbled(Exception):  # noqa: N818 - the verb that meets it says what it means
    """What came is no stream of events."""


class EventStream:
    """One stream. With `counted` the lengths of all texts are added up; with `strip_usage` the
    chunk that tells the usage is kept from the client, who didn't ask for it."""

    def __init__(self, *, counted: bool, strip_usage: bool) -> None:
        self.usage: Tokens | None = None
        self.text_bytes = 0
        self.has_content = False
        self.is_finished = False
        self.is_done = False
        self.has_failed = False
        self._counted = counted
        self._strip_usage = strip_usage
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what goes on: whole events only, and never the end."""
        *events, self._rest = _split(self._rest + data)
        if len(self._rest) > LARGEST_EVENT:
            raise Garbled
        passed = []
        for event in events:
            if self.is_done or self.has_failed:
                break
            if self._passes(event):
                passed.append(event)
        return b"".join(passed)

    def _passes(self, event: bytes) -> bool:
        payload = _payload(event)
        if payload is None:
            return True  # a comment that keeps the connection alive, or a field we don't know
        if payload == b"[DONE]":
            self.is_done = True
            return False
        self.is_finished = self.is_finished or FINISHED.search(payload) is not None
        if self.has_content and not self._counted:
            self.has_failed = payload.startswith(b'{"error"')
            return not self.has_failed
        return self._read(payload)

    def _read(self, payload: bytes) -> bool:
        try:
            chunk = json.loads(payload)
        except ValueError:
            raise Garbled from None
        if type(chunk) is not dict or "error" in chunk:
            self.has_failed = True
            return False
        choices = chunk.get("choices")
        for choice in choices if type(choices) is list else ():
            self._count(choice)
        told = tokens_of(chunk.get("usage"))
        self.usage = told or self.usage
        return not (told and self._strip_usage and not choices)

    def _count(self, choice: object) -> None:
        delta = choice.get("delta") if type(choice) is dict else None
        said = text_length(delta)
        self.text_bytes += said
        self.has_content = self.has_content or said > 0


def tokens_of(usage: object) -> Tokens | None:
    """Read what the upstream counted; None unless it is two whole numbers."""
    if type(usage) is not dict:
        return None
    came, went = usage.get("prompt_tokens"), usage.get("completion_tokens", 0)
    if type(came) is not int or type(went) is not int or came < 0 or went < 0:
        return None
    return Tokens(came, went)


def text_length(value: Any) -> int:  # noqa: ANN401 - whatever an upstream says
    """Add up the bytes of all texts in a message or a part of one, but for who speaks."""
    if type(value) is str:
        return len(value.encode("utf-8", "replace"))
    if type(value) is list:
        return sum(map(text_length, value))
    if type(value) is dict:
        return sum(text_length(each) for name, each in value.items() if name not in UNSAID)
    return 0


UNSAID = {"role", "id", "type", "index"}


def _split(data: bytes) -> list[bytes]:
    """Cut after each event; the last is what is not whole yet."""
    parts, begin = [], 0
    for boundary in BOUNDARY.finditer(data):
        parts.append(data[begin : boundary.end()])
        begin = boundary.end()
    return [*parts, data[begin:]]


def _payload(event: bytes) -> bytes | None:
    lines = event.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    values = [line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")]
    return b"\n".join(values).strip() if values else None
