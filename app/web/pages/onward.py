"""Ways to another site: an identity provider is gone to by an address or by a form."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template

from app.services.sso.landed import PostForm, Redirect
from app.web.headers import CONTENT_SECURITY_POLICY

SEE_OTHER = 303


def send_to(onward: Redirect | PostForm) -> Response:
    """Send the browser there, after a link was followed."""
    if isinstance(onward, PostForm):
        return _form_to(onward)
    return _unkept(make_response(redirect(onward.url, SEE_OTHER)))


def lead_to(onward: Redirect | PostForm, words: str) -> Response:
    """Lead the browser there, after a form was sent: our forms may not lead to other sites."""
    if isinstance(onward, PostForm):
        return _form_to(onward)
    return lead_to_address(onward.url, words, "Go on to your identity provider")


def lead_to_address(url: str, words: str, label: str) -> Response:
    """Lead the browser to an address of another site; `label` is the link for who must click."""
    answer = make_response(render_template("layout/onward.html", url=url, words=words, label=label))
    answer.headers["Refresh"] = f"0; url={url}"
    return _unkept(answer)


def _form_to(onward: PostForm) -> Response:
    parts = urlsplit(onward.url)
    answer = make_response(render_template("sso/post.html", onward=onward))
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action {parts.scheme}://{parts.netloc}"
    )
    return _unkept(answer)


def _unkept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
