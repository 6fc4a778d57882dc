"""An upstream that fails as a test tells it to: what a well-kept server can't be made to do."""

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator


def chunk(text: str | None = None, *, finish: str | None = None, usage=None, **more) -> bytes:
    """One event of a completion."""
    delta = {"role": "assistant", "content": text or ""}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    told = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", **more}
    told["choices"] = [] if usage else [choice]
    if usage:
        told["usage"] = dict(zip(("prompt_tokens", "completion_tokens"), usage, strict=True))
    return f"data: {json.dumps(told)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads the request and lets the test answer."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Keep what was asked, then do as told."""
        self.raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.faulty.asked.append((self.path, dict(self.headers), self.raw))
        with contextlib.suppress(OSError):
            self.server.faulty.act(self)

    def answer(self, status: int, body: bytes, kind="application/json", **headers):
        """Answer whole."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, *pieces: bytes | Callable[[], object], whole=True):
        """Answer in pieces; not `whole`, the connection breaks before the end."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            if callable(piece):
                piece()
            else:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def log_message(self, *args):
        """Say nothing."""


class Faulty:
    """The server: `act` is what it does with a request, `asked` what came."""

    def __init__(self) -> None:
        self.asked = []
        self.act = lambda handler: handler.answer(500, b"{}")
        self.url = ""
        self.server = None


class Server(http.server.ThreadingHTTPServer):
    """Threads die with the tests."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *args):
        """A client that hung up is no error here."""


@contextlib.contextmanager
def running() -> Iterator[Faulty]:
    """Serve on loopback until the end."""
    faulty = Faulty()
    with Server(("127.0.0.1", 0), Handler) as server:
        server.faulty = faulty
        faulty.server = server
        faulty.url = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield faulty
        server.shutdown()
