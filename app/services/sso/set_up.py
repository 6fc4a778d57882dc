"""VERBS: add an identity provider to a workspace, edit it, switch it on and off, remove it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from app.domain.audit_line import changes
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.role import Access, Right
from app.domain.secret import digest
from app.hookspecs import Certificate, Understood
from app.services.audit.note import note
from app.services.sso.given import Given, Read, choose, fill, read_given
from app.services.sso.our_side import new_key, new_public_id, sealed_with, unsealed
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import account_by_id
from app.store.database import add, transaction
from app.store.identities import count_identities, delete_identities
from app.store.identity_providers import (
    IdentityProviderRow,
    count_identity_providers,
    delete_certificate_notices,
    delete_identity_provider,
    identity_provider,
    identity_providers_of,
    lock_identity_provider,
    required_sso,
)
from app.store.sso_attempts import delete_on_their_way
from app.store.sso_records import delete_records

MOST = 20
_LAST_ONE = (
    "Members have to sign in through this identity provider. Stop requiring it first, or add "
    "another and switch that on."
)


def providers_of(access: Access) -> list[IdentityProviderRow]:
    """List the identity providers of a workspace."""
    access.require(Right.MANAGE_SSO)
    return identity_providers_of(access.account_id)


def provider_of(access: Access, public_id: str) -> IdentityProviderRow:
    """Find one of the workspace's identity providers."""
    access.require(Right.MANAGE_SSO)
    row = identity_provider(public_id)
    if row is None or row.account_id != access.account_id:
        raise NotFound
    return row


def add_provider(access: Access, handler: str, given: Given, now: datetime) -> IdentityProviderRow:
    """Add an identity provider, which is off until a test sign-in succeeds.

    Its document may come later: the other side may want to know our addresses first.
    """
    access.require(Right.MANAGE_SSO)
    row = _new_row(access.account_id, handler, given, now)
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        require_workspace(account)
        _add(row)
        note("sso.provider_added", access, now, about=row.name, after=audited(row))
    return row


def add_as_operator(
    account_id: int, handler: str, given: Given, now: datetime
) -> IdentityProviderRow:
    """Add an identity provider and switch it on at once: the operator vouches for it."""
    account = account_by_id(account_id)
    if account is None or account.deleted_at is not None:
        raise NotFound
    require_workspace(account)
    row = _new_row(account_id, handler, given, now)
    if not row.document:
        raise InvalidRequest.of("document", "Give what the identity provider publishes.")
    row.is_on, row.tested_at = True, now
    with transaction():
        _add(row)
        note("sso.provider_added", account_id, now, about=row.name, after=audited(row))
    return row


def edit_provider(
    access: Access, public_id: str, given: Given, now: datetime
) -> IdentityProviderRow:
    """Change an identity provider. What was tested has to be tested anew before switching on."""
    row = provider_of(access, public_id)
    private_key, hidden = unsealed(row)
    read = read_given(row.handler, given, {**row.values, **hidden}, row.document, now)
    is_other = (read.document, read.values.all) != (row.document, {**row.values, **hidden})
    with transaction():
        present_access(access, Right.MANAGE_SSO)
        row = _locked(access, row.id)
        before = audited(row)
        fill(row, read)
        row.sealed = sealed_with(row.public_id, private_key, read.values.hidden)
        row.document_url = given.document_url or (None if given.document else row.document_url)
        row.tested_at = None if is_other else row.tested_at
        choose(row, given)
        was, now_is = changes(before, audited(row))
        note("sso.provider_edited", access, now, about=row.name, before=was, after=now_is)
    return row


def switch_on(access: Access, public_id: str) -> IdentityProviderRow:
    """Switch an identity provider on, once a test sign-in through it succeeded."""
    row = provider_of(access, public_id)
    with transaction():
        present_access(access, Right.MANAGE_SSO)
        row = _locked(access, row.id)
        if row.tested_at is None:
            raise Conflict("Test it first: sign in through it once, as it is set up now.")
        row.is_on = True
        note("sso.provider_on", access, about=row.name)
    return row


