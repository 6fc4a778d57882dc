"""The books: what is owed, what came for it, what is to be sent back; statements on own tables.

How money is counted: a receivable is paid as soon as all that came for it reaches its amount. Less
is a part payment, it stays open. More, and what comes for one that was cancelled, is a surplus to
be sent back. Every change locks its receivable first, and each has an id, so that it happens once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from app.hookspecs import Charge, Money, Refund, Tables
from plugins.billing_invoice import sql
from plugins.billing_invoice.receivable import Owed, Receipt, Receivable


class Books:
    """All that the plugin knows, through the tables that the host lends."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def open(self, charge: Charge, reference: str, now: datetime, **terms: Any) -> None:  # noqa: ANN401
        """Write a receivable, unless its key or its reference is taken."""
        values = {
            "key": charge.key,
            "reference": reference,
            "account": charge.payer.account,
            "name": charge.payer.name[:200],
            "email": charge.payer.email,
            "amount": charge.money.amount,
            "currency": charge.money.currency,
            "words": charge.description[:500],
            "state": "open",
            "now": _instant(now),
            "settled_at": "",
            **terms,
        }
        self._tables.write((sql.NEW_RECEIVABLE, values))

    def by_key(self, key: str) -> Receivable | None:
        """Find a receivable by the key of its charge."""
        return self._one("r.key = :key", key=key)

    def by_reference(self, reference: str) -> Receivable | None:
        """Find a receivable by its payment reference."""
        return self._one("r.reference = :reference", reference=reference)

    def search(self, shown: str, sought: str, today: date, limit: int) -> list[Receivable]:
        """List those of a kind whose reference, account, name, address or words contain a text."""
        # What LIKE takes for a wildcard stands for itself: see ESCAPE in the statement.
        literally = re.sub("([!%_])", r"!\1", sought.lower())
        order = "r.due_on, r.reference" if shown in {"open", "overdue"} else "r.created_at DESC"
        rows = self._tables.read(
            f"{sql.FOUND}{sql.SHOWN[shown]} AND {sql.SEARCHED} ORDER BY {order} LIMIT :most",
            **_used(sql.SHOWN[shown], today=today.isoformat()),
            sought=f"%{literally}%",
            most=limit,
        )
        return [_receivable(row) for row in rows]

    def totals(self) -> list[tuple[Money, int]]:
        """What is still to come, per currency, and of how many."""
        rows = self._tables.read(sql.TOTALS)
        return [(Money(int(row["missing"]), row["currency"]), row["many"]) for row in rows]

    def settled(self, since: datetime, until: datetime) -> list[tuple[Receivable, int]]:
        """List what was paid within a span, each with what was sent back of it."""
        rows = self._tables.read(
            sql.SETTLED,
            since=_instant(since),
            until=_instant(until),
        )
        return [(_receivable(row), int(row["sent_back"])) for row in rows]

    def note_money(
        self,
        receipt: str,
        reference: str,
        money: Money,
        booked_on: date,
        source: str,
        by: str,
        now: datetime,
    ) -> bool:
        """Note money that came; `receipt` makes it once. Tells whether that is new."""
        values = {
            "id": receipt,
            "reference": reference,
            "amount": money.amount,
            "currency": money.currency,
            "booked_on": booked_on.isoformat(),
            "source": source,
            "noted_by": by,
            "now": _instant(now),
        }
        return self._counted(sql.NEW_RECEIPT, values)

    def note_return(
        self, receipt: str, reference: str, money: Money, sent_on: date, by: str, now: datetime
    ) -> bool:
        """Note surplus that was sent back; False for more than there is, or noted before."""
        values = {
            "id": receipt,
            "reference": reference,
            "amount": money.amount,
            "currency": money.currency,
            "booked_on": sent_on.isoformat(),
            "noted_by": by,
            "now": _instant(now),
        }
        return self._counted(sql.NEW_RETURN, values)

    def receipts(self, reference: str) -> list[Receipt]:
        """List what came for a receivable and what went back."""
        rows = self._tables.read(
            sql.RECEIPTS_OF,
            reference=reference,
        )
        return [
            Receipt(
                row["id"],
                Money(row["amount"], row["currency"]),
                date.fromisoformat(row["booked_on"]),
                row["source"],
                row["noted_by"],
            )
            for row in rows
        ]

    def known_receipts(self, ids: Sequence[str]) -> set[str]:
        """Tell which of these receipts were noted before."""
        known: set[str] = set()
        for at in range(0, len(ids), 500):
            values = {f"i{index}": each for index, each in enumerate(ids[at : at + 500])}
            names = ", ".join(f":{name}" for name in values)
            rows = self._tables.read(f"{sql.KNOWN_RECEIPTS}({names})", **values)
            known |= {row["id"] for row in rows}
        return known

    def cancel(self, key: str, now: datetime) -> None:
        """Give up what is open; what was paid stays so."""
        self._tables.write((sql.CANCEL, {"key": key, "now": _instant(now)}))

    def owe(self, refund: Refund, now: datetime) -> None:
        """Write down a refund, if the receivable was paid and has so much left."""
        values = {
            "key": refund.key,
            "reference": refund.charge,
            "amount": refund.money.amount,
            "currency": refund.money.currency,
            "reason": refund.reason[:500],
            "now": _instant(now),
        }
        self._tables.write((sql.LOCK, {"reference": refund.charge}), (sql.NEW_REFUND, values))

    def owed(self, key: str) -> Owed | None:
        """Find a refund."""
        return next(iter(self._refunds("f.key = :key", key=key)), None)

    def refunds_of(self, reference: str) -> list[Owed]:
        """List the refunds of a receivable."""
        return self._refunds("f.reference = :reference", reference=reference)

    def to_send(self, limit: int) -> list[Owed]:
        """List refunds that wait to be sent, the longest waiting first."""
        return self._refunds("f.state = 'open'")[:limit]

    def send(self, key: str, sent_on: date) -> bool:
        """Note that a refund was sent; tells whether that is new."""
        return self._tables.write((sql.SEND, {"key": key, "sent_on": sent_on.isoformat()})) > 0

    def _counted(self, insert: str, values: Mapping[str, Any]) -> bool:
        reference = {"reference": values["reference"]}
        before = self.known_receipts([values["id"]])
        self._tables.write(
            (sql.LOCK, reference),
            (insert, values),
            (sql.COUNT, reference),
            (sql.SETTLE, {**reference, "now": values["now"]}),
        )
        return not before and bool(self.known_receipts([values["id"]]))

    def _refunds(self, where: str, **values: Any) -> list[Owed]:  # noqa: ANN401
        rows = self._tables.read(
            sql.REFUNDS + where + sql.IN_ORDER,
            **values,
        )
        return [
            Owed(
                row["key"],
                row["reference"],
                Money(row["amount"], row["currency"]),
                row["reason"],
                row["state"],
                _read_instant(row["created_at"]),
            )
            for row in rows
        ]

    def _one(self, where: str, **values: Any) -> Receivable | None:  # noqa: ANN401
        rows = self._tables.read(sql.FOUND + where, **values)
        return _receivable(rows[0]) if rows else None


def _receivable(row: Mapping[str, Any]) -> Receivable:
    currency = row["currency"]
    return Receivable(
        row["key"],
        row["reference"],
        row["account"],
        row["name"],
        row["email"],
        Money(row["amount"], currency),
        row["words"],
        row["tax_words"],
        Money(row["tax"], currency),
        row["instructions"],
        row["state"],
        Money(row["received"], currency),
        _read_instant(row["created_at"]),
        date.fromisoformat(row["due_on"]),
        _read_instant(row["settled_at"]) if row["settled_at"] else None,
    )


def _used(sql: str, **values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if f":{name}" in sql}


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _read_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
