"""DOORS, API: when a pool runs out, and the statement of a month or a cycle."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.services.credits.caller import Caller
from app.services.credits.seeing import account_seen_by
from app.services.usage.forecast import forecast_of
from app.services.usage.statement import Part, statement, usual_choice
from app.web.api import usage_shapes
from app.web.api.operation import Operations
from app.web.api.values import Line, Query

operations = Operations("Usage", "How long a pool lasts, and what a month or a cycle came to.")


class StatementAsked(Query):
    """Which statement."""

    period: Annotated[Line, Field(min_length=1, max_length=20)] | None = Field(
        None,
        description="a month, such as `2026-10`, or a cycle: `cycle-3`; "
        "when left out the last month that is over, or the first",
    )


@operations.get("/accounts/{slug}/forecast", answer=usage_shapes.Forecast)
def show_forecast(caller: Caller, slug: str, now: datetime) -> dict[str, Any]:
    """Tell when the pool of an account runs out, from what was used each day."""
    found = asdict(forecast_of(account_seen_by(caller, slug, now), now))
    del found["left"]
    return found


@operations.get("/accounts/{slug}/statement", answer=usage_shapes.Statement)
def show_statement(
    caller: Caller, slug: str, query: StatementAsked, now: datetime
) -> dict[str, Any]:
    """Draw up the statement of a month or a cycle; one that runs is drawn up until now."""
    account = account_seen_by(caller, slug, now)
    drawn = statement(account, query.period or usual_choice(account, now), now)
    return {
        "account": account.slug,
        "period": drawn.of.key,
        "since": drawn.of.since,
        "until": drawn.of.until,
        "is_over": drawn.of.is_over,
        "opening": drawn.opening,
        "granted": drawn.granted,
        "used": drawn.used,
        "refunded": drawn.refunded,
        "expired": drawn.expired,
        "closing": drawn.closing,
        "members": [_part(part) for part in drawn.members],
        "apps": [_part(part) for part in drawn.apps],
        "actions": [_part(part) for part in drawn.actions_used],
    }


def _part(part: Part) -> dict[str, Any]:
    return {"key": part.key, "name": part.name, "credits": part.credits, "count": part.count}
