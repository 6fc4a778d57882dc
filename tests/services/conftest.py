"""What the tests of the verbs share: quick passwords, and the people of the story."""

import pytest
from argon2 import PasswordHasher

from app.services.people import hash_password
from tests.services.cast import Cast


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(
        hash_password, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )


@pytest.fixture
def cast(app, clock):
    """Alice owns Acme; Carol and Cora are admins, Bob and Ben members, Charlie is outside."""
    return Cast(clock)
