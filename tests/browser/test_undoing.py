"""What destroys: it says beforehand what is lost and what stays, and the worst can be undone."""

import pytest

from app.domain.grant import Source
from app.domain.role import Role
from app.services.apps.edit import create_app
from app.services.credits.grant import grant_credits
from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from tests.browser.installation import served

pytestmark = pytest.mark.browser

ALICE, BOB, CAROL = "alice@acme.test", "bob@acme.test", "carol@acme.test"
PASSWORD = "correct horse battery"


def acme(app):
    """Alice owns Acme, Carol is an admin, Bob is a member; there is an app and a top-up."""
    now = app.extensions["coffer"].clock.now()
    alice, _, _ = (
        create_person(email, name, PASSWORD, now, verified=True)
        for email, name in ((ALICE, "Alice Arden"), (BOB, "Bob Birch"), (CAROL, "Carol Cole"))
    )
    start_workspace(ALICE, "acme", "Acme", "business", now, now)
    add_member("acme", CAROL, Role.ADMIN, now)
    add_member("acme", BOB, Role.MEMBER, now)
    create_app(access_to(alice.id, "acme")[1], "Storefront", "", now)
    grant_credits("acme", 700, Source.TOP_UP, None, "Pack", now)


@pytest.fixture
def installation(sqlite_template, tmp_path):
    """An installation with Acme in it."""
    with served(sqlite_template, tmp_path, acme) as installed:
        yield installed


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_roles_removal_deletion_and_the_way_back(installation, visit, scripts):
    """One afternoon of an owner."""
    alice = visit(installation, java_script_enabled=scripts).sign_in(ALICE, PASSWORD)
    bob = visit(installation, java_script_enabled=scripts).sign_in(BOB, PASSWORD)
    change_role(alice, bob)
    remove(alice, bob)
    delete(alice, installation)
    undo(alice)


def change_role(alice, bob):
    bob.open("/accounts/acme/invite", status=403)
    bob.headed("Your role does not allow this")
    alice.open("/accounts/acme/members")
    alice.follow("Change role of Bob Birch")
    alice.headed("Role of Bob Birch")
    alice.page.get_by_label("Role").select_option("Admin")
    alice.press("Change the role")
    alice.sees("Bob Birch is now admin.")
    bob.open("/accounts/acme/invite")
    bob.headed("Invite people")


def remove(alice, bob):
    alice.follow("Remove Bob Birch")
    alice.headed("Remove Bob Birch?")
    for words in (
        "Their access to Acme",
        "App keys that they made here",
        "Their name in the history",
    ):
        alice.sees(words)
    alice.press("Remove Bob Birch")
    alice.sees("Bob Birch was removed.")
    assert {row[0] for row in alice.rows("members")} == {"Alice Arden you", "Carol Cole"}
    bob.open("/accounts/acme", status=404)
    bob.open("/")
    assert bob.switcher() == {"Bob Birch": "5"}


def delete(alice, installation):
    alice.open("/accounts/acme/danger")
    alice.follow("See what would be lost")
    alice.headed("Delete Acme?")
    for words in ("1 app with their keys", "Storefront", "700 credits from top-ups", "2 people"):
        alice.sees(words)
    field = alice.page.get_by_label("Type the workspace's name to confirm")
    alice.may_be_refused("/accounts/acme/delete")
    field.fill("Acne")
    alice.press("Delete Acme")
    alice.headed("Delete Acme?")
    field.fill("Acme")
    alice.press("Delete Acme")
    alice.sees("Acme is deleted. You can bring it back for 30 days.")
    alice.open("/accounts/acme", status=404)
    assert installation.link_for(CAROL, "was deleted") == installation.url


def undo(alice):
    alice.open("/")
    assert alice.switcher() == {"Alice Arden": "5"}
    alice.sees("Deleted, can be brought back")
    alice.press("Bring it back Acme")
    alice.sees("Acme is back.")
    assert alice.switcher() == {"Alice Arden": "5", "Acme": "5,700"}
    alice.tab("Acme", "Apps")
    alice.sees("Storefront")
    alice.tab("Acme", "Members")
    assert {row[0] for row in alice.rows("members")} == {"Alice Arden you", "Carol Cole"}
