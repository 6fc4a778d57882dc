"""A program that receives webhooks: a real HTTP server that checks them with the library."""

import json
import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook


class Receiver:
    """Takes down what came; answers as the path says, or `status`."""

    def __init__(self):
        self.status, self.answer, self.headers = 200, b"taken", {}
        self.requests, self.released = [], threading.Event()
        self.on_request = lambda _: None
        self.url = ""

    @property
    def ids(self):
        """The ids of the events, in the order in which they came."""
        return [headers["webhook-id"] for _, headers, _ in self.requests]

    @property
    def bodies(self):
        return [json.loads(body) for _, _, body in self.requests]

    def checked(self, secret):
        """What came last, as the library reads it with that secret."""
        _, headers, body = self.requests[-1]
        return Webhook(secret).verify(body, headers)

    def take(self, handler):
        length = int(handler.headers["Content-Length"])
        body = handler.rfile.read(length)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append((handler.path, headers, body))
        self.on_request(handler)
        match handler.path:
            case "/hang":
                self.released.wait(20)
            case "/reset":
                linger = struct.pack("ii", 1, 0)
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                handler.close_connection = True
                return
            case "/trickle":
                while not self.released.wait(0.02):
                    handler.wfile.write(b"H")
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(self.answer)))
        handler.end_headers()
        handler.wfile.write(self.answer)


@contextmanager
def receiving():
    """Run a receiver on the loopback interface."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            try:
                receiver.take(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        receiver.url = f"http://127.0.0.1:{server.server_port}/"
        yield receiver
        receiver.released.set()
        server.shutdown()
