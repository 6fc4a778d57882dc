"""What the tests of actions share: an app of Acme, and the story of its actions."""

import pytest

from app.services.apps.edit import create_app
from tests.services.actions.runner import Story


@pytest.fixture
def story(cast):
    return Story(cast, create_app(cast.access("bob"), "Shop", "", cast.now).id)
