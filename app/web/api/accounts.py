"""DOORS, API: accounts: contexts, pools, history and usage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request, stream_with_context

from app.services.credits import read
from app.services.credits.answers import PoolView, TransactionView, UsageView
from app.services.credits.caller import Caller
from app.services.credits.read import HasPool, TransactionFilter
from app.services.credits.seeing import account_seen_by
from app.web.access import is_service, person_of
from app.web.api import credit_shapes
from app.web.api.bodies import Listed, PoolAt, TransactionsListed, UsageAsked
from app.web.api.cursor import page_of, part_of, read_cursor
from app.web.api.operation import Operations
from app.web.api.writing import PRIVATE
from app.web.history_csv import as_csv
from app.web.problems import NotAcceptable

JSON, CSV = "application/json", "text/csv"
CHUNK = 500
INSTANT = timedelta(microseconds=1)
operations = Operations("Accounts", "What owns apps and a pool: who pays, and what was paid.")


@operations.get("/accounts", answer=credit_shapes.ContextPage)
def list_accounts(caller: Caller, query: Listed, now: datetime) -> dict[str, Any]:
    """List the accounts that the caller can act in; all of them for a service token."""
    if is_service(caller):
        first = read_cursor("accounts", query.cursor, int) or 0
        found = read.all_pools(first, query.limit + 1, now)
        return page_of(found, "accounts", query)
    return part_of(read.pools_of(person_of(caller), now), "contexts", query)


@operations.get("/accounts/{slug}/pool", answer=credit_shapes.Pool)
def show_pool(caller: Caller, slug: str, query: PoolAt, now: datetime) -> PoolView:
    """Show the pool of an account, now or as it was at a past instant."""
    return read.pool(account_seen_by(caller, slug, now, by_apps=True), now, query.at)


@operations.get("/accounts/{slug}/transactions", answer=credit_shapes.TransactionPage, csv=True)
def list_transactions(
    caller: Caller, slug: str, query: TransactionsListed, now: datetime
) -> dict[str, Any] | Response:
    """List the history of an account, the newest first.

    With `Accept: text/csv` all lines that fit the filter come as CSV, whatever `limit` says.
    """
    account = account_seen_by(caller, slug, now)
    wanted = TransactionFilter(
        query.member, query.app, query.action, query.kind, query.since, query.until
    )
    if _accepted() == CSV:
        return _stream(account, wanted, now)
    of = f"transactions {account.id} {wanted}"
    before = read_cursor(of, query.cursor, int)
    found = read.transactions(account, wanted, query.limit + 1, before, now)
    return page_of([(line.seq, line) for line in found], of, query)


@operations.get("/accounts/{slug}/usage", answer=credit_shapes.Usage)
def show_usage(caller: Caller, slug: str, query: UsageAsked, now: datetime) -> UsageView:
    """Add up who or what used the pool, on the days (UTC) that the range touches."""
    account = account_seen_by(caller, slug, now)
    first = query.since.date() if query.since else None
    last = (query.until - INSTANT).date() if query.until else None
    return read.usage(account, query.by, first, last)


def _accepted() -> str:
    chosen: str | None = request.accept_mimetypes.best_match([JSON, CSV])
    if chosen is None and request.accept_mimetypes:
        raise NotAcceptable(f"This list comes as {JSON} or {CSV}.")
    return chosen or JSON


def _stream(account: HasPool, wanted: TransactionFilter, now: datetime) -> Response:
    chunks = _chunks(account, wanted, now)
    headers = [*PRIVATE, ("Content-Disposition", f'attachment; filename="{account.slug}.csv"')]
    return Response(stream_with_context(as_csv(chunks)), headers=headers, content_type=CSV)


def _chunks(
    account: HasPool, wanted: TransactionFilter, now: datetime
) -> Iterator[list[TransactionView]]:
    before: int | None = None
    while chunk := read.transactions(account, wanted, CHUNK, before, now):
        yield chunk
        before = chunk[-1].seq
