"""One's own profile."""

import pytest

from app.domain.refusals import Unauthenticated
from app.services.credits.caller import caller_of
from tests.conftest import PASSWORD, START

NEW = "a fresh and long one"


@pytest.fixture
def alices(open_browser, alice):
    """Alice's browser."""
    return open_browser(alice)


def test_the_name_changes(alices):
    """Everywhere at once."""
    alices.submit("/profile", "/profile/name", **{"name-name": "Alice Ash"})
    assert alices.get("/").title == "Hello, Alice Ash"
    page = alices.submit("/profile", "/profile/name", **{"name-name": ""})
    assert (page.status, page.errors()) == (422, ["Write your name."])


def test_the_password_changes_and_signs_out_elsewhere(alices, open_browser, alice):
    """Knowing the old one; this browser stays signed in."""
    elsewhere = open_browser(alice)
    change = "/profile/password"
    fields = {"password-old_password": "not it at all", "password-new_password": NEW}
    page = alices.submit("/profile", change, **fields)
    assert page.errors() == ["This is not your present password."]
    fields["password-old_password"] = PASSWORD
    assert "is changed" in alices.submit("/profile", change, **fields).main
    assert alices.get("/profile").title == "Profile"
    assert elsewhere.get("/profile").title == "Sign in"
    open_browser().submit("/sign-in", email=alice.email, password=NEW)


def test_a_token_is_shown_once_and_works_until_it_is_revoked(alices, alice):
    """A personal token acts as its person."""
    assert "No token yet" in alices.get("/profile").main
    page = alices.submit("/profile", "/profile/tokens", **{"token-name": "laptop"})
    text = page.tree.get_element_by_id("secret").get("value")
    assert caller_of(text, START).person_id == alice.id
    page = alices.get("/profile")
    assert text not in page.source
    assert page.rows("tokens")[0][:4] == ["laptop", text[-4:], "15 Jan 2026", "15 Apr 2026"]
    (revoke,) = [action for action in page.actions() if "/tokens/" in action]
    alices.submit("/profile", revoke)
    with pytest.raises(Unauthenticated):
        caller_of(text, START)


def test_browsers_are_signed_out_one_by_one_or_all(alices, open_browser, alice):
    """The list shows each; this one can't be ended by mistake."""
    others = [open_browser(alice) for _ in range(3)]
    page = alices.get("/profile")
    assert len(page.rows("sessions")) == 4
    ends = [a for a in page.actions() if a.endswith("/end")]
    assert len(ends) == 3
    alices.submit("/profile", ends[0])
    assert [each.get("/profile").title for each in others].count("Sign in") == 1
    alices.submit("/profile", "/profile/sessions/end-others")
    assert [each.get("/profile").title for each in others] == ["Sign in"] * 3
    assert len(alices.get("/profile").rows("sessions")) == 1


def test_nobody_ends_the_session_of_another(alices, open_browser, bob):
    """A number that is not one's own does nothing."""
    bobs = open_browser(bob)
    for number in range(1, 5):
        assert alices.send(f"/profile/sessions/{number}/end").status_code in (302, 404)
        if alices.get("/profile").title == "Sign in":
            alices.sign_in("alice@acme.test")
    assert bobs.get("/profile").title == "Profile"
