"""Refusals: every way in which Coffer says no, each with the stable code that clients read.

A refusal changes nothing. Its `detail` is one sentence for a person; its `facts` are the
figures that a program needs. Which HTTP status goes with which refusal is the web room's table.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Base of all refusals. `facts` are JSON-able figures, instants as `datetime`."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: Any) -> None:  # noqa: ANN401
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class InvalidRequest(Refusal):
    """The request itself is wrong: a field is missing, of the wrong type, out of range, unknown."""

    code, title = "invalid_request", "The request is not valid"

    def __init__(self, detail: str, errors: list[tuple[str, str]] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or []

    @classmethod
    def of(cls, field: str, message: str) -> InvalidRequest:
        """A request with one wrong field."""
        return cls(message, [(field, message)])


class Unauthenticated(Refusal):
    """Nobody is known to be calling."""

    code, title = "unauthenticated", "Sign in first"


class SsoRequired(Unauthenticated):
    """The person's workspace lets them in through its identity provider only."""

    code, title = "sso_required", "Sign in through your identity provider"


class SignInRefused(Refusal):
    """What an identity provider's answer says can't be believed.

    Why is in the workspace's sign-in records, never in the refusal.
    """

    code, title = "sign_in_refused", "This sign-in can't be accepted"


class Forbidden(Refusal):
    """A member asked for something that their role does not allow."""

    code, title = "forbidden", "Your role does not allow this"


class NotFound(Refusal):
    """It does not exist, or the caller may not know that it does: an outsider sees the same."""

    code, title = "not_found", "Not found"

    def __init__(self, detail: str = "There is nothing here, or you have no access to it.") -> None:
        super().__init__(detail)


class Conflict(Refusal):
    """It can't be done in the present state: the name is taken, the person is a member already."""

    code, title = "conflict", "Not possible in the present state"


class DomainNotVerified(Refusal):
    """DNS doesn't show the domain's record, or gave no answer; `detail` says what it shows."""

    code, title = "domain_not_verified", "The domain is not verified"


class InsufficientCredits(Refusal):
    """The pool can't pay (PRODUCT, The pool, 6): says what is missing and who can top up."""

    code, title = "insufficient_credits", "Not enough credits"

    def __init__(self, available: int, needed: int, renews_at: datetime | None) -> None:
        super().__init__(
            f"This needs {needed} credits and the pool has {available}.",
            available=available,
            needed=needed,
            renews_at=renews_at,
            who_can_top_up=[],
        )


class LimitReached(Refusal):
    """A guard-rail that the owner set on the shared pool was reached."""

    code, title = "limit_reached", "A limit was reached"
    standing: Any = None  # the limit as it stood then: app.domain.limit.Standing


class WorkspaceSuspended(Refusal):
    """The subscription lapsed and the grace period is over: nothing is lost, nobody can spend."""

    code, title = "workspace_suspended", "The workspace is read-only"


class BusinessPlanRequired(Refusal):
    """A workspace needs a Business subscription of its own."""

    code, title = "business_plan_required", "A Business subscription is needed"


class IdempotencyConflict(Refusal):
    """The same idempotency key came with another body (PRODUCT, The pool, 9)."""

    code, title = "idempotency_conflict", "This key was used for another request"


class HoldNotActive(Refusal):
    """The hold was captured, released or expired before; `state` says which."""

    code, title = "hold_not_active", "The hold is no longer active"

    def __init__(self, state: str) -> None:
        super().__init__(f"The hold was {state} before.", state=state)


class RateLimited(Refusal):
    """Too many requests; `retry_after` in seconds says when to come back."""

    code, title = "rate_limited", "Too many requests"

    def __init__(self, retry_after: int, detail: str = "") -> None:
        super().__init__(detail or f"Try again in {retry_after} seconds.", retry_after=retry_after)


class Busy(Refusal):
    """This process handles as much at once as it may; `retry_after` seconds later it may not."""

    code, title = "busy", "Too much at once"

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after=retry_after)


class AiNotConfigured(Refusal):
    """The operator named no server of AI models, so there is none to call."""

    code, title = "ai_not_configured", "AI models are not set up"


class UpstreamFailed(Refusal):
    """The server of AI models could not be reached, broke, or answered with something else."""

    code, title = "upstream_failed", "The AI model could not be asked"


class UpstreamTimedOut(UpstreamFailed):
    """The server of AI models stayed silent, or took longer than a call may."""

    code, title = "upstream_timed_out", "The AI model took too long"


class UpstreamRefused(Refusal):
    """The server of AI models found the request wrong; `error` is what it says of it."""

    code, title = "upstream_refused", "The AI model refused the request"


class RefusedByPlugin(Refusal):
    """A plugin's decider said no; `plugin` and `reason` say who and why."""

    code, title = "refused_by_plugin", "A plugin refused this"
