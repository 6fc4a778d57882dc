"""The main job, in one walk: a team, its pool, an app, and who used what."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ALICE, BOB = "alice@acme.test", "bob@acme.test"
PASSWORD = "correct horse battery"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_team_shares_a_pool_and_sees_who_used_what(installation, visit, scripts):
    """Alice and Bob do it all in their browsers; the operator and the platform do their part."""
    alice = visit(installation, java_script_enabled=scripts)
    bob = visit(installation, java_script_enabled=scripts)
    sign_up(alice, installation)
    open_workspace(alice, installation)
    invite_bob(alice)
    join_through_the_link(bob, installation)
    app = create_an_app(bob)
    token = spend(installation, app)
    see_who_used_what(alice)
    leave(bob)
    see_that_the_name_stays(alice, app)
    nobody_spends_for_bob(installation, token, app)
    assert installation.coffer("ledger", "verify")


def sign_up(alice, installation):
    alice.open("/")
    alice.headed("Sign in")
    alice.follow("Sign up")
    alice.fill(Your_name="Alice Arden", Password=PASSWORD)
    alice.page.get_by_label("E-mail", exact=True).fill(ALICE)
    alice.press("Sign up")
    alice.headed("Hello, Alice Arden")
    alice.sees("Confirm your address")
    assert alice.switcher() == {"Alice Arden": "5"}
    alice.open(installation.link_for(ALICE, "confirm your address"))
    alice.press("Yes, confirm it")
    alice.sees("your address is confirmed")
    expect(alice.page.get_by_text("Confirm your address")).to_have_count(0)


def open_workspace(alice, installation):
    alice.follow("New workspace")
    alice.headed("New workspace")
    alice.may_be_refused("/workspaces/new")
    alice.fill(Name="Acme")
    alice.press("Open the workspace")
    expect(alice.page.get_by_role("alert")).to_contain_text("Business")
    installation.coffer("subscription", "create", "--owner", ALICE)
    alice.fill(Name="Acme")
    alice.press("Open the workspace")
    alice.headed("Acme")
    assert alice.rows("latest")[0][1:] == ["Allocation", "—", "—", "+5,000", "5,000"]
    assert alice.switcher() == {"Alice Arden": "5", "Acme": "5,000"}


def invite_bob(alice):
    alice.tab("Acme", "Members")
    alice.follow("Invite")
    alice.page.get_by_label("E-mail addresses").fill(BOB)
    alice.press("Invite")
    alice.sees("1 invitation on the way.")
    assert alice.rows("invited")[0][:2] == [BOB, "Member"]


def join_through_the_link(bob, installation):
    bob.open(installation.link_for(BOB, "invites you to Acme"))
    bob.headed("Join Acme")
    bob.fill(Your_name="Bob Birch", Password=PASSWORD)
    bob.press("Sign up and join")
    bob.headed("Acme")
    bob.sees("you are a member")
    assert bob.switcher() == {"Bob Birch": "5", "Acme": "5,000"}


def create_an_app(bob):
    bob.tab("Acme", "Apps")
    bob.follow("Create an app")
    bob.headed("Create an app")
    bob.fill(Name="Storefront", Description="What customers see.")
    bob.press("Create the app")
    bob.headed("Storefront")
    return bob.page.url.rpartition("/")[2]


def spend(installation, app):
    token = installation.coffer("token", "create", "--service", "platform")
    task = {"account": "acme", "member": BOB, "app": app}
    task |= {"action": "generate.fullstack", "quantity": 2}
    for status_of_key in ("first", "again"):
        status, done = installation.deduct(token, "one", **task)
        assert (status_of_key, status) == (status_of_key, 201)
        assert (done["credits"], done["balance_after"]) == (8, 4992)
    return token


LINE = ["generate.fullstack × 2", "Bob Birch", "Storefront", "−8", "4,992"]  # noqa: RUF001


def see_who_used_what(alice):
    alice.tab("Acme", "History")
    assert alice.rows("lines")[0][1:] == LINE
    alice.tab("Acme", "Usage")
    for subject, name in (
        ("Member", f"Bob Birch {BOB}"),
        ("App", "Storefront"),
        ("Action", "generate.fullstack"),
    ):
        alice.follow(subject)
        report = alice.page.get_by_role("region", name=f"Credits by {subject.lower()}")
        expect(report.locator("figure svg")).to_be_visible()
        assert alice.rows("report") == [[name, "8", "100%", "1"]]
    alice.tab("Acme", "Overview")
    expect(alice.page.locator(".balance-figure")).to_have_text("4,992")
    assert alice.switcher() == {"Alice Arden": "5", "Acme": "4,992"}


def leave(bob):
    bob.tab("Acme", "Members")
    bob.follow("Leave")
    bob.sees("Your apps here: they belong to the workspace")
    bob.press("Leave Acme")
    bob.sees("You left Acme.")
    assert bob.switcher() == {"Bob Birch": "5"}
    bob.open("/accounts/acme", status=404)
    bob.headed("Not found")


def see_that_the_name_stays(alice, app):
    alice.tab("Acme", "Members")
    assert [row[0] for row in alice.rows("members")] == ["Alice Arden you"]
    alice.tab("Acme", "History")
    assert alice.rows("lines")[0][1:] == LINE
    alice.open(f"/accounts/acme/apps/{app}")
    alice.headed("Storefront")


def nobody_spends_for_bob(installation, token, app):
    task = {"account": "acme", "member": BOB, "app": app, "action": "deploy"}
    status, problem = installation.deduct(token, "two", **task)
    assert 400 <= status < 500, problem
    shown = installation.coffer("credits", "show", "acme", "--json")
    assert '"available": 4992' in shown
