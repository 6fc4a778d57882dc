"""What the tests of the operator's desk share."""

import pytest

from app.factory import build_without_doors
from app.services.people.sign_up import create_person
from tests.conftest import PASSWORD, START


@pytest.fixture
def build():
    """Verbs need no doors."""
    return build_without_doors


@pytest.fixture
def olga(app):
    """Runs the installation."""
    return create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
