"""What the tests of the doors share: which of them run on PostgreSQL too.

Doors speak no SQL: what they ask for is tested on both databases in its own room. So every
address is called on PostgreSQL by the tests of who may call it, and what spends credits is
tested there in full, as all tests of the ledger are; the rest runs on SQLite alone.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
ON_BOTH = {
    "test_credits.py",
    "test_lists.py",
    "test_money.py",
    "test_usage.py",
}
ON_BOTH_SLOWLY = {"test_who_may.py"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs on SQLite alone, before the marks that were asked for are looked at."""
    left_out = []
    for item in items:
        callspec = getattr(item, "callspec", None)
        is_doors = HERE in item.path.parents and callspec is not None
        if not is_doors or callspec.params.get("database_url") != "postgresql":
            continue
        if item.path.name in ON_BOTH_SLOWLY:
            item.add_marker(pytest.mark.slow)
        elif item.path.name not in ON_BOTH:
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
