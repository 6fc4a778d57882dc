"""Lines of the audit log, and the chain that binds them: what is sealed, and how it is proven.

A line says by whom, from where, what, at which account, before and after. It carries a mark,
which only who has the installation's secret can make. Later it gets its number in its account's
chain and a seal: a digest over the seal before it, the number, and all that the line says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

INSTALLATION = 0
"""The chain of what concerns no account."""

BEGINNING = "0" * 64
"""What the first line of a chain is bound to."""

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_BROWSER, LONGEST_ABOUT = 200, 45, 200, 300
SECRETS = ("secret", "password", "token_hash", "private_key", "recovery_code")
HIDDEN = "(not shown)"

Facts = Mapping[str, Any]


class Door(StrEnum):
    """Through which door somebody came. What nobody came for happened `within`."""

    PAGE = "page"
    API = "api"
    CLI = "cli"
    SSO = "sso"
    SCIM = "scim"
    EVENT = "event"
    JOB = "job"
    WITHIN = "within"


class Actor(StrEnum):
    """What kind of somebody did it."""

    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    OPERATOR = "operator"
    PLUGIN = "plugin"
    PROVIDER = "provider"
    COFFER = "coffer"


@dataclass(frozen=True, slots=True)
class Origin:
    """By whom and from where. `name` is what they were called then."""

    door: Door = Door.WITHIN
    actor: Actor = Actor.COFFER
    name: str = "Coffer"
    person_id: int | None = None
    token_id: int | None = None
    address: str = ""
    browser: str = ""

    def tidied(self) -> Origin:
        """The same with texts as long as they are kept."""
        return replace(
            self,
            name=tidy(self.name, LONGEST_NAME),
            address=tidy(self.address, LONGEST_ADDRESS),
            browser=tidy(self.browser, LONGEST_BROWSER),
        )


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """All that a line says. `before` and `after` are JSON as it is kept; empty is nothing.

    `nonce` is the line's own, so that no line can pass for another. `at` is aware, in UTC.
    """

    chain: int
    nonce: str
    at: datetime
    kind: str
    actor: str
    actor_name: str
    person_id: int | None
    token_id: int | None
    door: str
    address: str
    browser: str
    about: str
    before: str
    after: str

    def spelled(self) -> bytes:
        """All of it in the one spelling that marks and seals are made of."""
        said = [getattr(self, field.name) for field in fields(self) if field.name != "at"]
        instant = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps([instant, *said], separators=(",", ":")).encode()


def tidy(text: str, longest: int) -> str:
    """A text without letters that can't be kept or shown, and no longer than it may be."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:longest]


def spelled_facts(facts: Facts | None) -> str:
    """Spell what was before or after as JSON, names in order; what is None or secret is left out.

    Nobody is to give a secret here; a name that sounds like one is hidden all the same.
    """
    if not facts:
        return ""
    kept = {name: _kept(name, value) for name, value in sorted(facts.items()) if value is not None}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), default=_spelled)
    return text.encode("utf-8", "replace").decode() if kept else ""


def changes(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    """Of two states only what differs."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


def seal_after(previous: str, seq: int, mark: str, facts: AuditFacts) -> str:
    """The seal of a line that stands at `seq` after the line with the seal `previous`."""
    bound = f"{previous}\n{seq}\n{mark}\n".encode()
    return hashlib.sha256(bound + facts.spelled()).hexdigest()


def spelled_head(chain: int, seq: int, seal: str) -> bytes:
    """The head of a chain, as its mark is made of it."""
    return f"head\n{chain}\n{seq}\n{seal}".encode()


def _kept(name: str, value: object) -> object:
    return HIDDEN if any(word in name.lower() for word in SECRETS) else value


def _spelled(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
