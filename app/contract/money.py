"""Money: whole numbers of a currency's minor unit, never floats."""

from __future__ import annotations

from dataclasses import dataclass

# ISO 4217: how many decimals the minor unit has, where it is not two.
_DIGITS = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
            *("PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor unit of an ISO 4217 currency: 49 euros are 4900, 490 yen are 490."""

    amount: int
    currency: str

    def __str__(self) -> str:
        """Spell it for people: `1,234.50 EUR`, `490 JPY`."""
        digits = minor_digits(self.currency)
        whole, part = divmod(abs(self.amount), 10**digits)
        decimals = f".{part:0{digits}}" if digits else ""
        sign = "\u2212" if self.amount < 0 else ""
        return f"{sign}{whole:,}{decimals} {self.currency}"


def minor_digits(currency: str) -> int:
    """Tell how many decimals a currency's minor unit has (ISO 4217): 2 of EUR, 0 of JPY."""
    return _DIGITS.get(currency, 2)
