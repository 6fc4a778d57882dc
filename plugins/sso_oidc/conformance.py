"""The conformance kit over the OpenID Connect handler, with the stand-in behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app.conformance.sso import OtherSide, Person, SsoConformance
from app.hookspecs import Arrival, OurSide, PostForm, Redirect, SsoHandler
from plugins.sso_oidc.handler import OidcHandler
from plugins.sso_oidc.stand_in import CLIENT_ID, CLIENT_SECRET, SigningKey, StandIn, query_of

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BASE = "https://coffer.test/sso/abc"
OURS = OurSide(
    entity_id=f"{BASE}/metadata",
    answer_url=f"{BASE}/acs",
    login_url=f"{BASE}/login",
    metadata_url=f"{BASE}/metadata",
    logout_url=f"{BASE}/logout",
    private_key="-----BEGIN PRIVATE KEY-----",
    certificate="-----BEGIN CERTIFICATE-----",
)
VALUES: Mapping[str, str | int | bool] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


@dataclass
class Played:
    """An honest identity provider, and the handler that asks it."""

    stand_in: StandIn
    handler: SsoHandler
    document: str
    values: Mapping[str, str | int | bool]
    ours: OurSide = OURS
    now: datetime = NOW

    def answer(self, onward: Redirect | PostForm, person: Person) -> Arrival:
        """Sign the person in, and give what their browser then brings."""
        claims = {"sub": person.subject, "email": person.email, "name": person.name}
        fields = self.stand_in.sign_in(onward.url, claims)
        return Arrival("GET", fields, query_of(fields))


@pytest.fixture(scope="module")
def key() -> SigningKey:
    """Make one key for all tests, which takes longer than anything else here."""
    return SigningKey("one")


class TestOidc(SsoConformance):
    """The kit's tests."""

    @pytest.fixture
    def other_side(self, key: SigningKey) -> OtherSide:
        """An identity provider of its own for each test."""
        stand_in = StandIn(NOW, [key], OURS.answer_url)
        return Played(stand_in, OidcHandler(stand_in), stand_in.document, VALUES)
