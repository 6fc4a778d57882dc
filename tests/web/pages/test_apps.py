"""Apps and their keys."""

import pytest

from app.services.apps.edit import create_app
from app.services.credits.caller import caller_of
from app.services.workspaces.access import access_to
from tests.conftest import START

APPS = "/accounts/acme/apps"


@pytest.fixture
def bobs(open_browser, acme):
    """Bob's browser."""
    return open_browser(acme.bob)


@pytest.fixture
def alices_app(acme):
    """An app that Alice made in Acme."""
    return create_app(access_to(acme.alice.id, "acme")[1], "Night shift", "", START)


def test_a_member_creates_describes_and_deletes_an_app(bobs):
    """Each step says what it did."""
    assert "No app yet" in bobs.get(APPS).main
    page = bobs.submit(f"{APPS}/new", name="Portal", description="Shows orders.")
    assert page.title == "Portal"
    path = page.path
    page = bobs.submit(path, name="Customer portal", description="Shows <orders>.")
    assert "Saved." in page.main
    assert "Shows <orders>." in bobs.get(APPS).main
    assert "programs that call" in bobs.get(f"{path}/delete").main
    assert "Customer portal is deleted." in bobs.submit(f"{path}/delete").main
    assert bobs.get(path).status == 404


def test_an_app_needs_a_name(bobs):
    """Empty and over-long names come back beside the field."""
    assert bobs.submit(f"{APPS}/new", name=" ").status == 422
    page = bobs.submit(f"{APPS}/new", name="x" * 101)
    assert (page.status, "100 characters" in page.errors()[0]) == (422, True)


def test_a_key_is_shown_once_and_works_until_it_is_revoked(bobs, app):
    """The page after making it shows it; no later page does."""
    path = bobs.submit(f"{APPS}/new", name="Portal").path
    page = bobs.submit(path, f"{path}/keys", **{"key-name": "production"})
    text = page.tree.get_element_by_id("secret").get("value")
    assert text.startswith("coffer_a_")
    assert f"app_{caller_of(text, START).app_id}" in path
    page = bobs.get(path)
    assert text not in page.source
    (revoke,) = [action for action in page.actions() if action.endswith("/revoke")]
    assert "The key is revoked." in bobs.submit(path, revoke).main
    from app.domain.refusals import Unauthenticated

    with pytest.raises(Unauthenticated):
        caller_of(text, START)


def test_keys_of_others_are_not_a_members(bobs, alices_app):
    """Bob may edit Alice's app; its keys and its end are not his."""
    path = f"{APPS}/app_{alices_app.id}"
    assert bobs.get(path).actions() == [path]
    assert "Saved." in bobs.submit(path, name="Day shift").main
    assert bobs.send(f"{path}/keys", **{"key-name": "x"}).status_code == 403
    assert bobs.get(f"{path}/delete").status == 403


def test_an_app_moves_to_another_account(open_browser, acme, alices_app):
    """Its owner's other accounts are offered; then it is there and no longer here."""
    browser = open_browser(acme.alice)
    path = f"{APPS}/app_{alices_app.id}"
    assert "To Alice Arden: 0 keys revoked" in browser.get(f"{path}/transfer").main
    page = browser.submit(f"{path}/transfer", to="alice")
    assert page.path == f"/accounts/alice/apps/app_{alices_app.id}"
    assert browser.get(path).status == 404


@pytest.mark.parametrize("reference", ["app_999", "app_x", "tx_1_1", "app_" + "9" * 30, "new2"])
def test_an_unknown_app_is_not_there(bobs, reference):
    """Whatever its reference looks like."""
    assert bobs.get(f"{APPS}/{reference}").status == 404
