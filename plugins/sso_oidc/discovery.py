"""The discovery document: what an identity provider publishes about itself.

Source of the rules: OpenID Connect Discovery 1.0, sections 3 and 4. One address of ours belongs to
one identity provider, so that answers of one can't be passed off as another's (RFC 9700, 4.4.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

from app.hookspecs import BadDocument
from plugins.sso_oidc.reading import object_in, texts_in

LARGEST = 256 * 1024
LONGEST_URL = 2_000
WELL_KNOWN = "/.well-known/openid-configuration"
# Signatures of a key pair, with SHA-2. Never `none`, never HS…, whose key would be our own secret.
ALGORITHMS = tuple(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512))
CLIENT_AUTH = ("client_secret_basic", "client_secret_post")
OF_ENTRA = ("login.microsoftonline.com", "login.microsoftonline.us", "sts.windows.net")


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is used of it. `says_issuer` promises the issuer with each answer (RFC 9207)."""

    issuer: str
    sign_in: str
    token: str
    keys: str
    userinfo: str | None
    sign_out: str | None
    client_auth: str
    algorithms: tuple[str, ...]
    says_issuer: bool

    @property
    def address(self) -> str:
        """Where the document has to stand, as the issuer's name says."""
        return well_known(self.issuer)

    @property
    def is_entra(self) -> bool:
        """Whether it is Microsoft Entra ID, which says its own way that addresses are proven."""
        return urlsplit(self.issuer).hostname in OF_ENTRA


def well_known(typed: str) -> str:
    """Make the document's address of what was typed: an issuer, its host, or the address."""
    url = typed.strip()
    url = url if "://" in url else f"https://{url}"
    return url if WELL_KNOWN in url else url.rstrip("/") + WELL_KNOWN


def read_discovery(document: str) -> Discovery:
    """Read the document, or raise `BadDocument` with a sentence."""
    found = object_in(document) if len(document) <= LARGEST else None
    if found is None or "issuer" not in found:
        raise BadDocument(
            "This is no discovery document. Give the JSON that your identity provider shows at "
            f"its address with {WELL_KNOWN} at the end."
        )
    issuer = _issuer(found)
    return Discovery(
        issuer=issuer,
        sign_in=_address(found, "authorization_endpoint", issuer),
        token=_address(found, "token_endpoint", issuer),
        keys=_address(found, "jwks_uri", issuer),
        userinfo=_perhaps(found, "userinfo_endpoint", issuer),
        sign_out=_perhaps(found, "end_session_endpoint", issuer),
        client_auth=_client_auth(found),
        algorithms=_algorithms(found),
        says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _issuer(found: dict[str, Any]) -> str:
    issuer = found["issuer"]
    if isinstance(issuer, str) and "{" in issuer:
        raise BadDocument(
            "This document speaks for the tenants of everybody. Give the address with the ID of "
            "your own tenant, such as https://login.microsoftonline.com/<tenant ID>/v2.0."
        )
    if not _is_address(issuer) or "?" in issuer:
        _wrong("issuer")
    return str(issuer)


def _address(found: dict[str, Any], name: str, issuer: str) -> str:
    url = found.get(name)
    if not _is_address(url):
        _wrong(name)
    if urlsplit(issuer).scheme == "https" and not str(url).startswith("https://"):
        raise BadDocument(f"The document's {name} must begin with https://.")
    return str(url)


def _perhaps(found: dict[str, Any], name: str, issuer: str) -> str | None:
    return _address(found, name, issuer) if found.get(name) else None


def _is_address(url: object) -> bool:
    if not isinstance(url, str) or len(url) > LONGEST_URL or not url.isascii():
        return False
    if not url.isprintable() or set(url) & set(' #\\"<>'):
        return False
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and has_port
        and (parts.username is None and parts.password is None)
    )


def _client_auth(found: dict[str, Any]) -> str:
    """How we prove ourselves: without a word about it, it is `client_secret_basic`."""
    name = "token_endpoint_auth_methods_supported"
    offered = texts_in(found[name]) if name in found else CLIENT_AUTH[:1]
    known = [each for each in CLIENT_AUTH if each in offered]
    if not known:
        raise BadDocument(
            "This identity provider takes no client secret: its token_endpoint_auth_methods_"
            "supported lists neither client_secret_basic nor client_secret_post."
        )
    return known[0]


def _algorithms(found: dict[str, Any]) -> tuple[str, ...]:
    name = "id_token_signing_alg_values_supported"
    offered = texts_in(found[name]) if name in found else ALGORITHMS[:1]
    known = tuple(each for each in ALGORITHMS if each in offered)
    if not known:
        raise BadDocument(
            "This identity provider signs in no way that is accepted. Its "
            f"{name} must list one of {', '.join(ALGORITHMS)}."
        )
    if "response_types_supported" in found and "code" not in _response_types(found):
        raise BadDocument("This identity provider lacks the authorization code flow.")
    return known


def _response_types(found: dict[str, Any]) -> tuple[str, ...]:
    return texts_in(found["response_types_supported"])


def _wrong(name: str) -> NoReturn:
    raise BadDocument(f"The document's {name} is no address that can be used.")
