"""What the tests of the doors share: which of them run on PostgreSQL each time.

Doors speak no SQL, so most of their tests run there with the slow ones only. Those that spend
credits run on both databases always, as all tests of the ledger do.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
ALWAYS_ON_BOTH = {"test_credits.py", "test_lists.py", "test_fast_lane.py", "test_money.py"} | {
    "test_usage.py"
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what can wait, before the marks that were asked for are looked at."""
    for item in items:
        if HERE in item.path.parents and item.path.name not in ALWAYS_ON_BOTH:
            callspec = getattr(item, "callspec", None)
            if callspec and callspec.params.get("database_url") == "postgresql":
                item.add_marker(pytest.mark.slow)
