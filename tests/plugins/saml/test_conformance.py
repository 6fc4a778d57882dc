"""The conformance kit over the SAML handler, with an identity provider of our own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from app.conformance.sso import Person, SsoConformance
from app.hookspecs import Arrival, OurSide
from plugins.sso_saml.handler import SamlHandler
from tests.plugins.saml.idp import Idp, Saying, make_key, packed, request_in

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BASE = "https://coffer.test/sso/abc"


def our_side():
    """Our side of one identity provider."""
    private, certificate = make_key()
    return OurSide(
        f"{BASE}/metadata",
        f"{BASE}/acs",
        f"{BASE}/login",
        f"{BASE}/metadata",
        f"{BASE}/logout",
        private,
        certificate,
    )


@dataclass
class Played:
    """An honest identity provider behind its metadata."""

    idp: Idp
    ours: OurSide
    handler: SamlHandler = field(default_factory=SamlHandler)
    values: dict = field(default_factory=dict)
    now: datetime = NOW

    @property
    def document(self):
        return self.idp.metadata()

    def answer(self, onward, person: Person) -> Arrival:
        asked = request_in(onward.url)
        says = Saying(
            asked.get("AssertionConsumerServiceURL"),
            asked.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer"),
            asked.get("ID"),
            person.subject,
            person.email,
            person.name,
        )
        handle = dict(pair.split("=") for pair in onward.url.split("?")[1].split("&"))["RelayState"]
        raw = self.idp.answer(says, self.now)
        return Arrival("POST", (("SAMLResponse", packed(raw)), ("RelayState", handle)))


@pytest.fixture(scope="module")
def parties():
    return Idp(), our_side()


class TestSaml(SsoConformance):
    @pytest.fixture
    def other_side(self, parties):
        return Played(*parties)
