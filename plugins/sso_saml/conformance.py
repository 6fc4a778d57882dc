"""The conformance kit over the handler, with a stand-in that speaks SAML on the other side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from app.conformance.sso import Person, SsoConformance
from app.hookspecs import Arrival, OurSide, PostForm, Redirect
from plugins.sso_saml.handler import SamlHandler
from plugins.sso_saml.stand_in import StandIn, make_key

BASE = "https://coffer.example/sso/1"


class Played:
    """The handler, and the identity provider that it works with."""

    values: Mapping[str, str | int | bool] = {}
    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def __init__(self) -> None:
        self.handler = SamlHandler()
        self.stand_in = StandIn()
        self.document = self.stand_in.metadata
        private, certificate = make_key("coffer.example")
        self.ours = OurSide(
            entity_id=f"{BASE}/metadata",
            answer_url=f"{BASE}/acs",
            login_url=f"{BASE}/login",
            metadata_url=f"{BASE}/metadata",
            logout_url=f"{BASE}/logout",
            private_key=private,
            certificate=certificate,
        )

    def answer(self, onward: Redirect | PostForm, person: Person) -> Arrival:
        """Sign the person in at the other side."""
        whom = (person.subject, person.email, person.name)
        return self.stand_in.answer(onward, *whom, self.now)


@pytest.fixture(scope="module")
def played() -> Played:
    """Both sides; their keys are made once."""
    return Played()


class TestSaml(SsoConformance):
    """Every test of the kit."""

    @pytest.fixture
    def other_side(self, played: Played) -> Played:
        """Give both sides."""
        return played
