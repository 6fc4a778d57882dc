"""The stand-in's HTTP: who asks, and the faults of the way."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from plugins.billing_stripe.stand_in.account import Account
from plugins.billing_stripe.stand_in.idempotency import Answer, Memory
from plugins.billing_stripe.stand_in.routes import worked
from plugins.billing_stripe.stand_in.wire import Json, Refused, form_of


class StandIn:
    """A server on this machine; use it in a `with` statement. `account` gives one of its own."""

    def __init__(self) -> None:
        self._accounts: dict[str, tuple[Account, Memory]] = {}
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.stand_in = self
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> StandIn:
        work = {"poll_interval": 0.01}
        threading.Thread(target=self._http.serve_forever, kwargs=work, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def account(
        self, secret_key: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> Account:
        """Open an account for a secret key."""
        self._accounts[secret_key] = Account(now), Memory()
        return self._accounts[secret_key][0]

    def forget_keys(self, secret_key: str) -> None:
        """Forget idempotency keys, as Stripe does after a day or more."""
        self._accounts[secret_key][1].clear()

    def of(self, authorization: str) -> tuple[Account, Memory]:
        """Give the account of whoever asks, or refuse."""
        found = self._accounts.get(authorization.removeprefix("Bearer "))
        if found is None:
            raise Refused(401, message="Invalid API Key provided")
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing of a client that no longer waits; that is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve("GET", form_of(urlsplit(self.path).query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._serve("POST", form_of(body.decode()))

    def log_message(self, *_: Any) -> None:  # noqa: ANN401
        """Say nothing: tests look at an account's `requests`."""

    def _serve(self, method: str, given: Json) -> None:
        try:
            account, memory = self.server.stand_in.of(self.headers.get("Authorization", ""))
        except Refused as refused:
            self._send(refused.status, refused.body, {})
            return
        answer = self._answer(account, memory, method, given)
        if answer is None:
            self.close_connection = True
            return
        self._send(*answer)

    def _answer(self, account: Account, memory: Memory, method: str, given: Json) -> Answer | None:
        """Answer, or give None where the answer gets lost."""
        path = urlsplit(self.path).path
        if account.is_away:
            return None
        if account.failures:
            return account.failures.pop(0)
        account.requests.append((method, path, given))
        key = self.headers.get("Idempotency-Key") if method == "POST" else None
        answer = memory.answer(key, (path, given), lambda: worked(account, method, path, given))
        if account.answers_to_lose and method == "POST":
            account.answers_to_lose -= 1
            return None
        time.sleep(account.seconds_of_delay)
        return answer

    def _send(self, status: int, body: Json, headers: dict[str, str]) -> None:
        content = json.dumps(body, indent=2).encode()
        self.send_response(status)
        for name, value in {"Request-Id": "req_stand_in", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
