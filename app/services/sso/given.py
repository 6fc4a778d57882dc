"""VERBS: read what an administrator gives for an identity provider, and ask the handler of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.name import name_from
from app.domain.refusals import InvalidRequest
from app.hookspecs import NotFetched, Understood
from app.services.plugins.installed import lent
from app.services.sso.handlers import Brought, HandlerFailed, ask, handler_named
from app.services.sso.values import Values, values_from
from app.store.identity_providers import IdentityProviderRow

LARGEST_DOCUMENT = 1024 * 1024
NOTHING = Understood("", ())


@dataclass(frozen=True, slots=True)
class Given:
    """What an administrator gives: a document, or the address of one, and values of fields.

    What is None stays as it was.
    """

    name: str | None = None
    document: str | None = None
    document_url: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    unsolicited: bool | None = None
    role_attribute: str | None = None
    role_values: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What was given, read: nothing is understood of a document that is still to come."""

    title: str
    document: str
    values: Values
    understood: Understood


def read_given(
    handler: str, given: Given, before: Mapping[str, Any], document: str, now: datetime
) -> Read:
    """Read it all, outside any transaction; raises `InvalidRequest` with the field."""
    brought = _brought(handler, now)
    values = values_from(brought.handler.fields, given.values, before)
    if given.unsolicited and not brought.handler.unsolicited:
        raise InvalidRequest.of("unsolicited", f"{brought.handler.title} knows no such sign-ins.")
    new, address = _document(brought, given)
    document = new or document
    understood = _understood(brought, document, values) if document else NOTHING
    if address and understood.belongs_at not in ("", address):
        raise InvalidRequest.of(
            "document_url", f"This document belongs at {understood.belongs_at}. Give that address."
        )
    return Read(brought.handler.title, document, values, understood)


def fill(row: IdentityProviderRow, read: Read) -> None:
    """Write into a row what was read."""
    understood = read.understood
    row.document, row.values = read.document, read.values.open
    warnings = [["Note", words] for words in understood.warnings]
    row.facts = [*map(list, understood.facts), *warnings]
    row.certificates = [
        {
            "subject": each.subject,
            "fingerprint": each.fingerprint,
            "not_before": each.not_before.isoformat(),
            "not_after": each.not_after.isoformat(),
            "purpose": each.purpose,
        }
        for each in understood.certificates
    ]


def choose(row: IdentityProviderRow, given: Given) -> None:
    """Write into a row what is Coffer's own matter."""
    if given.name:
        row.name = name_from(given.name)
    if given.unsolicited is not None:
        row.unsolicited = given.unsolicited
    if given.role_attribute is not None:
        row.role_attribute = given.role_attribute.strip()[:200]
    if given.role_values is not None:
        row.role_values = dict(given.role_values)


def _document(brought: Brought, given: Given) -> tuple[str | None, str | None]:
    """The document as text, as it was given, or from its address, which then comes along."""
    address = None
    if given.document and given.document.strip():
        document = given.document
    elif given.document_url and given.document_url.strip():
        document, address = _fetched(brought, given.document_url.strip())
    else:
        return None, None
    if len(document) > LARGEST_DOCUMENT:
        raise InvalidRequest.of("document", "This is larger than 1 MiB.")
    return document, address


def _fetched(brought: Brought, typed: str) -> tuple[str, str]:
    fetch = lent().fetch
    try:
        url = ask(brought, "address", lambda handler: handler.document_address(typed))
        if fetch is None:
            raise NotFetched("Nothing is fetched here.")
        got = fetch(url)
    except (NotFetched, HandlerFailed) as failure:
        raise InvalidRequest.of("document_url", str(failure)) from failure
    if got.status != 200:  # noqa: PLR2004
        raise InvalidRequest.of("document_url", f"The address answered with status {got.status}.")
    return got.body.decode("utf-8", "replace"), url


def _understood(brought: Brought, document: str, values: Values) -> Understood:
    try:
        return ask(brought, "document", lambda one: one.understand(document, values.all))
    except HandlerFailed as failure:
        raise InvalidRequest.of("document", str(failure)) from failure


def _brought(handler: str, now: datetime) -> Brought:
    try:
        return handler_named(handler, now)
    except HandlerFailed as failure:
        raise InvalidRequest.of("handler", str(failure)) from failure
