"""Asking typed addresses: nothing inside is reached, and nothing hangs or floods."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.hookspecs import NotFetched
from app.services import fetch_safely
from app.services.fetch_safely import SafeFetch

INSIDE = [
    "127.0.0.1",
    "localhost",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "[::1]",
    "[fe80::1]",
    "[fd00::1]",
    "[::ffff:127.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]",
    "[::7f00:1]",
    "[fec0::1]",
    "2130706433",
    "0x7f.1",
]


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        match self.path.partition("?")[0]:
            case "/moved":
                self.send_response(302)
                self.send_header("Location", "/")
                self.end_headers()
            case "/huge":
                self.send_response(200)
                self.end_headers()
                for _ in range(40):
                    self.wfile.write(b"x" * 65536)
            case "/slow":
                self.send_response(200)
                self.end_headers()
                for _ in range(50):
                    self.wfile.write(b"x")
                    time.sleep(0.02)
            case _:
                body = f"{self.path} {self.headers['Host']}".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length) + self.headers["Accept"].encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://localhost:{running.server_port}"
        running.shutdown()


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_inside_is_asked(host):
    with pytest.raises(NotFetched, match="public internet"):
        SafeFetch()(f"https://{host}/metadata")


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1"])
def test_an_own_network_has_no_metadata_service(host):
    with pytest.raises(NotFetched, match="public internet"):
        SafeFetch(private=True)(f"http://{host}/latest")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "metadata",
        "ftp://idp.example.com/",
        "file:///etc/passwd",
        "https://",
        "https://user:word@idp.example.com/",
        "https://idp.example.com:99999/",
        "https://idp.example.com/a b",
        "https://idp.example.com/\r\nX: y",
        "https://" + "a" * 3000,
        "https://[::1",
        "https://a..b/",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(NotFetched) as refused:
        SafeFetch(private=True)(url)
    assert str(refused.value).endswith(".")


def test_every_address_of_a_name_is_judged(monkeypatch):
    found = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotFetched, match="public internet"):
        SafeFetch()("https://idp.example.com/")


def test_a_public_server_is_asked_by_tls_only(monkeypatch):
    found = [(0, 0, 0, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotFetched, match="https://"):
        SafeFetch(private=True)("http://idp.example.com/")


def test_an_own_network_is_asked_if_the_operator_says_so(server):
    got = SafeFetch(private=True)(f"{server}/metadata?x=1")
    assert (got.status, got.body.decode()) == (200, f"/metadata?x=1 {server[7:]}")
    with pytest.raises(NotFetched):
        SafeFetch()(f"{server}/metadata")


def test_forms_and_headers_are_sent(server):
    got = SafeFetch(private=True)(
        f"{server}/token", form={"code": "a&b"}, headers={"Accept": "application/json"}
    )
    assert (got.status, got.body) == (201, b"code=a%26bapplication/json")


def test_redirects_are_not_followed(server):
    got = SafeFetch(private=True)(f"{server}/moved")
    assert (got.status, got.headers["location"]) == (302, "/")


def test_a_flood_is_refused(server):
    with pytest.raises(NotFetched, match="1 MiB"):
        SafeFetch(private=True)(f"{server}/huge")


def test_a_trickle_is_refused(server, monkeypatch):
    monkeypatch.setattr(fetch_safely, "SECONDS", 0.2)
    with pytest.raises(NotFetched, match="longer"):
        SafeFetch(private=True)(f"{server}/slow")


def test_nobody_there_is_said(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(NotFetched, match="could not be asked"):
            SafeFetch(private=True)(f"http://localhost:{port}/")
