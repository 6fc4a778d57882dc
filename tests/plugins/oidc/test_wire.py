"""A provider that is slow, huge, elsewhere or gone: over HTTP, through Coffer's own safe fetch."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from app.hookspecs import Proven
from app.services import fetch_safely
from app.services.fetch_safely import SafeFetch
from plugins.sso_oidc.stand_in import StandIn
from tests.plugins.oidc.trying import Trial, says


class Wire(BaseHTTPRequestHandler):
    """The stand-in behind a socket; one of its doors may misbehave."""

    stand_in: StandIn
    door = how = ""

    def do_GET(self):
        self.answer(None)

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(dict(parse_qsl(text, keep_blank_values=True)))

    def answer(self, form):
        if self.path.endswith(Wire.door) and Wire.how:
            getattr(self, Wire.how)()
        else:
            got = Wire.stand_in(Wire.stand_in.issuer + self.path, form=form, headers=self.headers)
            self.send(got.status, got.body)

    def send(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def moved(self):
        self.send(302, b"", Location=f"{Wire.stand_in.issuer}/elsewhere")

    def huge(self):
        self.send(200, json.dumps({"keys": [], "more": "x" * 2_000_000}).encode())

    def slow(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(50):
            self.wfile.write(b" ")
            time.sleep(0.02)

    def gone(self):
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def trial(monkeypatch):
    """A provider on loopback, and a handler that asks it as Coffer does."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Wire) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = Trial(
            issuer=f"http://127.0.0.1:{server.server_port}",
            fetch=SafeFetch(private=True),
            change_claims=says(email=None, email_verified=None),
            change_userinfo=says(email_verified=True),
        )
        monkeypatch.setattr(Wire, "stand_in", made.stand_in, raising=False)
        monkeypatch.setattr(fetch_safely, "SECONDS", 0.3)
        yield made
        server.shutdown()


def test_all_is_well_over_the_wire(trial):
    assert isinstance(trial.judge(), Proven)
    assert trial.stand_in.asked == ["/token", "/keys", "/userinfo"]


@pytest.mark.parametrize(
    ("door", "how", "check"),
    [
        ("/token", "moved", "redeemed"),
        ("/token", "huge", "token_endpoint"),
        ("/token", "slow", "token_endpoint"),
        ("/token", "gone", "token_endpoint"),
        ("/keys", "moved", "keys"),
        ("/keys", "huge", "keys"),
        ("/keys", "slow", "keys"),
        ("/keys", "gone", "keys"),
        ("/userinfo", "moved", "userinfo"),
        ("/userinfo", "huge", "userinfo"),
        ("/userinfo", "slow", "userinfo"),
        ("/userinfo", "gone", "userinfo"),
    ],
)
def test_a_door_that_misbehaves(trial, monkeypatch, door, how, check):
    monkeypatch.setattr(Wire, "door", door)
    monkeypatch.setattr(Wire, "how", how)
    assert trial.refused().name == check
    assert "/elsewhere" not in trial.stand_in.asked


def test_what_is_inside_is_asked_only_if_the_operator_allows_it(trial):
    trial.handler._judge._fetch = SafeFetch()
    check = trial.refused()
    assert (check.name, "public internet" in check.words) == ("token_endpoint", True)
