"""Second factors: codes that change with time, and recovery codes for when the device is gone.

The times are those of RFC 6238. How a code is computed is not known here, only when one counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hmac import compare_digest

STEP_SECONDS = 30
WINDOW = 1  # steps that a device's clock may be off, either way
DIGITS = 6

RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0 o, 1 l i, that look alike on paper
GROUPS, GROUP = 4, 4  # 16 letters, 79 bits: nobody guesses one, so a plain digest of it is kept

SETUP_LASTS = timedelta(hours=1)
HALF_SIGN_IN_LASTS = timedelta(minutes=10)
PROOF_LASTS = timedelta(minutes=15)

FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


def step_of(instant: datetime) -> int:
    """The number of the half minute in which an instant lies, counted from 1970."""
    return int(instant.timestamp()) // STEP_SECONDS


def matching_step(
    code: str, code_at: Callable[[int], str], now: datetime, used_step: int | None
) -> int | None:
    """Find the step whose code it is; None when it is none of now, or was used before.

    A step counts once, and so do those before it: `used_step` is the last that counted.
    """
    present = step_of(now)
    steps = range(present - WINDOW, present + WINDOW + 1)
    matching = [each for each in steps if compare_digest(code_at(each), code)]
    return next((each for each in matching if used_step is None or each > used_step), None)


def tidy_code(text: str) -> str:
    """Bring a code into the form that is compared: as it is spelt, without spaces and dashes."""
    letters = (letter for letter in text.lower() if letter.isascii() and letter.isalnum())
    return "".join(letters)


def is_device_code(tidy: str) -> bool:
    """Tell a device's code from a recovery code, which is longer."""
    return len(tidy) == DIGITS and tidy.isdigit()


def recovery_code(choose: Callable[[str], str]) -> str:
    """Spell a new recovery code, such as "k7wq-m3xd-9fhz-t2ra"; `choose` picks at random."""
    return "-".join("".join(choose(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def wait_after(failures: int) -> timedelta | None:
    """How long nobody may try after so many wrong codes in a row; it doubles, to an hour.

    At 24 tries a day, and three codes that count at any time, it takes an attacker who has the
    password about 26 years to come to even odds.
    """
    if failures < FREE_TRIES:
        return None
    doubled = min(failures - FREE_TRIES, 10)  # 2 ** 10 minutes is far beyond the longest
    return min(FIRST_WAIT * (1 << doubled), LONGEST_WAIT)


def is_recent(proved_at: datetime | None, now: datetime) -> bool:
    """Tell whether somebody proved recently enough who they are to do what is dangerous."""
    return proved_at is not None and now < proved_at + PROOF_LASTS
