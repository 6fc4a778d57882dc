"""VERBS: make Coffer's side of one identity provider: its addresses, its key, its secrets."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from app.domain.refusals import Conflict
from app.hookspecs import IdentityProvider, OurSide
from app.services.plugins.installed import lent
from app.services.sealing import SealBroken, seal, unseal
from app.store.identity_providers import IdentityProviderRow

KEY_BITS = 3072
KEY_YEARS = 10
ID_BYTES = 12


class OwnKey(NamedTuple):
    """A private key and its certificate, as PEM."""

    private: str
    certificate: str


def new_public_id() -> str:
    """Make an id for addresses: it never changes, says nothing, and is never used again."""
    return secrets.token_hex(ID_BYTES)


def new_key(public_id: str, now: datetime) -> OwnKey:
    """Make a key for one identity provider, with a certificate that it signs itself."""
    key = rsa.generate_private_key(65537, KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Coffer {public_id}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * KEY_YEARS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return OwnKey(private.decode(), public.decode())


def sealed_with(public_id: str, private_key: str, hidden: Mapping[str, Any]) -> str:
    """Seal the private key and the values that are secret."""
    return seal(json.dumps({"key": private_key, "values": dict(hidden)}), _about(public_id))


def unsealed(row: IdentityProviderRow) -> tuple[str, dict[str, Any]]:
    """Read the private key and the secret values; `Conflict` if they can no longer be read."""
    try:
        found = json.loads(unseal(row.sealed, _about(row.public_id)))
    except SealBroken:
        raise Conflict(
            "The key of this identity provider can't be read any more, because the installation's "
            "secret was changed. Remove the identity provider and add it again."
        ) from None
    return found["key"], found["values"]


def addresses_of(public_id: str) -> dict[str, str]:
    """Spell the addresses of one identity provider, from the portal's public address."""
    base = f"{lent().public_url}/sso/{public_id}"
    return {
        "entity_id": f"{base}/metadata",
        "answer_url": f"{base}/acs",
        "login_url": f"{base}/login",
        "metadata_url": f"{base}/metadata",
        "logout_url": f"{base}/logout",
    }


def our_side(row: IdentityProviderRow) -> OurSide:
    """Our side of an identity provider, with its private key."""
    private_key, _ = unsealed(row)
    return OurSide(
        **addresses_of(row.public_id), private_key=private_key, certificate=row.our_certificate
    )


def as_contract(row: IdentityProviderRow) -> IdentityProvider:
    """The identity provider as handlers know it."""
    private_key, hidden = unsealed(row)
    ours = OurSide(
        **addresses_of(row.public_id), private_key=private_key, certificate=row.our_certificate
    )
    return IdentityProvider(ours, row.document, {**row.values, **hidden}, row.unsolicited)


def _about(public_id: str) -> str:
    return f"identity provider {public_id}"
