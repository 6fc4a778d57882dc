"""What the tests of the verbs share: the people of the story."""

import pytest

from app.factory import build_without_doors
from tests.services.cast import Cast


@pytest.fixture
def build():
    """Verbs need no doors."""
    return build_without_doors


@pytest.fixture
def cast_scene():
    """Ask for a database in which the story has begun."""


@pytest.fixture
def cast(cast_scene, app, clock):
    """Alice owns Acme; Carol and Cora are admins, Bob and Ben members, Charlie is outside."""
    return Cast(clock)
