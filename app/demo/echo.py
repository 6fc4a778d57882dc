"""DEMO, a server of AI models that only repeats what it is told, so that nothing outside is asked.

It speaks as OpenAI does, as far as the demonstration's calls need it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
SAID = "This is the demonstration's echo, no AI model. You said:"
PAUSE_SECONDS = 0.05
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGA"
    "hKmMIQAAAABJRU5ErkJggg=="
)


def open_echo(port: int) -> None:
    """Serve on loopback, in threads that end with the process."""
    server = ThreadingHTTPServer((HOST, port), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="echo").start()


class Echo(BaseHTTPRequestHandler):
    """Answers completions and images."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Repeat what was said, whole or word by word."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/images/generations"):
            return self._whole({"created": 0, "data": [{"b64_json": PIXEL}]})
        words = [*SAID.split(), *_last_words(asked)]
        usage = {"prompt_tokens": len(words), "completion_tokens": len(words)}
        usage["total_tokens"] = 2 * len(words)
        if asked.get("stream"):
            return self._stream(asked, words, usage)
        message = {"role": "assistant", "content": " ".join(words)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return self._whole(_told(asked, "chat.completion", [choice]) | {"usage": usage})

    def _whole(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, asked: dict[str, Any], words: list[str], usage: dict[str, int]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in _events(asked, words, usage):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            time.sleep(PAUSE_SECONDS)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Log nothing: what people ask is theirs."""


def _events(asked: dict[str, Any], words: list[str], usage: dict[str, int]) -> Iterator[bytes]:
    for number, word in enumerate([*words, None]):
        delta = {} if word is None else {"content": word if number == 0 else f" {word}"}
        choice = {"index": 0, "delta": delta, "finish_reason": None if word else "stop"}
        yield _event(_told(asked, "chat.completion.chunk", [choice]))
    if (asked.get("stream_options") or {}).get("include_usage"):
        yield _event(_told(asked, "chat.completion.chunk", []) | {"usage": usage})
    yield b"data: [DONE]\n\n"


def _event(told: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(told).encode() + b"\n\n"


def _told(asked: dict[str, Any], kind: str, choices: list[Any]) -> dict[str, Any]:
    model = asked.get("model")
    return {"id": "echo", "object": kind, "created": 0, "model": model, "choices": choices}


def _last_words(asked: dict[str, Any]) -> list[str]:
    content = (asked.get("messages") or [{}])[-1].get("content")
    return content.split() if isinstance(content, str) else ["(no text)"]
