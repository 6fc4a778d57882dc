"""The journal's book: one row for each event, however often it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from app.hookspecs import Happened, Host

KINDS = {
    "CreditsDeducted": "spent",
    "CreditsLow": "low",
    "CreditsExhausted": "empty",
    "HoldExpired": "hold timed out",
    "TopUpCompleted": "bought",
    "MemberJoined": "joined",
    "MemberLeft": "left",
    "CycleClosed": "period ended",
    "SubscriptionChanged": "plan",
}

NOTE = (
    "INSERT INTO journal_entries (id, at, account, kind, who, words, facts) "
    "VALUES (:id, :at, :account, :kind, :who, :words, :facts) ON CONFLICT DO NOTHING"
)
FORGET = "DELETE FROM journal_entries WHERE account = :account AND at < :before"
FIND = (
    "SELECT * FROM journal_entries "
    "WHERE at >= :since AND (:account = '' OR account = :account) "
    "AND (:kind = '' OR kind = :kind) AND (at < :until OR (at = :until AND id < :last)) "
    "ORDER BY at DESC, id DESC LIMIT :many"
)
END_OF_TIME = timedelta(days=36_500)


class Book:
    """The entries of the last so many days."""

    def __init__(self, host: Host, days: int) -> None:
        self._tables = host.tables
        self._now = host.now
        self._days = max(days, 1)

    def note(self, event: Happened, who: str | None, words: str) -> None:
        """Note an event once, and forget what is too old in its account."""
        entry = {
            "id": event.id,
            "at": event.at,
            "account": event.account,
            "kind": KINDS[type(event).__name__],
            "who": who,
            "words": words,
            "facts": _facts(event),
        }
        forget = {"account": event.account, "before": self._since()}
        self._tables.write((NOTE, entry), (FORGET, forget))

    def entries(
        self,
        many: int,
        *,
        account: str = "",
        kind: str = "",
        until: datetime | None = None,
        last: str = "",
    ) -> Sequence[Mapping[str, Any]]:
        """Read the latest entries, or those before the one that was shown last."""
        return self._tables.read(
            FIND,
            since=self._since(),
            account=account,
            kind=kind,
            until=until or self._now() + END_OF_TIME,
            last=last,
            many=many,
        )

    def _since(self) -> datetime:
        return self._now() - timedelta(days=self._days)


def _facts(event: Happened) -> dict[str, Any]:
    """Everything that the event says, as JSON can keep it."""
    told = {field.name: getattr(event, field.name) for field in fields(event)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in told.items()
        if name not in {"id", "at", "account"}
    }
