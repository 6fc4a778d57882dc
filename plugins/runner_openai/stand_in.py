"""A stand-in for a model, for tests only: it speaks OpenAI's wire format and writes one page.

What a well-kept server can't be made to do, it does when `act` says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PAGE = "@@@ FILE index.html\n<!doctype html>\n<h1>Shop</h1>\n@@@ END\n"
PIECE = 7  # letters of a piece: marks and paths come in parts, too


class Answering(BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    server: StandIn

    def do_POST(self) -> None:
        """Keep what was asked, and answer as the test wants it."""
        length = int(self.headers["Content-Length"])
        self.server.asked.append(json.loads(self.rfile.read(length)))
        self.server.keys.append(self.headers.get("Authorization", ""))
        self.server.act(self)

    def refuse(self, status: int) -> None:
        """Answer with an error."""
        body = json.dumps({"error": {"message": "no"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def write(
        self,
        text: str,
        finish: str | None = "stop",
        *,
        whole: bool = True,
        halfway: Callable[[], object] | None = None,
    ) -> None:
        """Stream a text; not `whole`, the connection breaks before its end.

        `halfway` is called when the first half of it is out.
        """
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        places = range(0, len(text), PIECE)
        for count, first in enumerate(places):
            if halfway is not None and count == len(places) // 2:
                halfway()
            self._event({"delta": {"content": text[first : first + PIECE]}, "finish_reason": None})
        if finish is not None:
            self._event({"delta": {}, "finish_reason": finish})
        if whole:
            self._chunk(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def _event(self, choice: dict[str, Any]) -> None:
        told = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        self._chunk(
            f"data: {json.dumps({**told, 'choices': [{'index': 0, **choice}]})}\n\n".encode()
        )

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class StandIn(ThreadingHTTPServer):
    """The server: `act` answers a request; `asked` and `keys` are what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.act: Callable[[Answering], None] = lambda answering: answering.write(PAGE)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []

    @property
    def base_url(self) -> str:
        """The address that a client takes."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: object) -> None:
        """A client that went away is no fault."""


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Serve until the block ends."""
    server = StandIn()
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
