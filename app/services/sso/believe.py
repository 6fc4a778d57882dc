"""VERBS: what Coffer itself checks of a proven identity, in the transaction of the sign-in.

An identity provider is believed only about addresses in its workspace's verified domains. That
is asked on every sign-in, before anybody is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.domain_name import domain_of
from app.domain.name import name_from
from app.domain.refusals import InvalidRequest
from app.domain.secret import digest
from app.hookspecs import Check, Once, Proven
from app.services.audit.note import note
from app.services.people.open_person import open_person
from app.services.people.read_address import read_address
from app.services.sso.scim.opened import waits_for_its_owner
from app.store.database import UniqueTaken, add
from app.store.domains import verified_domains_of
from app.store.identities import Identity, identity
from app.store.identity_providers import IdentityProviderRow, identity_provider_by_id
from app.store.people import Person, person_by_email
from app.store.sso_attempts import SsoReplay


class NotBelieved(Exception):  # noqa: N818 - the verb that meets it records and refuses
    """A check of our own failed; those before it passed."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.check = Check(name, passed=False, words=words)


@dataclass(frozen=True, slots=True)
class Whom:
    """Who signs in. `is_link` says that the account is there and not yet linked."""

    person: Person
    is_first: bool = False
    is_link: bool = False


def address_of(proven: Proven) -> str:
    """Read the address, or raise `NotBelieved`."""
    try:
        return read_address(proven.email)
    except InvalidRequest as refusal:
        raise NotBelieved("address", f"“{proven.email}”: {refusal.detail}") from None


def use_once(idp_id: int, once: tuple[Once, ...], now: datetime) -> Check:
    """Use up what may be used once, inside the sign-in's transaction, or raise `NotBelieved`."""
    for each in once:
        try:
            add(SsoReplay(idp_id=idp_id, id_hash=digest(each.id), until=max(each.until, now)))
        except UniqueTaken:
            raise NotBelieved("replay", "This answer was used before.") from None
    return Check("replay", passed=True, words="This answer was not used before.")


def require_domain(row: IdentityProviderRow, email: str) -> Check:
    """Check that the address is in a verified domain of the workspace, or raise `NotBelieved`."""
    domain, verified = domain_of(email), verified_domains_of(row.account_id)
    if domain not in verified:
        known = ", ".join(sorted(verified)) or "none"
        raise NotBelieved(
            "domain",
            f"{domain} is not a verified domain of {row.account.name} (verified: {known}). An "
            "identity provider is believed only about those.",
        )
    words = f"{domain} is a verified domain of {row.account.name}."
    return Check("domain", passed=True, words=words)


def whom(row: IdentityProviderRow, proven: Proven, email: str, now: datetime) -> Whom:
    """Find who it is, or open an account for somebody new; inside a transaction.

    The subject says who it is. An address that an account has already is no proof that the
    account is theirs: that is to be linked by its own password. Only what the workspace's own
    directory opened, and nobody has entered since, is theirs at once.
    """
    known = identity(row.id, proven.subject)
    if known is not None:
        _refuse_operators(known.person)
        known.email, known.last_seen_at = email, now
        return Whom(known.person)
    person = person_by_email(email)
    if person is not None:
        _refuse_operators(person)
        if not waits_for_its_owner(row.account_id, person):
            return Whom(person, is_link=True)
        add_identity(row.id, proven.subject, person.id, email, now)
        return Whom(person)
    person = open_person(email, _name(proven, email), None, now, verified=True)
    add_identity(row.id, proven.subject, person.id, email, now)
    return Whom(person, is_first=True)


def _refuse_operators(person: Person) -> None:
    """Whoever runs a workspace's identity provider must not come to run the installation."""
    if person.is_operator:
        raise NotBelieved(
            "operator",
            f"{person.email} is an operator of this installation. Operators sign in by their "
            "password, whatever an identity provider says.",
        )


def add_identity(idp_id: int, subject: str, person_id: int, email: str, now: datetime) -> None:
    """Note whom an identity provider means by a subject; raises `UniqueTaken`."""
    add(
        Identity(
            idp_id=idp_id,
            subject=subject,
            person_id=person_id,
            email=email,
            created_at=now,
            last_seen_at=now,
        )
    )
    after = {"identity_provider": idp_id, "subject": subject}
    note("sso.linked", _account_of(idp_id), now, about=email, after=after, by=person_id)


def _account_of(idp_id: int) -> int | None:
    row = identity_provider_by_id(idp_id)
    return row.account_id if row else None


def _name(proven: Proven, email: str) -> str:
    try:
        return name_from(proven.name or "")
    except InvalidRequest:
        return email.partition("@")[0][:100]
