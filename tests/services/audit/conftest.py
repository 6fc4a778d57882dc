"""What the tests of the audit log share."""

import pytest

from app.factory import build_without_doors
from tests.services.audit.log import begin_anew, seal, write


@pytest.fixture
def build():
    """Verbs need no doors."""
    return build_without_doors


@pytest.fixture
def empty(app):
    """A log in which nothing stands."""
    begin_anew()


@pytest.fixture
def guarded(app):
    """A log whose guards stand, with what filled the database in it."""


@pytest.fixture
def sealed(empty):
    """Five sealed lines in chain 7, and three in chain 8."""
    write(5)
    write(3, chain=8)
    assert seal() == 8
