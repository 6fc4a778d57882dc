"""Asking to join, as who asks and who answers see it."""

import pytest

from app.services.people.sign_up import create_person
from app.services.sso.domains.claim import vouch_for_domain
from app.services.workspaces.access import access_to
from tests.conftest import PASSWORD, START

DOMAINS, MEMBERS = "/accounts/acme/domains", "/accounts/acme/members"


@pytest.fixture
def olaf(app, acme):
    """Had an account before Acme verified the domain of his address."""
    vouch_for_domain(access_to(acme.alice.id, "acme")[1], "corp.test", START)
    return create_person("olaf@corp.test", "Olaf", PASSWORD, START, verified=True)


def test_asked_declined_with_a_reason_and_let_in(olaf, acme, open_browser, later):
    """The owner wants approval; the answer is read at home, and a month later it is another."""
    alice, asking = open_browser(acme.alice), open_browser(olaf)
    assert "/accounts/acme/join" in asking.get("/").actions()
    alice.submit(DOMAINS, f"{DOMAINS}/corp.test/approval")
    assert "asks to join, and you or an admin answer" in alice.get(DOMAINS).main
    page = asking.submit("/", "/accounts/acme/join/ask")
    assert "You asked to join Acme" in page.main
    assert "Olaf asks to join Acme" in alice.get("/notifications").main
    assert [row[0] for row in alice.get(MEMBERS).rows("asking")] == ["Olaf"]
    alice.submit("/accounts/acme/requests/request_1/decline", reason="Ask Bob first.")
    assert alice.get(MEMBERS).rows("asking") == []
    home = asking.get("/").main
    assert "Acme declined" in home
    assert "Ask Bob first." in home
    assert asking.send("/accounts/acme/join/ask").status_code == 409
    later(days=31)
    alice, asking = open_browser(acme.alice), open_browser(olaf)
    asking.submit("/", "/accounts/acme/join/ask")
    alice.submit(MEMBERS, "/accounts/acme/requests/request_2/approve")
    assert asking.get("/accounts/acme").status == 200


def test_members_do_not_see_who_asks(olaf, acme, open_browser):
    """Only those who may answer see the names."""
    alice, asking = open_browser(acme.alice), open_browser(olaf)
    alice.submit(DOMAINS, f"{DOMAINS}/corp.test/approval")
    asking.submit("/", "/accounts/acme/join/ask")
    assert "Olaf" not in open_browser(acme.bob).get(MEMBERS).main
    asking.submit("/", "/accounts/acme/join/take-back")
    assert alice.get(MEMBERS).rows("asking") == []
