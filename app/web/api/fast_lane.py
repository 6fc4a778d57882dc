"""DOORS, API: the fast lane. The one hot address is answered before Flask sees the request.

Measured, Flask and its routing are most of what a deduction costs. Only the plainest requests
take this lane; whatever is unusual goes on to Flask, and both give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.http import HTTP_STATUS_CODES

from app.web.api.deductions import deduct_door
from app.web.api.operation import PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = f"{PREFIX}/deductions"
LANE = "coffer_fast_lane"
MOST_DIGITS = 9
ROUTE = "coffer.route"
PHRASES = {code: f"{code} {phrase.upper()}" for code, phrase in HTTP_STATUS_CODES.items()}
NAMES = {
    "Authorization": "HTTP_AUTHORIZATION",
    "Idempotency-Key": "HTTP_IDEMPOTENCY_KEY",
    "Content-Type": "CONTENT_TYPE",
}


class FastLane:
    """A WSGI application around another, which is `behind`."""

    def __init__(self, app: Flask, behind: WSGIApplication, largest: int) -> None:
        self.behind = behind
        self._app = app
        self._largest = largest

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a plain deduction; pass everything else on."""
        length = self._plain_length(environ)
        if not length:
            return self.behind(environ, start_response)
        environ[ROUTE] = PATH
        raw = environ["wsgi.input"].read(length)
        with self._app.app_context():
            status, headers, body = deduct_door(raw, _reader(environ))
        start_response(PHRASES[status], [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _plain_length(self, environ: WSGIEnvironment) -> int:
        """The body's length if this is a plain deduction, else 0."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return 0
        length = environ.get("CONTENT_LENGTH") or ""
        plain = length.isascii() and length.isdigit() and len(length) <= MOST_DIGITS
        if not plain or environ.get("QUERY_STRING") or "HTTP_TRANSFER_ENCODING" in environ:
            return 0
        return int(length) if int(length) <= self._largest else 0


def _reader(environ: WSGIEnvironment) -> Callable[[str], str | None]:
    def header(name: str) -> str | None:
        value: str | None = environ.get(NAMES[name])
        return value

    return header
