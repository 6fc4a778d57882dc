"""A real scheduler under a shifted clock: it charges what opened, and tops up within seconds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.services.billing.auto_top_up import set_auto_top_up
from app.services.billing.read import plan_of
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from tests.cli.running import eventually, started
from tests.services.billing.engine.test_processes import pays_by_the_bank

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
ROOT = Path(__file__).parents[4]
SOON = 40


@pytest.fixture
def site(tmp_path):
    """The bank as an installed package, for processes of their own."""
    package = tmp_path / "site" / "bank-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: bank\nVersion: 1.0\n")
    names = "[coffer.plugins]\nbank = tests.conformance.bank_plugin\n"
    (package / "entry_points.txt").write_text(names)
    return tmp_path / "site"


@pytest.fixture
def environment(till, site, database_url, tmp_path):
    """A process whose clock stands a moment after Acme's next period opened."""

    def at(instant):
        shift = (instant - datetime.now(UTC)).total_seconds()
        return {
            "COFFER_INSTANCE": str(tmp_path),
            "DATABASE_URL": database_url,
            "COFFER_CLOCK_SHIFT_SECONDS": str(int(shift)),
            "PYTHONPATH": f"{site}:{ROOT}",
        }

    return at


def test_it_renews_charges_and_tops_up(cast, alice, till, environment, tmp_path, clock):
    pays_by_the_bank(till, cast.acme)
    set_auto_top_up(alice, 10_100, "pack-500", "bank", 2_500, clock.now())
    end = plan_of(cast.acme, clock.now()).period.end
    now = end + timedelta(minutes=1)
    with started("scheduler", environment=environment(now), log=tmp_path / "scheduler.log"):
        eventually(lambda: till.subscription(cast.acme).paid_through == 2, "paid", SOON)
        eventually(lambda: sorted(till.charges().values()) == [2500, 9900], "topped up", SOON)
        states = lambda: set(till.states())  # noqa: E731
        eventually(lambda: states() == {"processed"}, "both recorded", SOON)
    later = now + timedelta(minutes=5)
    close_due_periods(later)
    assert pool(cast.acme, later).available == 10_500
    assert sorted(till.charges().values()) == [2500, 9900]
    till.require_sound()
