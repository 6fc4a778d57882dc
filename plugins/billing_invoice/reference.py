"""Payment references with check digits: the creditor reference of ISO 11649, RF and 14 digits.

Banks, forms and people carry it unharmed, and a wrong digit is found out. Each is derived from
the key of its charge, so that the same charge always has the same reference.
"""

from __future__ import annotations

import re
from hashlib import sha256

DIGITS = 12
GROUP = 4
# In a bank's text: in any case, with blanks or signs between the digits.
IN_TEXT = re.compile(rf"(?<![A-Z])RF(?:[\s./:-]*\d){{{DIGITS + 2}}}(?!\d)", re.IGNORECASE)


def reference_for(key: str, turn: int = 0) -> str:
    """Derive the reference of a charge; another `turn` gives another, should one be taken."""
    digest = int.from_bytes(sha256(f"{turn}:{key}".encode()).digest())
    body = f"{digest % 10**DIGITS:0{DIGITS}}"
    return f"RF{98 - _remainder(body, '00'):02}{body}"


def is_right(reference: str) -> bool:
    """Tell whether the check digits fit."""
    return _remainder(reference[4:], reference[2:4]) == 1


def spaced(reference: str) -> str:
    """Spell it for people, in groups of four."""
    return " ".join(reference[at : at + GROUP] for at in range(0, len(reference), GROUP))


def references_in(text: str) -> list[str]:
    """Find what looks like a reference of ours in a text, right or wrong, each once."""
    found = (match.group().upper() for match in IN_TEXT.finditer(text))
    return list(dict.fromkeys("RF" + re.sub(r"\D", "", each) for each in found))


def tidied(text: str) -> str:
    """What somebody typed as a reference, without blanks and in capitals."""
    return re.sub(r"[\s./:-]", "", text).upper()


def _remainder(body: str, check: str) -> int:
    """The number of ISO 7064, MOD 97-10: R is 27 and F is 15; a right one leaves 1."""
    return int(f"{body}2715{check}") % 97
