"""Amounts as banks and people write them: decimal comma or point, thousands, signs, currencies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from app.hookspecs import Money, minor_digits

SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "US$": "USD", "$": "USD"}
CURRENCY = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])|US\$|[€£¥$]")
NUMBER = re.compile(r"[+\-]?[\d.,]*\d[\d.,]*")
WHOLE = re.compile(r"\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+")
UNCLEAR = re.compile(r"[+\-]?\d{1,3}[.,]\d{3}")
MOST_DIGITS = 15
GROUP = 3


def split_amount(text: str) -> tuple[str, str | None]:
    """Part a cell into its number and its currency, if it names one."""
    plain = re.sub(r"[\s\u00a0\u202f'\u2019]", "", text).replace("\u2212", "-")
    found = CURRENCY.search(plain.upper())
    currency = SIGNS.get(found.group(), found.group()) if found else None
    number = CURRENCY.sub("", plain.upper())
    if number.startswith("(") and number.endswith(")"):
        number = f"-{number[1:-1]}"
    if number.endswith(("-", "+")):
        number = number[-1] + number[:-1]
    return number, currency


def decimal_sign(numbers: Iterable[str]) -> str | None:
    """Find which of `,` and `.` parts the decimals; None when these numbers don't tell."""
    for number in numbers:
        last = max(number.rfind(","), number.rfind("."))
        if last < 0:
            continue
        other = "," if number[last] == "." else "."
        decimals = len(number) - last - 1
        if number.count(number[last]) == 1 and (other in number or decimals != GROUP):
            return number[last]
    return None


def read_amount(number: str, currency: str, decimal: str | None) -> Money:
    """Read a number, exactly; `ValueError` with a sentence for what is none or is too fine."""
    digits = minor_digits(currency)
    if not NUMBER.fullmatch(number) or sum(map(str.isdigit, number)) > MOST_DIGITS:
        raise ValueError(f"“{number}” is no amount.")
    whole, part = _parted(number.lstrip("+-"), decimal or _alone(number, digits))
    if (whole and not WHOLE.fullmatch(whole)) or not part.isdigit():
        raise ValueError(f"“{number}” is no amount.")
    exact = Decimal(f"{re.sub(r'[.,]', '', whole) or 0}.{part}").scaleb(digits)
    if exact != exact.to_integral_value():
        raise ValueError(f"“{number}” has more decimals than {currency} has.")
    return Money(int(exact) * (-1 if number.startswith("-") else 1), currency)


def typed_amount(text: str, currency: str) -> Money:
    """Read an amount that somebody typed, in the currency that the form is about."""
    number, named = split_amount(text)
    if named is not None and named != currency:
        raise ValueError(f"This is about {currency}, not {named}.")
    if UNCLEAR.fullmatch(number) and minor_digits(currency) not in (0, GROUP):
        raise ValueError(f"“{number}” can be read in two ways: write it with its decimals.")
    return read_amount(number, currency, decimal_sign([number]))


def _parted(number: str, sign: str | None) -> tuple[str, str]:
    """The whole units and the decimals of a number without its sign."""
    if sign is None or sign not in number:
        return number, "0"
    whole, _, part = number.rpartition(sign)
    return whole, part or "0"


def _alone(number: str, digits: int) -> str | None:
    """The decimal sign of a number such as 1.234, which only its currency can tell."""
    last = max(number.rfind(","), number.rfind("."))
    is_decimal = last >= 0 and number.count(number[last]) == 1 and digits == GROUP
    return number[last] if is_decimal else None
