"""Problems: the ONE table from refusals to HTTP statuses, and problem+json (RFC 9457).

Pages read the status from here too; only the API shows a problem as JSON.
"""

from __future__ import annotations

from typing import Any

from app.domain.refusals import (
    AiNotConfigured,
    BusinessPlanRequired,
    Busy,
    Conflict,
    DomainNotVerified,
    Forbidden,
    HoldNotActive,
    IdempotencyConflict,
    InsufficientCredits,
    InvalidRequest,
    LimitReached,
    NotFound,
    RateLimited,
    Refusal,
    RefusedByPlugin,
    SignInRefused,
    SsoRequired,
    Unauthenticated,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamTimedOut,
    WorkspaceSuspended,
)

MEDIA_TYPE = "application/problem+json"
DOCUMENTED_AT = "/api/docs"


class NotJson(InvalidRequest):
    """The body can't be read as JSON at all."""


class TooLarge(InvalidRequest):
    """The body is longer than this address accepts."""


class WrongMediaType(InvalidRequest):
    """The body is said to be something else than JSON."""


class NotAcceptable(Refusal):
    """The client asks for a format that this address doesn't speak."""

    code, title = "not_acceptable", "Not available in this format"


class MethodNotAllowed(Refusal):
    """The address exists, but not for this method; `allow` lists those it has."""

    code, title = "method_not_allowed", "Method not allowed"

    def __init__(self, method: str, allow: list[str]) -> None:
        super().__init__(f"{method} is not possible here; use {' or '.join(allow)}.", allow=allow)


class InternalError(Refusal):
    """Something broke. What it was stands in the log, not in the answer."""

    code, title = "internal_error", "Something went wrong on our side"

    def __init__(self) -> None:
        super().__init__("Nothing was changed by this request, or it can be repeated safely.")


STATUSES: dict[type[Refusal], int] = {
    NotJson: 400,
    Unauthenticated: 401,
    SsoRequired: 401,
    InsufficientCredits: 402,
    LimitReached: 402,
    WorkspaceSuspended: 402,
    BusinessPlanRequired: 402,
    Forbidden: 403,
    RefusedByPlugin: 403,
    SignInRefused: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    Conflict: 409,
    DomainNotVerified: 409,
    HoldNotActive: 409,
    TooLarge: 413,
    WrongMediaType: 415,
    InvalidRequest: 422,
    IdempotencyConflict: 422,
    UpstreamRefused: 400,
    RateLimited: 429,
    InternalError: 500,
    UpstreamFailed: 502,
    AiNotConfigured: 503,
    Busy: 503,
    UpstreamTimedOut: 504,
}


def status_of(refusal: Refusal | type[Refusal]) -> int:
    """Look up the HTTP status; a refusal without a line of its own takes its base's."""
    kind = refusal if isinstance(refusal, type) else type(refusal)
    return next(STATUSES[base] for base in kind.__mro__ if base in STATUSES)


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """Spell a refusal as a problem; its facts stand beside the standard members."""
    problem = {
        **refusal.facts,
        "type": f"{DOCUMENTED_AT}#problem-{refusal.code}",
        "title": refusal.title,
        "status": status_of(refusal),
        "detail": refusal.detail,
        "code": refusal.code,
    }
    if isinstance(refusal, InvalidRequest):
        problem["errors"] = [
            {"field": field, "message": message} for field, message in refusal.errors
        ]
    return problem


def headers_of(refusal: Refusal) -> list[tuple[str, str]]:
    """List the headers that HTTP wants beside certain statuses."""
    match refusal:
        case Unauthenticated():
            return [("WWW-Authenticate", 'Bearer realm="Coffer"')]
        case RateLimited(facts={"retry_after": seconds}) | Busy(facts={"retry_after": seconds}):
            return [("Retry-After", str(seconds))]
        case MethodNotAllowed(facts={"allow": methods}):
            return [("Allow", ", ".join(methods))]
        case _:
            return []
