"""The journal's pages: what happened everywhere, and what happened in one account."""

from __future__ import annotations

from datetime import UTC, datetime

from app.hookspecs import PageRequest, Show
from plugins.journal.book import KINDS, Book

PAGE = 50


class Reading:
    """Answers the pages out of a book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def everything(self, request: PageRequest) -> Show:
        """Show what happened in all accounts, or in the one that is looked for."""
        return self._shown(request, request.query.get("account", "").strip()[:60])

    def of_an_account(self, request: PageRequest) -> Show:
        """Show what happened in the account of the page."""
        assert request.account is not None
        return self._shown(request, request.account)

    def _shown(self, request: PageRequest, account: str) -> Show:
        kind = request.query.get("kind", "")
        until, _, last = request.query.get("before", "").partition(" ")
        found = self._book.entries(
            PAGE + 1, account=account, kind=kind, until=_instant(until), last=last
        )
        shown = found[:PAGE]
        older = f"{shown[-1]['at'].isoformat()} {shown[-1]['id']}" if len(found) > PAGE else ""
        values = {
            "entries": shown,
            "older": older,
            "is_first": not until,
            "kinds": list(KINDS.values()),
            "kind": kind,
            "account": account,
            "everywhere": request.account is None,
        }
        return Show("journal.html", values)


def _instant(text: str) -> datetime | None:
    """Read an instant out of an address; what is none is left out."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
