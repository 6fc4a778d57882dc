"""VERB of the operator: let credits enter a pool, as a top-up or an adjustment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.command import AddGrant
from app.domain.grant import Source
from app.domain.refusals import InvalidRequest, NotFound
from app.services.audit.note import note
from app.services.credits.answers import TransactionView
from app.services.credits.views import transaction_view
from app.services.credits.within import post_between
from app.services.directory import directory, looked_up


def grant_credits(
    slug: str,
    credits: int,
    source: Source,
    expires_at: datetime | None,
    reason: str | None,
    now: datetime,
) -> TransactionView:
    """Add credits to an account's pool; `expires_at` None means never."""
    if source is Source.ALLOCATION:
        raise InvalidRequest.of("source", "Allocations come with the plan; grant a top-up.")
    directory().fresh(now)
    account = looked_up(lambda view: view.account(slug), now)
    if account is None:
        raise NotFound(f"There is no account “{slug}”.")
    lines: list[Any] = []

    def last(line: Any) -> None:  # noqa: ANN401 - the line of the pool's history
        lines.append(line)
        after = {"credits": credits, "source": source, "expires_at": expires_at, "reason": reason}
        note("credits.granted", account.id, now, about=slug, after={**after, "line": line.seq})

    command = AddGrant(source, credits, expires_at, reason)
    post_between(account.id, command, now, first=lambda: None, last=last)
    return looked_up(lambda view: transaction_view(view, account.id, lines[-1]), now)
