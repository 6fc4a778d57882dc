"""Pages of a large workspace: a database written set-wise, and the server's time for each page.

Ten thousand members act at random with fifty apps for nearly two months, so that the daily rollup
has about as many rows as the ledger: the worst that a usage report can meet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from app.domain.grant import Source
from app.services.credits.grant import grant_credits
from app.services.credits.settle import settle_pools
from app.services.credits.sum_usage import sum_usage_of
from app.services.workspaces.open import start_workspace
from app.store.database import current_engine, db, write_connection
from tests.bench import crowd
from tests.bench.installation import OWNER, PLENTY, START, Installation

SLUG = "crowd"
BEGAN = START - timedelta(days=58)
ROUNDS = 11
PAGES = {
    "overview": "",
    "history": "/history",
    "history of one member": "/history?member=member5000@acme.test&kind=used",
    "usage": "/usage",
    "usage by app": "/usage?by=app",
    "usage by action": "/usage?by=action",
    "usage by day": "/usage?by=day",
    "usage, last cycle": "/usage?since={since}&until={until}",
    "usage, page 150": "/usage?page=150",
    "usage, searched": "/usage?search=member77",
    "members": "/members",
    "members, searched": "/members?search=member77",
    "apps": "/apps",
    "statement of this month": "/statement?period={month}",
}
ACTIONS = (
    "CASE {0} "
    + " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(crowd.ACTIONS))
    + " END"
)
# Numbers that look drawn, from the line's own: the upper half of a multiplicative hash.
DRAWN = "((({n} * {by}) % 4294967296) / 65536 * {of} / 65536)"
COLUMNS = (
    "pool, seq, kind, credits, balance_after, at, draws, member, app, action, quantity, "
    "details, hold, reverses, reason"
)
LINES = """
INSERT INTO transactions ({columns})
{series}
SELECT :pool, :seq + n, 'deduction', -1, :balance - n, {at}, {draws}, {member}, {app}, {action}, 1,
       NULL, NULL, NULL, NULL FROM series
"""
ROLLUP = """
INSERT INTO usage (pool, day, member, app, action, credits, count)
SELECT pool, date(at), member, app, action, -SUM(credits), COUNT(*) FROM transactions
WHERE pool = :pool AND seq > :seq GROUP BY pool, date(at), member, app, action
"""


def prepare(installation: Installation, lines: int) -> None:
    """Open the workspace, let everybody join, and write its two cycles."""
    pool = start_workspace(OWNER, SLUG, "Crowd", "business", BEGAN, BEGAN).id
    grant_credits(SLUG, PLENTY, Source.TOP_UP, None, "Plenty", BEGAN)
    db.session.remove()
    crowd.join(pool)
    half = START - (START - BEGAN) / 2
    with write_connection(current_engine()) as connection:
        _write(connection, pool, lines // 2, BEGAN, half)
    settle_pools([pool], START)
    with write_connection(current_engine()) as connection:
        _write(connection, pool, lines - lines // 2, _renewed(connection, pool), START)
    if installation.url.startswith("postgresql"):
        with current_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            plain.execute(text("VACUUM ANALYZE"))
    sum_usage_of(pool)


def time_of(client: FlaskClient, path: str) -> float:
    """The median of the server's time for a page, in milliseconds."""
    until = BEGAN + timedelta(days=29)
    days = {"since": f"{BEGAN:%Y-%m-%d}", "until": f"{until:%Y-%m-%d}"}
    address = f"/accounts/{SLUG}" + path.format(**days, month=f"{START:%Y-%m}")
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return median(crowd.timed(lambda: client.get(address)) for _ in range(ROUNDS))


def _renewed(connection: Connection, pool: int) -> datetime:
    """The second cycle's lines begin where its period does."""
    statement = text("SELECT MAX(starts_at) FROM periods WHERE pool = :pool")
    found = connection.execute(statement, {"pool": pool}).scalar_one()
    if isinstance(found, str):
        found = datetime.fromisoformat(found).replace(tzinfo=START.tzinfo)
    return max(found, START - (START - BEGAN) / 2)


def _write(connection: Connection, pool: int, lines: int, since: datetime, until: datetime) -> None:
    """Write so many deductions, evenly between two instants, and what follows from them."""
    is_sqlite = connection.dialect.name == "sqlite"
    row = connection.execute(
        text("SELECT seq, balance FROM pools WHERE id = :pool"), {"pool": pool}
    ).one()
    given = {"pool": pool, "seq": row.seq, "balance": row.balance}
    step = max(1, int((until - since).total_seconds())) / lines
    at = f":since + n * {step} * interval '1 second'"
    series = f"WITH series AS (SELECT generate_series(1, {lines})::bigint AS n)"
    draws = "'[[2, 1]]'::jsonb"
    if is_sqlite:
        at = f"strftime('%Y-%m-%d %H:%M:%S', :since + n * {step}, 'unixepoch') || '.000000'"
        rest = f"SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {lines}"
        series, draws = f"WITH RECURSIVE series(n) AS ({rest})", "'[[2,1]]'"
    drawn = {
        name: DRAWN.format(n="(n + :seq)", by=by, of=of)
        for name, by, of in (
            ("member", 2654435761, crowd.MEMBERS),
            ("app", 2246822519, crowd.APPS),
            ("action", 3266489917, len(crowd.ACTIONS)),
        )
    }
    statement = LINES.format(
        columns=COLUMNS,
        series=series,
        at=at,
        draws=draws,
        member=f"{crowd.FIRST_ID} + {drawn['member']}",
        app=f"{crowd.FIRST_ID} + {drawn['app']}",
        action=ACTIONS.format(drawn["action"]),
    )
    begin = since.timestamp() if is_sqlite else since
    connection.execute(text(statement), {**given, "since": begin})
    connection.execute(text(ROLLUP), given)
    connection.execute(
        text("UPDATE pools SET seq = seq + :n, balance = balance - :n, at = :at WHERE id = :pool"),
        {"pool": pool, "n": lines, "at": _spelled(until, is_sqlite=is_sqlite)},
    )
    connection.execute(
        text(
            "UPDATE grants SET remaining = remaining - :n, used = used + :n"
            " WHERE pool = :pool AND number = 2"
        ),
        {"pool": pool, "n": lines},
    )


def _spelled(at: datetime, *, is_sqlite: bool) -> object:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else at
