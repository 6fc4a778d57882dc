"""An identity provider for tries: honest, unless a test changes what it says.

It signs with `cryptography` alone, so that it shares no library with what judges it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from app.hookspecs import Fetched, NotFetched

ISSUER = "https://login.example.com/acme"
CLIENT_ID, CLIENT_SECRET = "coffer:acme/1", "s3cret +/=%"
HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
CURVES: dict[str, tuple[type[ec.EllipticCurve], str, int]] = {
    "ES256": (ec.SECP256R1, "P-256", 32),
    "ES384": (ec.SECP384R1, "P-384", 48),
    "ES512": (ec.SECP521R1, "P-521", 66),
}

Change = Callable[[dict[str, Any]], object]


def same(_: dict[str, Any]) -> None:
    """Change nothing."""


def packed(raw: bytes) -> str:
    """Spell bytes as tokens do."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def spelled(found: object) -> str:
    """Spell an object as tokens do."""
    return packed(json.dumps(found).encode())


class SigningKey:
    """A key pair with its id, and the algorithm that it is for."""

    def __init__(self, kid: str, algorithm: str = "RS256", bits: int = 2048) -> None:
        self.kid, self.algorithm = kid, algorithm
        self.private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        if algorithm in CURVES:
            self.private = ec.generate_private_key(CURVES[algorithm][0]())
        else:
            self.private = rsa.generate_private_key(65537, bits)

    def jwk(self) -> dict[str, Any]:
        """The public half, as it is published."""
        more = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if isinstance(self.private, rsa.RSAPrivateKey):
            numbers = self.private.public_key().public_numbers()
            return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e), **more}
        _, curve, size = CURVES[self.algorithm]
        point = self.private.public_key().public_numbers()
        x, y = _number(point.x, size), _number(point.y, size)
        return {"kty": "EC", "crv": curve, "x": x, "y": y, **more}

    def sign(self, text: bytes, algorithm: str) -> bytes:
        """Sign by an algorithm, which may be another than its own."""
        digest = HASHES[algorithm[2:]]
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private.sign(text, ec.ECDSA(digest)))
            size = CURVES[self.algorithm][2]
            return r.to_bytes(size) + s.to_bytes(size)
        if algorithm.startswith("PS"):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            return self.private.sign(text, pss, digest)
        return self.private.sign(text, padding.PKCS1v15(), digest)


@dataclass
class StandIn:
    """One identity provider with one application. `asked` says what was asked of it, in order."""

    now: datetime
    keys: list[SigningKey]
    redirect_uri: str
    issuer: str = ISSUER
    client_auth: str = "client_secret_basic"
    change_document: Change = same
    change_header: Change = same
    change_claims: Change = same
    change_tokens: Change = same
    change_userinfo: Change = same
    sign: Callable[[bytes, dict[str, Any]], bytes] | None = None
    published: list[SigningKey] | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def document(self) -> str:
        """The discovery document."""
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [key.algorithm for key in self.keys],
            "token_endpoint_auth_methods_supported": [self.client_auth],
            "authorization_response_iss_parameter_supported": True,
        }
        self.change_document(found)
        return json.dumps(found)

    def sign_in(self, url: str, claims: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """Let a person with these claims sign in; gives what their browser brings back."""
        asked = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        assert url.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["redirect_uri"] == self.redirect_uri
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(24)
        self.codes[code] = (asked, dict(claims))
        return (("code", code), ("state", asked["state"]), ("iss", self.issuer))

    def __call__(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Answer as over the wire."""
        place = url.removeprefix(self.issuer)
        self.asked.append(place)
        match place, form is None:
            case "/keys", True:
                keys = self.keys if self.published is None else self.published
                return answered(200, {"keys": [key.jwk() for key in keys]})
            case "/token", False:
                return self._token(form or {}, headers or {})
            case "/userinfo", True:
                return self._userinfo((headers or {}).get("Authorization", ""))
        raise NotFetched(f"There is nothing at {url}.")

    def _token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Fetched:
        if self._client(form, headers) != (CLIENT_ID, CLIENT_SECRET):
            return answered(401, {"error": "invalid_client"})
        asked, claims = self.codes.pop(form.get("code", ""), ({}, {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        is_right = asked and packed(digest) == asked["code_challenge"]
        if not is_right or form.get("redirect_uri") != asked["redirect_uri"]:
            return answered(400, {"error": "invalid_grant", "error_description": "No such code."})
        access = secrets.token_urlsafe(24)
        self.tokens[access] = claims
        said = {"access_token": access, "token_type": "Bearer", "expires_in": 3600}
        said["id_token"] = self.id_token(asked["nonce"], access, claims)
        self.change_tokens(said)
        return answered(200, said)

    def _client(self, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
        if self.client_auth == "client_secret_post":
            return form.get("client_id", ""), form.get("client_secret", "")
        words = headers.get("Authorization", "").removeprefix("Basic ")
        client_id, _, secret = base64.b64decode(words).decode().partition(":")
        return unquote_plus(client_id), unquote_plus(secret)

    def id_token(self, nonce: str, access: str, claims: Mapping[str, Any]) -> str:
        """Sign what is said of a person."""
        key, at = self.keys[0], int(self.now.timestamp())
        half = hashlib.new(f"sha{key.algorithm[2:]}", access.encode()).digest()
        said = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "exp": at + 300,
            "iat": at,
            "nonce": nonce,
            "at_hash": packed(half[: len(half) // 2]),
            "email_verified": True,
            **claims,
        }
        header = {"typ": "JWT", "alg": key.algorithm, "kid": key.kid}
        self.change_claims(said)
        self.change_header(header)
        text = f"{spelled(header)}.{spelled(said)}".encode()
        sign = self.sign or (lambda text, header: key.sign(text, header["alg"]))
        return f"{text.decode()}.{packed(sign(text, header))}"

    def _userinfo(self, bearer: str) -> Fetched:
        claims = self.tokens.get(bearer.removeprefix("Bearer "))
        if claims is None:
            return answered(401, {"error": "invalid_token"})
        said = dict(claims)
        self.change_userinfo(said)
        return answered(200, said)


def answered(status: int, found: object) -> Fetched:
    """An answer as the wire brings it."""
    return Fetched(status, {"content-type": "application/json"}, json.dumps(found).encode())


def with_secret(secret: bytes) -> Callable[[bytes, dict[str, Any]], bytes]:
    """Sign with a secret that both sides have, as HS256 does."""
    return lambda text, _: hmac.new(secret, text, hashlib.sha256).digest()


def query_of(fields: tuple[tuple[str, str], ...]) -> str:
    """Spell fields as a query."""
    return urlencode(fields)


def _number(number: int, size: int | None = None) -> str:
    return packed(number.to_bytes(size or (number.bit_length() + 7) // 8))
