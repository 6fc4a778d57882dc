"""What the tests of the audit log share."""

from contextlib import contextmanager

import pytest

from app.factory import build_without_doors
from tests.services.audit.log import begin_anew, lines, seal, write
from tests.services.audit.stories import STORIES
from tests.services.audit.walking import Walk


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


@pytest.fixture
def story(app, monkeypatch):
    """Walk through a story, whose verbs each have to note the line that the table says."""
    walk = Walk(monkeypatch)

    @contextmanager
    def told(name):
        with walk.watched():
            yield
        wanted = STORIES[name]
        missing = {verb: kind for verb, kind in wanted.items() if kind not in walk.kinds[verb]}
        assert missing == {}
        assert set(wanted.values()) <= {line.kind for line in lines()}, "they were committed"

    return told
