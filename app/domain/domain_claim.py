"""A workspace's claim to a domain: how DNS proves it, and what becomes of it.

Source: PRODUCT, "SSO domains". Several workspaces may claim a domain; one at a time has it
verified. A clear answer of DNS without the record ends that at once, since it is undone as easily:
members stay, and the record's return restores it. No answer, or a broken one, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Role

RECORD_BEGINS = "coffer-domain-verification="
MOST_CLAIMS = 100
CHECK_EVERY = timedelta(days=1)
CHECK_AGAIN = timedelta(hours=1)
THERE = "The record is there."
SHOWN_TEXTS = 4
SHOWN_LETTERS = 80
# Who may come in because of an address alone. PRODUCT rules out owner and admin.
DEFAULT_ROLES = frozenset(set(Role) - {Role.OWNER, Role.ADMIN})


class ClaimState(StrEnum):
    """Where a claim stands. What is released stays so; claiming anew makes a new record."""

    PENDING = "pending"
    VERIFIED = "verified"
    LAPSED = "lapsed"
    RELEASED = "released"


_NEXT = {
    ClaimState.PENDING: {ClaimState.VERIFIED, ClaimState.RELEASED},
    ClaimState.VERIFIED: {ClaimState.LAPSED, ClaimState.RELEASED},
    ClaimState.LAPSED: {ClaimState.VERIFIED, ClaimState.RELEASED},
    ClaimState.RELEASED: set[ClaimState](),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What DNS clearly says about a name. Who is an alias (CNAME) has no texts of their own."""

    texts: tuple[str, ...] = ()
    alias: str | None = None
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Silent:
    """DNS gave no answer that says anything: a time-out, a broken or refusing server."""

    reason: str


Answer = Told | Silent


class Finding(StrEnum):
    """What an answer means for a claim."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def record_of(secret: str) -> str:
    """The text of the TXT record that proves a claim."""
    return RECORD_BEGINS + secret


def finding_of(answer: Answer, record: str) -> Finding:
    """Look for the record. What stands at the target of an alias was written by somebody else."""
    if isinstance(answer, Silent):
        return Finding.UNKNOWN
    is_there = answer.alias is None and any(text.strip() == record for text in answer.texts)
    return Finding.PRESENT if is_there else Finding.ABSENT


def after(state: ClaimState, finding: Finding) -> ClaimState:
    """The state of a claim after DNS was asked."""
    if finding is Finding.PRESENT:
        return moved(state, ClaimState.VERIFIED)
    if finding is Finding.ABSENT and state is ClaimState.VERIFIED:
        return moved(state, ClaimState.LAPSED)
    return state


def moved(state: ClaimState, to: ClaimState) -> ClaimState:
    """Go on to another state, or raise `Conflict` when no way leads there."""
    if to is not state and to not in _NEXT[state]:
        raise Conflict(f"A {state} claim to a domain can't become {to}.")
    return to


def default_role_from(role: Role) -> Role:
    """Give the role back if an address alone may bring it; else raise `InvalidRequest`."""
    if role not in DEFAULT_ROLES:
        raise InvalidRequest.of(
            "default_role",
            f"Nobody becomes {role} by their address alone. Use member, and change the role of "
            "each person afterwards.",
        )
    return role


def in_words(domain: str, answer: Answer, record: str) -> str:
    """Say what DNS answered, for who has to mend it."""
    match answer:
        case Silent(reason):
            return f"The name servers of {domain} gave no answer: {reason}. Nothing was changed."
        case Told(exists=False):
            return f"DNS knows no domain {domain}. Is it spelled right, and registered?"
        case Told(alias=str(alias)):
            return (
                f"{domain} is an alias (CNAME) of {alias}. The record has to stand at {domain} "
                "itself, which can't be an alias then."
            )
        case Told(texts=()):
            return f"{domain} has no TXT record yet. A new one can take an hour to be seen."
    if finding_of(answer, record) is Finding.PRESENT:
        return THERE
    return f"{domain} has {_counted(answer.texts)}: {_listed(answer.texts)}.{_hint(answer, record)}"


def _counted(texts: tuple[str, ...]) -> str:
    return "a TXT record, and it is another" if len(texts) == 1 else _none_of(len(texts))


def _none_of(number: int) -> str:
    return f"{number} TXT records, and none of them is the one"


def _listed(texts: tuple[str, ...]) -> str:
    # Those that are ours by their beginning come first: one of them was meant.
    ordered = sorted(texts, key=lambda text: RECORD_BEGINS not in text)
    shown = ", ".join(f"“{_shortened(text)}”" for text in ordered[:SHOWN_TEXTS])
    return shown + (", …" if len(texts) > SHOWN_TEXTS else "")


def _shortened(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return plain if len(plain) <= SHOWN_LETTERS else plain[:SHOWN_LETTERS] + "…"


def _hint(answer: Told, record: str) -> str:
    if any(record in text for text in answer.texts):
        return " Take away what stands around the record's text, such as quotes."
    if any(text.strip().startswith(RECORD_BEGINS) for text in answer.texts):
        return " One is for another workspace, or for a claim that was removed."
    return ""
