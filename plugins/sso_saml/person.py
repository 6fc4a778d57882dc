"""Who an assertion is about: one e-mail address, and a name if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plugins._checks import Checks, shown
from plugins.sso_saml.assertion import Facts
from plugins.sso_saml.names import EMAIL_ADDRESS, UNSPECIFIED

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
EMAIL_NAMES = (
    "email",
    "mail",
    "emailaddress",
    "e-mail",
    "user.email",
    "urn:oid:0.9.2342.19200300.100.1.3",
    f"{_CLAIMS}/emailaddress",
)
NAME_NAMES = (
    "displayname",
    "name",
    "cn",
    "fullname",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "urn:oid:2.5.4.3",
    "http://schemas.microsoft.com/identity/claims/displayname",
)
GIVEN_NAMES = ("firstname", "givenname", "first_name", "urn:oid:2.5.4.42", f"{_CLAIMS}/givenname")
FAMILY_NAMES = ("lastname", "surname", "sn", "last_name", "urn:oid:2.5.4.4", f"{_CLAIMS}/surname")
LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the person."""

    email: str
    name: str | None


def read_person(facts: Facts, values: Mapping[str, str | int | bool], checks: Checks) -> Known:
    """Find the one address and the name; raises `Failed`."""
    sources = _addresses(facts, str(values.get("email_attribute") or ""))
    found = [value for source in sources for value in source]
    checks.require(
        "one_email",
        all(len(source) == 1 for source in sources) and len({each.lower() for each in found}) == 1,
        "The assertion has one e-mail address.",
        f"The assertion must have one e-mail address; it has {len(found)}: {shown(found)}. These "
        f"attributes came: {shown(sorted(facts.attributes))}.",
    )
    email = found[0]
    local, _, domain = email.rpartition("@")
    plain = email.isprintable() and not any(letter.isspace() for letter in email)
    checks.require(
        "email",
        local and domain and plain and len(email) <= LONGEST_EMAIL,
        "The e-mail address can be one.",
        f"{shown(email)} is no e-mail address.",
    )
    return Known(email, _name(facts, str(values.get("name_attribute") or "")))


def _addresses(facts: Facts, chosen: str) -> list[tuple[str, ...]]:
    """The values of each attribute that is said to be the address: the chosen, or all known."""
    if chosen:
        return [facts.attributes.get(chosen, ())]
    found = [values for name, values in facts.attributes.items() if name.lower() in EMAIL_NAMES]
    is_address = facts.name_id_format == EMAIL_ADDRESS or (
        facts.name_id_format == UNSPECIFIED and "@" in facts.name_id
    )
    return found or ([(facts.name_id,)] if is_address else [])


def _name(facts: Facts, chosen: str) -> str | None:
    if chosen:
        return _first(facts, (chosen.lower(),))
    parts = (_first(facts, GIVEN_NAMES), _first(facts, FAMILY_NAMES))
    return _first(facts, NAME_NAMES) or " ".join(part for part in parts if part) or None


def _first(facts: Facts, names: tuple[str, ...]) -> str | None:
    for name, values in facts.attributes.items():
        if name.lower() in names and values:
            return values[0]
    return None
