"""What the tests of the tables share."""

import pytest

from app.factory import build_without_doors


@pytest.fixture
def build():
    """Tables need no doors."""
    return build_without_doors
