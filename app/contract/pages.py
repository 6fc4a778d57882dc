"""Pages that a plugin brings under `/plugins/<name>/`, and what the host lends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from app.contract.billing import ProviderEvent
from app.contract.fetching import Fetch, nothing


class StatementFailed(Exception):  # noqa: N818 - said as what it is
    """A statement was refused, or the database could not carry it out; the text says why."""


class Tables(Protocol):
    """The plugin's own tables, whose names begin with the plugin's. SQL takes `:name` values.

    Each call is one transaction. What Coffer's own tables hold is not to be read or written here.
    Instants, booleans and JSON come back as such, on SQLite and PostgreSQL, in every column of
    the result that has the name of a column of the plugin's tables.
    """

    def read(self, sql: str, **values: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401
        """Run one SELECT of at most 10,000 rows, or raise `StatementFailed`."""

    def write(self, *statements: tuple[str, Mapping[str, Any]]) -> int:
        """Run statements in one transaction; returns how many rows they changed.

        Raises `StatementFailed`; then none of them is in effect.
        """


@dataclass(frozen=True, slots=True)
class Host:
    """What Coffer lends a plugin. `public_url` is where the portal is reached, without a slash.

    `fetch` asks addresses that people typed, so that they reach nothing inside.
    """

    public_url: str
    now: Callable[[], datetime]
    tables: Tables
    fetch: Fetch = nothing


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a visitor asks. `account` and `role` are None on an operator's page."""

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    files: Mapping[str, bytes]
    visitor: str
    account: str | None
    role: Literal["owner", "admin", "member"] | None


@dataclass(frozen=True, slots=True)
class Show:
    """Show one of the plugin's templates with these values, within the portal's own page."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    events: tuple[ProviderEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class GoTo:
    """Send the visitor to another page of the plugin, with a sentence on what was done.

    `events` are taken as if the plugin's billing provider had delivered them.
    """

    path: str
    message: str | None = None
    events: tuple[ProviderEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and where it stands in the navigation: with the operator's, or an account's.

    An operator's page is for operators only; an account's page for those who have `least_role`.
    """

    path: str
    title: str
    menu: Literal["operator", "account"]
    answer: Callable[[PageRequest], Show | GoTo]
    least_role: Literal["owner", "admin", "member"] = "owner"
    in_navigation: bool = True
