"""VERBS: show an administrator all that there is to know of an identity provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.refusals import NotFound
from app.domain.role import Access
from app.hookspecs import Certificate, Published, SettingField
from app.services.sso.handlers import HandlerFailed, handler_named, handlers
from app.services.sso.our_side import addresses_of
from app.services.sso.publish import told
from app.services.sso.record import latest_test_of
from app.services.sso.set_up import provider_of, understood_of
from app.store.accounts import account_by_slug
from app.store.identity_providers import IdentityProviderRow, identity_providers_of
from app.store.sso_records import SsoRecord


@dataclass(frozen=True, slots=True)
class ProviderView:
    """An identity provider as its administrators see it. `missing` says why it can't be used.

    `fields` are the handler's, each with its value; those that are secret have none. `unsolicited`
    says whether its protocol knows sign-ins that begin at the other side.
    """

    row: IdentityProviderRow
    title: str
    document_name: str
    fields: Sequence[tuple[SettingField, Any]]
    told: Published | None
    certificates: tuple[Certificate, ...]
    test: SsoRecord | None
    missing: str | None = None
    unsolicited: bool = False


def choices(now: datetime) -> list[tuple[str, str]]:
    """List the protocols that an administrator may choose, as keys and titles."""
    return [(key, brought.handler.title) for key, brought in handlers(now).items()]


def show_provider(access: Access, public_id: str, now: datetime) -> ProviderView:
    """Show one of the workspace's identity providers; `NotFound` for others."""
    row = provider_of(access, public_id)
    certificates, test = understood_of(row).certificates, latest_test_of(row)
    try:
        handler = handler_named(row.handler, now).handler
        published = told(row, now)
    except (HandlerFailed, NotFound) as failure:
        missing = f"{failure} Ask the operator to switch it on."
        return ProviderView(row, row.handler, "document", (), None, certificates, test, missing)
    fields = [
        (field, "" if field.kind == "secret" else row.values.get(field.name, field.default))
        for field in handler.fields
    ]
    names = handler.title, handler.document_name
    can = bool(handler.unsolicited)
    return ProviderView(row, *names, fields, published, certificates, test, unsolicited=can)


def shown_to_operator(slug: str) -> list[dict[str, Any]]:
    """What the other side needs of each of a workspace's identity providers, as plain values."""
    account = account_by_slug(slug)
    if account is None:
        raise NotFound(f"There is no account {slug}.")
    return [as_told(row) for row in identity_providers_of(account.id)]


def as_told(row: IdentityProviderRow) -> dict[str, Any]:
    """What the other side needs of one, as plain values."""
    addresses = addresses_of(row.public_id)
    return {
        "id": row.public_id,
        "handler": row.handler,
        "name": row.name,
        "on": row.is_on,
        "allow_unsolicited": row.unsolicited,
        "entity_id": addresses["entity_id"],
        "acs_url": addresses["answer_url"],
        "redirect_uri": addresses["answer_url"],
        "login_url": addresses["login_url"],
        "metadata_url": addresses["metadata_url"],
        "logout_url": addresses["logout_url"],
    }
