"""The signature of an ID token, checked by joserfc with a key that is the identity provider's.

Nothing that the token says leads to a key but its `kid`; what it carries along is not looked at.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from plugins._checks import Checks, Failed, shown
from plugins.sso_oidc.asking import Asking
from plugins.sso_oidc.discovery import ALGORITHMS, Discovery
from plugins.sso_oidc.keys import KeyKeeper, KeySet, PublicKey
from plugins.sso_oidc.reading import StrictDecoder, object_in

LONGEST = 64 * 1024
PARTS = 3


class Registry(JWSRegistry):
    """Headers may be longer than usual, since some carry certificates, which are not read."""

    max_header_length = 16 * 1024


@dataclass(frozen=True, slots=True)
class Signed:
    """What an identity provider signed, and by which algorithm."""

    claims: dict[str, Any]
    header: dict[str, Any]

    @property
    def algorithm(self) -> str:
        """Its name, such as RS256."""
        return str(self.header["alg"])


@dataclass(frozen=True, slots=True)
class Signatures:
    """Checks signatures of one identity provider during one sign-in."""

    discovery: Discovery
    keeper: KeyKeeper
    asking: Asking
    now: datetime

    def read(self, token: str, checks: Checks) -> Signed:
        """Check a token's signature and give what it says; raises `Failed`.

        Keys that were kept are fetched anew, once, when none of them fits: they may have changed.
        """
        header = _header(token, checks)
        algorithm = _algorithm(header, self.discovery, checks)
        address, kid = self.discovery.keys, header.get("kid")
        kept = self.keeper.kept(address, self.now)
        if kept is not None and (key := kept.key_for(kid, algorithm)) is not None:
            claims = _verified(token, key, algorithm)
            if claims is not None:
                return _passed(claims, header, checks)
        found = self.keeper.fetched(address, self.asking, self.now)
        claims = _verified(token, _key(found, kid, algorithm, checks), algorithm)
        if claims is None:
            raise Failed(
                "signature",
                "The ID token was not signed with the key that the identity provider publishes, "
                "or was changed since.",
            )
        return _passed(claims, header, checks)


def _passed(claims: dict[str, Any], header: dict[str, Any], checks: Checks) -> Signed:
    checks.passed("key", "The key is among those that the identity provider publishes.")
    checks.passed("signature", "The identity provider signed the ID token.")
    return Signed(claims, header)


def _header(token: str, checks: Checks) -> dict[str, Any]:
    parts = token.split(".")
    header = None
    if len(token) <= LONGEST and token.isascii() and len(parts) == PARTS:
        try:
            header = object_in(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
        except (ValueError, binascii.Error):
            header = None
    checks.require(
        "form",
        header is not None and "alg" in header,
        "There is an ID token in signed form (JWT).",
        "What came as ID token is none: it must be a signed JWT of at most 64 KiB, not encrypted.",
    )
    found = header or {}
    kind = found.get("typ")
    checks.require(
        "type",
        kind is None or (isinstance(kind, str) and kind.upper() == "JWT"),
        "The token is an ID token by its type.",
        f"The token's type is {shown(kind)}, which is no ID token.",
    )
    return found


def _algorithm(header: dict[str, Any], discovery: Discovery, checks: Checks) -> str:
    algorithm = header.get("alg")
    checks.require(
        "algorithm",
        algorithm in ALGORITHMS and algorithm in discovery.algorithms,
        f"It is signed with {algorithm}.",
        f"It is signed with {shown(algorithm)}. Accepted here: {', '.join(discovery.algorithms)}. "
        "Set your identity provider to one of these, or give its discovery document anew.",
    )
    return str(algorithm)


def _key(found: KeySet, kid: object, algorithm: str, checks: Checks) -> PublicKey:
    key = found.key_for(kid, algorithm)
    if key is None:
        raise Failed(
            "key",
            f"The identity provider publishes no key {shown(kid)} for {algorithm}, also not a "
            f"moment ago. It has {shown([each.kid for each in found.keys])}.",
        )
    checks.passed("key", "The key is among those that the identity provider publishes.")
    return key


def _verified(token: str, key: PublicKey, algorithm: str) -> dict[str, Any] | None:
    """What the token says if this key signed it."""
    registry = Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        found = jwt.decode(
            token, key.key, algorithms=[algorithm], registry=registry, decoder_cls=_Decoder
        )
    except (JoseError, ValueError, TypeError, RecursionError):
        return None
    return dict(found.claims)


class _Decoder(StrictDecoder):
    """As joserfc makes it: without arguments, or with those that it has for others."""

    def __init__(self, **_: object) -> None:
        super().__init__()