def switch_off(access: Access, public_id: str) -> IdentityProviderRow:
    """Switch an identity provider off: nobody signs in through it; who is signed in stays so."""
    row = provider_of(access, public_id)
    with transaction():
        present_access(access, Right.MANAGE_SSO)
        row = _locked(access, row.id)
        _refuse_the_last(row)
        row.is_on = False
        note("sso.provider_off", access, about=row.name)
    return row


def remove_provider(access: Access, public_id: str) -> None:
    """Remove an identity provider with its identities, records, and the sessions it began."""
    row = provider_of(access, public_id)
    with transaction():
        present_access(access, Right.MANAGE_SSO)
        row = _locked(access, row.id)
        _refuse_the_last(row)
        note("sso.provider_removed", access, about=row.name, before=audited(row))
        delete_identities(row.id)
        delete_on_their_way(row.id)
        delete_records(row.id)
        delete_certificate_notices(row.id)
        delete_identity_provider(row)


def people_signed_in(access: Access) -> int:
    """Count the people who signed in through the workspace's identity providers."""
    access.require(Right.MANAGE_SSO)
    return count_identities(access.account_id)


def understood_of(row: IdentityProviderRow) -> Understood:
    """What the handler read in the document when it was given."""
    certificates = tuple(
        Certificate(
            each["subject"],
            each["fingerprint"],
            datetime.fromisoformat(each["not_before"]),
            datetime.fromisoformat(each["not_after"]),
            each["purpose"],
        )
        for each in row.certificates
    )
    facts = tuple((words, value) for words, value in row.facts)
    return Understood(row.name, facts, certificates)


def audited(row: IdentityProviderRow) -> dict[str, object]:
    """What the audit log says of an identity provider: nothing of what is hidden."""
    return {
        "id": row.public_id,
        "name": row.name,
        "handler": row.handler,
        "document": digest(row.document)[:16] if row.document else None,
        "document_url": row.document_url,
        "hidden_fields": digest(row.sealed)[:16] if row.sealed else None,
        "values": dict(row.values),
        "certificates": [each["fingerprint"] for each in row.certificates],
        "role_attribute": row.role_attribute,
        "role_values": dict(row.role_values),
        "unsolicited": row.unsolicited,
        "on": row.is_on,
    }


def _new_row(account_id: int, handler: str, given: Given, now: datetime) -> IdentityProviderRow:
    read = read_given(handler, given, {}, "", now)
    public_id = new_public_id()
    key = new_key(public_id, now)
    row = IdentityProviderRow(
        public_id=public_id,
        account_id=account_id,
        handler=handler,
        name=_usual_name(read),
        document_url=given.document_url or None,
        sealed=sealed_with(public_id, key.private, read.values.hidden),
        our_certificate=key.certificate,
        role_attribute="",
        role_values={},
        unsolicited=False,
        is_on=False,
        created_at=now,
    )
    fill(row, read)
    choose(row, given)
    return row


def _usual_name(read: Read) -> str:
    """A name until somebody gives a better one: where the other side lives."""
    name = read.understood.name
    return (urlsplit(name).hostname or name or read.title)[:100]


def _add(row: IdentityProviderRow) -> None:
    if count_identity_providers(row.account_id) >= MOST:
        raise Conflict(f"A workspace has at most {MOST} identity providers.")
    add(row)


def _locked(access: Access, idp_id: int) -> IdentityProviderRow:
    row = lock_identity_provider(idp_id)
    if row is None or row.account_id != access.account_id:
        raise NotFound
    return row


def _refuse_the_last(row: IdentityProviderRow) -> None:
    others = [each for each in identity_providers_of(row.account_id) if each.is_on]
    if row.is_on and required_sso(row.account_id) and len(others) == 1:
        raise Conflict(_LAST_ONE)
