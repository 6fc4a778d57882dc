"""Sites on both databases, for tests that start and kill real servers."""

import pytest

from tests.crash.site import Site


@pytest.fixture
def site(database_url, tmp_path):
    """An installation on SQLite, and one on PostgreSQL."""
    return Site(database_url, tmp_path).set_up()
