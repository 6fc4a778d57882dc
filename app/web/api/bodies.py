"""DOORS, API: what requests carry, in the body and in the query."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from app.domain.refusals import InvalidRequest
from app.web.api.reading import refusal_of
from app.web.api.values import (
    Action,
    Amount,
    Body,
    Email,
    Instant,
    Key,
    Line,
    Metadata,
    Name,
    Quantity,
    Query,
    Reason,
    Reference,
    Seconds,
    Slug,
    Text,
)

MOST_DEDUCTIONS = 10_000
MOST_INVITED = 1000
MEMBER_OR_ADMIN = Literal["admin", "member"]


class NewDeduction(Body):
    """An action to pay for.

    A service token names the account and the member. A personal token acts as its person, an app
    key as its app: they may leave out what they can't choose.
    """

    account: Slug | None = Field(None, description="slug of the account whose pool pays")
    member: Email | None = Field(None, description="e-mail of the acting member")
    app: Reference | None = Field(None, description="the app it is for", examples=["app_12"])
    action: Action = Field(description="key of a billable action", examples=["generate.standard"])
    quantity: Quantity = 1
    metadata: Metadata = Field(default_factory=dict, description="kept with the transaction")


class NumberedDeduction(NewDeduction):
    """One line of a batch, with the idempotency key of its own."""

    idempotency_key: Key


def _line_of_batch(
    given: object, read: ValidatorFunctionWrapHandler
) -> NumberedDeduction | InvalidRequest:
    """A line that can't be read becomes its own refusal and doesn't disturb the rest."""
    try:
        line: NumberedDeduction = read(given)
    except ValidationError as error:
        return refusal_of(error)
    return line


class NewBatch(Body):
    """Many deductions at once, of one or several accounts."""

    deductions: list[Annotated[NumberedDeduction, WrapValidator(_line_of_batch)]] = Field(
        min_length=1, max_length=MOST_DEDUCTIONS
    )

    @property
    def lines(self) -> list[NumberedDeduction | InvalidRequest]:
        """The lines as they were read: each a deduction or the reason why it is none."""
        return list(self.deductions)


class NewHold(NewDeduction):
    """An action that starts: its credits are set aside."""

    expires_in: Seconds = Field(900, description="seconds until the hold lets go by itself")


class CaptureBody(Body):
    """How much of a hold to take; all of it when nothing is said."""

    credits: Amount | None = Field(None, description="at most what is held; the rest is released")


class ReleaseBody(Body):
    """Nothing needs to be said."""


class ExtendBody(Body):
    """How much longer a hold is needed."""

    expires_in: Seconds = Field(900, description="seconds from now until the hold lets go")


class RefundBody(Body):
    """How much to give back; all that is not yet refunded when nothing is said."""

    credits: Amount | None = None
    reason: Reason = Field("", description="why; shown in the history")


class NewWorkspace(Body):
    """A workspace to open."""

    name: Name
    slug: Slug | None = Field(None, description="made from the name when left out")
    owner: Email | None = Field(None, description="for service tokens: e-mail of the owner")


class WorkspaceChange(Body):
    """A new name, a new slug, or both."""

    name: Name | None = None
    slug: Slug | None = None

    @model_validator(mode="after")
    def _says_something(self) -> WorkspaceChange:
        if not self.model_fields_set:
            raise ValueError("send at least one of name, slug")
        return self


class RoleChange(Body):
    """The role that a member shall have. Ownership is transferred in the pages."""

    role: MEMBER_OR_ADMIN


class NewInvitations(Body):
    """Addresses to invite, all with the same role."""

    emails: list[Line] = Field(min_length=1, max_length=MOST_INVITED)
    role: MEMBER_OR_ADMIN = "member"


class NewDomain(Body):
    """A domain to add."""

    domain: Annotated[Line, Field(min_length=1, max_length=254)] = Field(examples=["acme.com"])


class DomainChange(Body):
    """The role of those who join by the domain: never owner, never admin."""

    default_role: Literal["owner", "admin", "member"] = Field(description="only `member`")


class NewApp(Body):
    """An app to create."""

    name: Name
    description: Text = ""


class AppChange(Body):
    """A new name, a new description, or both."""

    name: Name | None = None
    description: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> AppChange:
        if not self.model_fields_set:
            raise ValueError("send at least one of name, description")
        return self


class Transfer(Body):
    """Where an app goes."""

    to: Slug = Field(description="slug of the account that gets it")


class Nothing(Query):
    """No parameters."""


class Listed(Query):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Line, Field(max_length=300)] | None = Field(
        None, description="`next` of the page before"
    )


class AppsListed(Listed):
    """Which apps."""

    search: Annotated[Line, Field(max_length=100)] | None = Field(
        None, description="part of a name or description"
    )


class MembersListed(Listed):
    """Which members."""

    search: Annotated[Line, Field(max_length=100)] | None = Field(
        None, description="part of a name or an e-mail"
    )


class PoolAt(Query):
    """Which instant."""

    at: Instant | None = Field(None, description="a past instant; now when left out")


class TransactionsListed(Listed):
    """Which transactions."""

    member: Email | None = None
    app: Reference | None = None
    action: Action | None = None
    kind: Literal["allocation", "top_up", "deduction", "refund", "expiry", "adjustment"] | None = (
        None
    )
    since: Instant | None = Field(None, description="the first instant that counts")
    until: Instant | None = Field(None, description="the first instant that no longer counts")


class AuditListed(Listed):
    """Which changes."""

    person: Annotated[Line, Field(max_length=254)] | None = Field(
        None, description="an e-mail address, or part of a name"
    )
    kind: Annotated[Line, Field(max_length=80)] | None = Field(
        None, description="a kind, or what stands before its point: `member`, `sso`, …"
    )
    text: Annotated[Line, Field(max_length=100)] | None = Field(
        None, description="part of what it is about, of before, after or the address"
    )
    since: Instant | None = Field(None, description="the first instant that counts")
    until: Instant | None = Field(None, description="the first instant that no longer counts")


class UsageAsked(Query):
    """Which usage, and by what it is added up."""

    by: Literal["member", "app", "action", "day"] = "member"
    since: Instant | None = Field(None, description="days from this instant's on")
    until: Instant | None = Field(None, description="days that began before this instant")
