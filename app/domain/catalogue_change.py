"""What an operator may put into the catalogue: keys, credits and money that can be sold."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from app.domain.refusals import InvalidRequest

MOST_CREDITS = 10**9
MOST_MONEY = 10**9
KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
ACTION = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
LONGEST_ACTION = 60
FARTHEST = timedelta(days=5 * 366)
# ISO 4217: the codes of currencies in which something can be paid; no funds, metals or tests.
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES
KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND
TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
ZWG
"""
CURRENCIES = frozenset(_CODES.split())


def key_from(text: str) -> str:
    """Read the key of a plan or pack; it never changes, since subscriptions name it."""
    key = text.strip()
    if not KEY.fullmatch(key):
        raise InvalidRequest.of("key", "Use small letters, digits and hyphens, at most 40.")
    return key


def action_from(text: str) -> str:
    """Read the name of an action, such as `deploy` or `ai.completion`."""
    action = text.strip()
    if not ACTION.fullmatch(action) or len(action) > LONGEST_ACTION:
        message = "Use small letters, digits and underscores, parted by points: ai.completion."
        raise InvalidRequest.of("action", message)
    return action


def credits_from(credits: int, field: str = "credits") -> int:
    """Check a number of credits: whole, and at least 1 (PRODUCT, Plans, prices and packs)."""
    if not 1 <= credits <= MOST_CREDITS:
        raise InvalidRequest.of(field, f"Write a whole number from 1 to {MOST_CREDITS:,}.")
    return credits


def minor_units(text: str, digits: int) -> int:
    """Read an amount such as `99.00` as whole numbers of the currency's minor unit."""
    found = re.fullmatch(r"([0-9]{1,12})(?:[.,]([0-9]{1,4}))?", text.strip())
    if found is None or len(found[2] or "") > digits:
        example = f"99.{'0' * digits}" if digits else "99"
        raise InvalidRequest.of("price", f"Write an amount, such as {example}.")
    part = (found[2] or "").ljust(digits, "0")
    return int(found[1] + part)


def money_from(amount: int, currency: str, *, least: int) -> tuple[int, str]:
    """Check an amount in the minor unit, and its ISO 4217 code."""
    code = currency.strip().upper()
    if code not in CURRENCIES:
        raise InvalidRequest.of("currency", "Write an ISO 4217 code, such as EUR or USD.")
    if not least <= amount <= MOST_MONEY:
        raise InvalidRequest.of("price", "Write a price above zero that can be paid.")
    return amount, code


def cap_from(cap: int | None, credits: int) -> int | None:
    """Check a rollover cap: none, or at least what one cycle allocates."""
    if cap is None:
        return None
    if cap < credits:
        message = "A cap under one cycle's credits would take away what was just given."
        raise InvalidRequest.of("rollover_cap", message)
    return credits_from(cap, "rollover_cap")


def effective_from(wanted: datetime | None, now: datetime) -> datetime:
    """When a price takes effect: now, or at an instant to come; never in the past."""
    if wanted is None:
        return now
    if wanted < now:
        raise InvalidRequest.of("effective_from", "This instant is past. Leave it empty for now.")
    if wanted > now + FARTHEST:
        raise InvalidRequest.of("effective_from", "At most five years ahead.")
    return wanted
