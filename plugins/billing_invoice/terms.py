"""Terms: where the money goes, until when, and how much tax it contains, as the operator set it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.hookspecs import Money, SettingField
from plugins.billing_invoice.reference import spaced

FIELDS = (
    SettingField("account_holder", "text", "who the money goes to, as the bank knows them", ""),
    SettingField("iban", "text", "the IBAN of your account, if it has one", ""),
    SettingField("bic", "text", "the BIC of its bank; empty where payers don't need it", ""),
    SettingField("bank", "text", "the bank's name, or what else a payer has to know", ""),
    SettingField("payment_days", "integer", "days to pay; plans are past due after 14", 14),
    SettingField("tax_name", "text", "what the tax is called on invoices, such as VAT", "VAT"),
    SettingField("tax_percent", "text", "tax contained in the prices, such as 19 or 8.1", "0"),
)
MOST_DAYS, MOST_PERCENT = 365, 100
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say, read once. `tax_percent` is exact."""

    holder: str
    iban: str
    bic: str
    bank: str
    days: int
    tax_name: str
    tax_percent: Decimal

    def tax_words(self) -> str:
        """Name the tax with its rate: `VAT 8.1 %`."""
        return f"{self.tax_name} {self.tax_percent.normalize():f} %"

    def tax_in(self, amount: int) -> int:
        """The tax that an amount contains, rounded half up to the minor unit."""
        share = Decimal(amount) * self.tax_percent / (100 + self.tax_percent)
        return int(share + Decimal("0.5"))

    def instructions(self, money: Money, reference: str, due: date) -> str:
        """Say to the payer where to send the money, a sentence in each line."""
        known = (
            ("Account holder", self.holder),
            ("IBAN", spaced(self.iban)),
            ("BIC", self.bic),
            ("Bank", self.bank),
            ("Reference", spaced(reference)),
        )
        lines = [f"Please transfer {money} by {due.day} {due:%B %Y}."]
        if not self.iban and not self.bank:
            lines.append("The operator of this portal tells you the bank account.")
        return "\n".join([*lines, *(f"{name}: {value}." for name, value in known if value)])


def terms_in(settings: Mapping[str, Any]) -> Terms:
    """Read the settings; raises `ValueError` with a sentence for what can't be."""
    days = settings["payment_days"]
    if not 0 <= days <= MOST_DAYS:
        raise ValueError(f"payment_days: between 0 and {MOST_DAYS} days.")
    return Terms(
        settings["account_holder"].strip(),
        _iban(settings["iban"]),
        settings["bic"].strip(),
        settings["bank"].strip(),
        days,
        settings["tax_name"].strip() or "Tax",
        _percent(settings["tax_percent"]),
    )


def _iban(text: str) -> str:
    """Read an IBAN (ISO 13616), so that a digit that was mistyped sends nobody's money astray."""
    iban = "".join(text.split()).upper()
    if iban and not (IBAN.fullmatch(iban) and _digits(iban[4:] + iban[:4]) % 97 == 1):
        raise ValueError(f"iban: “{text.strip()}” has a mistake in it: its check digits don't fit.")
    return iban


def _digits(letters: str) -> int:
    """The number in which A stands for 10, B for 11 and so on."""
    return int("".join(str(int(letter, 36)) for letter in letters))


def _percent(text: str) -> Decimal:
    try:
        percent = Decimal(text.replace(",", ".").replace("%", "").strip() or "0")
    except InvalidOperation:
        raise ValueError(f"tax_percent: “{text}” is no percentage; say 19 or 8.1.") from None
    if not percent.is_finite() or not 0 <= percent < MOST_PERCENT:
        raise ValueError("tax_percent: from 0 to below 100.")
    return percent
