"""Verification: an address is proved by opening a link that was mailed to it."""

import pytest

from app.domain.refusals import Conflict, NotFound
from app.services.people.sign_up import sign_up
from app.services.people.verification import ask_verification, verify
from app.services.sso.auto_join import AutoJoined
from app.store.people import person_by_id
from tests.services.cast import claims_to, mails_to

PASSWORD = "correct horse battery"


@pytest.fixture
def bob(app, clock):
    return sign_up("bob@acme.test", "Bob", PASSWORD, clock.now())


def test_link_proves_the_address(bob, clock, later):
    claims, proved = claims_to("bob@acme.test", "verify"), later(hours=1)
    for at in (proved, later(hours=1)):
        assert verify(claims["person"], claims["email"], at) == AutoJoined()
        assert person_by_id(bob.id).email_verified_at == proved


def test_link_for_another_address_proves_nothing(bob, clock):
    with pytest.raises(Conflict):
        verify(bob.id, "old@acme.test", clock.now())
    with pytest.raises(Conflict):
        verify(10**9, "bob@acme.test", clock.now())
    assert bob.email_verified_at is None


def test_link_can_be_asked_for_again_until_it_was_used(bob, clock):
    ask_verification(bob.id, clock.now())
    assert len(mails_to("bob@acme.test", "verify")) == 2
    verify(bob.id, bob.email, clock.now())
    with pytest.raises(Conflict, match="verified already"):
        ask_verification(bob.id, clock.now())
    with pytest.raises(NotFound):
        ask_verification(10**9, clock.now())
