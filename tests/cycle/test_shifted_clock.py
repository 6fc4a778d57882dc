"""Time passes outside: a server under a shifted clock, and one that was off for three months."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.domain.plan_change import GRACE
from app.store.accounts import account_by_slug
from app.store.database import db
from app.store.pools import PERIODS, POOLS, TRANSACTIONS
from tests.cli.running import eventually, free_port, run, started, status_of
from tests.crash.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PATIENCE = 60
# Each month 1,000 of the oldest are used: 4,000 are carried once; later 5,000 new ones are, and
# the rest of the old ones expires.
FOUND = (5_000, 9_000, 10_000, 10_000)


@pytest.fixture
def site(database_url, tmp_path):
    """Acme with 5,000 credits, opened at this very moment."""
    return Site(database_url, tmp_path).set_up()


def shifted(site, span):
    return site.environment | {"COFFER_CLOCK_SHIFT_SECONDS": str(round(span.total_seconds()))}


def ask(site, port, method, path, body=None, key=None):
    """One call of the API, as the platform makes it."""
    headers = {"Authorization": f"Bearer {site.token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        text = None if body is None else json.dumps(body)
        headers |= {"Idempotency-Key": key} if key else {}
        connection.request(method, f"/api/v1{path}", text, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def spend(site, port, credits, key):
    body = {"account": "acme", "member": "bob@acme.test", "action": "deploy", "quantity": credits}
    return ask(site, port, "POST", "/deductions", body, key)


def facts(site):
    """Acme's periods and allocations as they stand in the database."""
    with site.inside():
        pool = account_by_slug("acme").id
        with db.engine.connect() as connection:
            periods = connection.execute(
                PERIODS.select().where(PERIODS.c.pool == pool).order_by(PERIODS.c.number)
            ).all()
            lines = connection.execute(
                TRANSACTIONS.select()
                .where(TRANSACTIONS.c.pool == pool)
                .order_by(TRANSACTIONS.c.seq)
            ).all()
        return periods, lines


def due(site, at):
    with site.inside(), db.engine.connect() as connection:
        return connection.execute(POOLS.select().where(POOLS.c.due_at <= at)).all()


def require_proof(site):
    verified = run("ledger", "verify", environment=site.environment)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_scheduler_that_starts_three_months_later_closes_each_period_in_order(site, tmp_path):
    ahead = timedelta(days=95)
    environment = shifted(site, ahead)
    with started("scheduler", environment=environment, log=tmp_path / "log"):
        eventually(
            lambda: not due(site, datetime.now(UTC) + ahead - timedelta(minutes=1)),
            "every pool is settled",
            PATIENCE,
        )
    periods, lines = facts(site)
    assert [row.number for row in periods] == [1, 2, 3, 4]
    for earlier, later in pairwise(periods):
        assert earlier.ends_at == later.starts_at
    allocations = [line for line in lines if line.kind == "allocation"]
    assert [line.at for line in allocations[1:]] == [row.starts_at for row in periods[1:]]
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert lines[-1].balance_after == 10_000
    require_proof(site)


def test_a_server_under_a_shifted_clock_through_three_renewals(site, tmp_path):
    for month in range(4):
        ahead, port = timedelta(days=31 * month), free_port()
        command = ("serve", "--port", str(port), "--workers", "1")
        environment = shifted(site, ahead)
        with started(*command, environment=environment, log=tmp_path / f"log-{month}"):
            ready = f"http://127.0.0.1:{port}/readyz"
            eventually(lambda url=ready: status_of(url) == 200, "the server is ready", PATIENCE)
            _, before = ask(site, port, "GET", "/accounts/acme/pool")
            assert before["available"] == FOUND[month]
            status, done = spend(site, port, 1_000, f"month {month}")
            assert (status, done["balance_after"]) == (201, before["available"] - 1_000)
            again, same = spend(site, port, 1_000, f"month {month}")
            assert (again, same) == (201, done)
            if month:
                assert done["draws"][0]["expires_at"] == before["period"]["end"]
    periods, _ = facts(site)
    assert [(row.number, row.carried, row.trimmed) for row in periods] == [
        (1, 0, 0),
        (2, 4_000, 0),
        (3, 5_000, 0),
        (4, 5_000, 0),
    ]
    require_proof(site)


def test_a_cancelled_workspace_lapses_under_a_shifted_clock(site, tmp_path):
    assert run("plan", "cancel", "acme", environment=site.environment).returncode == 0
    ahead, port = timedelta(days=31) + GRACE, free_port()
    command = ("serve", "--port", str(port), "--workers", "1")
    with started(*command, environment=shifted(site, ahead), log=tmp_path / "log"):
        ready = f"http://127.0.0.1:{port}/readyz"
        eventually(lambda: status_of(ready) == 200, "the server is ready", PATIENCE)
        status, problem = spend(site, port, 1, "late")
        assert (status, problem["code"]) == (402, "workspace_suspended")
        _, pool = ask(site, port, "GET", "/accounts/acme/pool")
        assert (pool["available"], pool["renews"]) == (5_000, False)
    require_proof(site)
