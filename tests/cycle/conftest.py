"""Fixtures of the cycle's proof: plans of any size, and workspaces on them."""

import pytest

from app.domain.period import Renews
from app.services.workspaces.open import start_workspace
from app.store.catalogue import PlanRow
from app.store.database import db
from tests.conftest import START


@pytest.fixture
def add_plan(app):
    """Put a monthly plan for workspaces into the catalogue."""

    def add(key, credits, cap=10_000, renews=Renews.MONTHLY, workspaces=True):
        row = PlanRow(
            key=key,
            name=key.title(),
            credits=credits,
            renews=renews,
            rollover_cap=cap,
            workspaces=workspaces,
            position=(credits - 5_000) // 100,  # from small to big; Business is 2
        )
        db.session.add(row)
        db.session.commit()

    return add


@pytest.fixture
def open_on(alice):
    """Start a workspace on a plan."""

    def start(slug, plan="business", anchor=START, now=None):
        return start_workspace(alice.email, slug, slug.title(), plan, anchor, now or anchor)

    return start
