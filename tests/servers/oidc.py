"""An OpenID provider that somebody else wrote (PyPI's oidc-provider-mock), over HTTP on loopback.

It is a process of its own, and works by the clock of the machine.
"""

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.cli.running import eventually, free_port, status_of

OK = 200


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class OpenIdProvider:
    """Where it is reached."""

    issuer: str

    def register(self, redirect_uri: str, method: str = "client_secret_basic") -> tuple[str, str]:
        """Register an application; gives its id and its secret."""
        body = {"redirect_uris": [redirect_uri], "token_endpoint_auth_method": method}
        made = self._send("/oauth2/clients", json.dumps(body).encode(), "application/json")
        found = json.loads(made.read())
        return found["client_id"], found["client_secret"]

    def sign_in(self, url: str, subject: str) -> str:
        """Sign a person in as the browser does that was sent there; gives where it is sent back."""
        assert url.startswith(self.issuer)
        form = urlencode({"sub": subject}).encode()
        path = url.removeprefix(self.issuer)
        with self._send(path, form, "application/x-www-form-urlencoded") as answer:
            return str(answer.headers["Location"])

    def _send(self, path: str, body: bytes, kind: str) -> Any:
        asked = urllib.request.Request(self.issuer + path, body, {"Content-Type": kind})
        try:
            return urllib.request.build_opener(_Stay).open(asked, timeout=10)
        except urllib.error.HTTPError as answer:
            if answer.code in (302, 303):
                return answer
            raise


@contextmanager
def open_id_provider(
    *, host: str = "127.0.0.1", **people: dict[str, object]
) -> Iterator[OpenIdProvider]:
    """Run one with these people, by subject; it wants applications registered, and nonces."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--host", host, "--port", str(port)]
    command += ["--require-registration", "true", "--require-nonce", "true"]
    for subject, claims in people.items():
        command += ["--user-claims", json.dumps({"sub": subject, **claims})]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            issuer = f"http://{host}:{port}"
            eventually(lambda: status_of(f"{issuer}/jwks") == OK, "the provider answers")
            yield OpenIdProvider(issuer)
        finally:
            process.terminate()
            process.wait(10)
