"""Who an ID token is about: one e-mail address that is proven, a name, and what else it says.

The address stands in the ID token, or else where the identity provider tells of people (userinfo).
It is proven by `email_verified`. Entra ID has no such claim: there `xms_edov` says that the tenant
owns the address's domain. Where neither is said, an administrator may vouch that only they write
addresses into their directory. What is said to be unverified is refused in any case. All this is
about addresses in the workspace's own domains, since Coffer believes nobody about others.

Google signs in whoever has an account there. An address that somebody proved once as a private
person, and kept when they left the company, is told from the company's own by the claim `hd`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins._checks import Checks, Failed, shown
from plugins.sso_oidc.asking import Asking
from plugins.sso_oidc.discovery import Discovery
from plugins.sso_oidc.reading import object_in, texts_in

OK = 200
GOOGLE = "https://accounts.google.com"
LONGEST_EMAIL = 254
LARGEST = 256 * 1024
TRUE: tuple[object, ...] = (True, "true", "True", "1", 1)
# What is for programs alone, and tells an administrator nothing about the person.
NOT_OF_THE_PERSON = frozenset(
    ("iss", "aud", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "jti", "azp", "aio", "rh")
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the person."""

    email: str
    name: str | None


def read_person(
    claims: dict[str, Any],
    discovery: Discovery,
    values: Mapping[str, str | int | bool],
    told: dict[str, Any],
    checks: Checks,
) -> Known:
    """Find the one address and the name; raises `Failed`. `told` is what userinfo says."""
    source = claims if "email" in claims else told
    email = source.get("email")
    checks.require(
        "one_email",
        isinstance(email, str) and email,
        "There is one e-mail address.",
        f"There is no single e-mail address: it is {shown(email)}. These claims came: "
        f"{shown(', '.join(sorted(map(str, claims))))}. Let your identity provider tell the claim "
        "“email” to this application.",
    )
    text = str(email)
    local, _, domain = text.rpartition("@")
    checks.require(
        "email",
        local and domain and _is_plain(text) and len(text) <= LONGEST_EMAIL,
        "The e-mail address can be one.",
        f"{shown(text)} is no e-mail address.",
    )
    _proven(source, claims, discovery, values, checks)
    if discovery.issuer == GOOGLE:
        checks.require(
            "organization",
            isinstance(claims.get("hd"), str) and claims["hd"],
            "The account is managed by an organization at Google.",
            "This is a private account at Google, not one that your organization manages there: "
            "the claim “hd” is missing.",
        )
    return Known(text, _name({**told, **claims}))


def userinfo(
    claims: dict[str, Any],
    discovery: Discovery,
    access_token: str | None,
    asking: Asking,
    checks: Checks,
) -> dict[str, Any]:
    """Ask for the person's address where the ID token has none; raises `Failed`."""
    if "email" in claims or discovery.userinfo is None or access_token is None:
        return {}
    bearer = {"Authorization": f"Bearer {access_token}"}
    answer = asking.ask("userinfo", discovery.userinfo, headers=bearer)
    is_right = answer.status == OK and len(answer.body) <= LARGEST
    found = object_in(answer.body) if is_right else None
    if found is None:
        raise Failed(
            "userinfo",
            "The ID token has no e-mail address, and the identity provider doesn't tell it "
            f"elsewhere: {discovery.userinfo} answered with status {answer.status} and no object.",
        )
    checks.passed("userinfo", "The identity provider told more about the person.")
    checks.require(
        "userinfo_subject",
        found.get("sub") == claims["sub"],
        "That is about the same person.",
        f"That is about {shown(found.get('sub'))}, not about {shown(claims['sub'])}.",
    )
    return found


def attributes_of(claims: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What is said of the person, as texts; of an object what lies in it, such as `a.roles`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in claims.items():
        if name in NOT_OF_THE_PERSON:
            continue
        inner = value.items() if isinstance(value, dict) else ()
        for key, each in ((name, value), *((f"{name}.{key}", each) for key, each in inner)):
            if texts := _texts(each):
                found[key] = texts
    return found


def _proven(
    source: dict[str, Any],
    claims: dict[str, Any],
    discovery: Discovery,
    values: Mapping[str, str | int | bool],
    checks: Checks,
) -> None:
    said, owned = source.get("email_verified"), claims.get("xms_edov")
    if "email_verified" in source:
        holds, by = said in TRUE, "The identity provider verified the address."
    elif discovery.is_entra and "xms_edov" in claims:
        holds, by = owned in TRUE, "The address's domain belongs to the tenant (xms_edov)."
    else:
        holds = values.get("vouched") is True
        by = "An administrator vouches for the addresses in the directory."
    checks.require("email_verified", holds, by, _unproven(said, owned, discovery))


def _unproven(said: object, owned: object, discovery: Discovery) -> str:
    if said is not None or (owned is not None and discovery.is_entra):
        what = f"email_verified is {shown(said)}" if said is not None else f"xms_edov is {owned}"
        return f"The identity provider says that the address is not verified: {what}."
    claim = "optional claim xms_edov" if discovery.is_entra else "claim email_verified"
    return (
        f"Nothing says that the address is verified. Let the identity provider tell the {claim}; "
        "or, if only your administrators write addresses into its directory, say so in the set-up."
    )


def _name(claims: dict[str, Any]) -> str | None:
    parts = [claims.get(name) for name in ("given_name", "family_name")]
    whole = claims.get("name") or " ".join(each for each in parts if isinstance(each, str))
    return whole if isinstance(whole, str) and whole else None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, str | int | float):
        return (str(value),)
    return texts_in(value)


def _is_plain(text: str) -> bool:
    return text.isprintable() and not any(letter.isspace() for letter in text)
