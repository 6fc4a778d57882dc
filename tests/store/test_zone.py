"""A server set to another zone: instants are in UTC all the same, and so are days."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app.services.credits.caller import caller_of
from app.services.credits.read import usage
from app.services.credits.spend import Spending, deduct
from app.services.credits.verify import verify_ledger
from app.services.tokens.make_token import make_service_token
from app.store.database import db
from tests.conftest import START

LATE = datetime(2026, 1, 16, 2, 30, tzinfo=UTC)  # the evening before in New York


@pytest.fixture
def database_url(postgresql_url):
    return postgresql_url


@pytest.fixture
def abroad(app):
    """The database's own zone, for every connection that says nothing else."""
    with db.engine.begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'America/New_York'"))
    db.session.remove()
    db.engine.dispose()


def test_usage_counts_by_days_of_utc(abroad, acme):
    platform = caller_of(make_service_token("platform", START)[1], START)
    asked = Spending("acme", acme.bob.email, None, "deploy", 3)
    deduct(platform, asked, "ahead", LATE)
    deduct(platform, asked, "behind", START)  # dated by the pool's own time, which was read back
    (day,) = usage(acme.account, "day", None, None).items
    assert (day.key, day.credits) == ("2026-01-16", 6)
    assert [found.difference for found in verify_ledger("acme")] == [None]
