"""VERB: warn of certificates of identity providers that end: 30, 7 and 1 days before, once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.domain.role import Right, may
from app.hookspecs import Certificate
from app.services.mail.queue_mail import queue_mail
from app.services.sso.set_up import understood_of
from app.store.accounts import members_of
from app.store.database import UniqueTaken, add, transaction
from app.store.identity_providers import (
    CertificateNotice,
    IdentityProviderRow,
    identity_provider_by_id,
    identity_providers_that_are_on,
    was_noticed,
)

DAYS = (1, 7, 30)


def warn_of_certificates(now: datetime) -> int:
    """Queue the mails that are due; returns how many certificates were warned of.

    A certificate that has a successor, which is good for longer, is not warned of: whoever
    changes certificates publishes the new one beforehand.
    """
    due = [
        (row.id, certificate, days)
        for row in identity_providers_that_are_on()
        for certificate, days in _due(row, now)
    ]
    return sum(_warn(idp_id, certificate, days, now) for idp_id, certificate, days in due)


def last_of_each_purpose(certificates: tuple[Certificate, ...]) -> list[Certificate]:
    """The certificate of each purpose that is good for the longest."""
    last: dict[str, Certificate] = {}
    for each in certificates:
        if each.purpose not in last or each.not_after > last[each.purpose].not_after:
            last[each.purpose] = each
    return list(last.values())


def _due(row: IdentityProviderRow, now: datetime) -> Iterator[tuple[Certificate, int]]:
    for certificate in last_of_each_purpose(understood_of(row).certificates):
        left = certificate.not_after - now
        days = next((days for days in DAYS if timedelta() < left <= timedelta(days=days)), None)
        if days is not None and not was_noticed(row.id, certificate.fingerprint, days):
            yield certificate, days


def _warn(idp_id: int, certificate: Certificate, days: int, now: datetime) -> bool:
    try:
        with transaction():
            row = identity_provider_by_id(idp_id)
            if row is None:
                return False
            add(CertificateNotice(idp_id=idp_id, fingerprint=certificate.fingerprint, days=days))
            _tell(row, certificate, now)
    except UniqueTaken:
        return False
    return True


def _tell(row: IdentityProviderRow, certificate: Certificate, now: datetime) -> None:
    for place in members_of(row.account_id):
        if may(place.role, Right.MANAGE_SSO):
            queue_mail(
                place.person.email,
                "certificate_ends",
                now,
                name=place.person.name,
                workspace=row.account.name,
                slug=row.account.slug,
                provider=row.name,
                subject=certificate.subject,
                at=certificate.not_after,
            )
