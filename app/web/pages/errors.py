"""Error pages: what was refused, in one sentence, and what to do next."""

from __future__ import annotations

from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.domain.refusals import NotFound, RateLimited, Refusal, Unauthenticated
from app.web.pages.page import pages
from app.web.problems import headers_of, status_of

TITLES = {
    400: "This could not be read",
    404: NotFound.title,
    405: "Not possible here",
    413: "This is too large",
    415: "This could not be read",
    429: "Too many attempts",
    500: "Something went wrong on our side",
}
SENTENCES = {
    404: NotFound().detail,
    405: "This address does not take that kind of request.",
    413: "Send less at once.",
    429: "Wait a minute, then try again.",
    500: "Nothing was changed, or it is safe to try again. The cause is in the operator's log.",
}
PROGRAMS = ("/api/", "/ai/", "/healthz", "/readyz", "/metrics")
SERVER_ERROR = 500
STALE = "This page was open for too long"


def register(app: Flask) -> None:
    """Answer what goes wrong outside our own routes with a page; programs are left alone."""
    app.register_error_handler(HTTPException, _http)


@pages.errorhandler(Refusal)
def refused(refusal: Refusal) -> ResponseReturnValue:
    """Show a refusal."""
    if isinstance(refusal, Unauthenticated):
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.sign_in"))
    return _error(status_of(refusal), refusal.title, refusal.detail, dict(headers_of(refusal)))


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or SERVER_ERROR
    if isinstance(error, CSRFError):
        return _error(code, STALE, "Go back, load the page again and send it once more.")
    if request.path.startswith(PROGRAMS) or error.response is not None:
        return error
    limited = RateLimited(60) if code == status_of(RateLimited) else None
    headers = dict(headers_of(limited)) if limited else {}
    if allowed := getattr(error, "valid_methods", None):
        headers["Allow"] = ", ".join(allowed)
    return _error(code, TITLES.get(code, error.name), SENTENCES.get(code, ""), headers)


def _error(
    status: int, title: str, sentence: str, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    body = render_template("errors/error.html", status=status, title=title, sentence=sentence)
    return body, status, headers or {}
