"""DOORS, AI proxy: refusals as OpenAI spells errors, with Coffer's codes.

The official clients try again what is said to be worth it: too many requests, and what broke. What
only credits can mend is told with `x-should-retry: false`, so that nobody tries for ever.
"""

from __future__ import annotations

from app.domain.refusals import (
    AiNotConfigured,
    InvalidRequest,
    RateLimited,
    Refusal,
    Unauthenticated,
    UpstreamRefused,
)
from app.web.api.writing import JSON_TYPE, PRIVATE, Plain, to_json
from app.web.problems import TooLarge, headers_of, status_of

BAD_REQUEST, PAYMENT, SERVER = 400, 402, 500
NO_USE = ("x-should-retry", "false")


def refuse(refusal: Refusal) -> Plain:
    """Make the answer that carries a refusal."""
    status = _status(refusal)
    error = {
        **refusal.facts,
        "message": refusal.detail,
        "type": _type(refusal, status),
        "param": refusal.errors[0][0]
        if isinstance(refusal, InvalidRequest) and refusal.errors
        else None,
        "code": refusal.code,
    }
    if isinstance(refusal, UpstreamRefused):
        error |= error.pop("error") | {"message": refusal.detail}
        error["code"] = error["code"] or refusal.code
    headers = [JSON_TYPE, *PRIVATE, *headers_of(refusal)]
    if status == PAYMENT or isinstance(refusal, AiNotConfigured):
        headers.append(NO_USE)
    return status, headers, to_json({"error": error})


def _status(refusal: Refusal) -> int:
    """As everywhere, but what OpenAI calls a bad request."""
    if isinstance(refusal, InvalidRequest) and not isinstance(refusal, TooLarge):
        return BAD_REQUEST
    return status_of(refusal)


def _type(refusal: Refusal, status: int) -> str:
    if isinstance(refusal, RateLimited):
        return "rate_limit_error"
    if isinstance(refusal, Unauthenticated):
        return "authentication_error"
    if status == PAYMENT:
        return "billing_error"
    return "api_error" if status >= SERVER else "invalid_request_error"
