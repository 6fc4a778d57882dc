"""DOORS, security headers: what every answer tells the browser to refuse."""

from __future__ import annotations

from flask import Flask, Response

from app.web.isolation import is_site

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
A_YEAR = "max-age=31536000"


def protect(app: Flask, *, https: bool) -> None:
    """Set the headers on every answer of the portal that does not bring its own."""
    headers = HEADERS | ({"Strict-Transport-Security": A_YEAR} if https else {})

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in ({} if is_site() else headers).items():
            response.headers.setdefault(name, value)
        return response
