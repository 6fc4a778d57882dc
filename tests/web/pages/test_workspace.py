"""A workspace's people, its name, its owner, and its end."""

import pytest

from app.domain.role import Role
from app.services.workspaces.join import add_member
from tests.conftest import START

MEMBERS = "/accounts/acme/members"


@pytest.fixture
def browsers(open_browser, acme):
    """Everybody's browser."""
    return {name: open_browser(getattr(acme, name)) for name in ("alice", "bob", "carol")}


def test_a_member_sees_no_control_that_is_not_theirs(browsers):
    """The pages show what somebody may do, and nothing else."""
    page = browsers["bob"].get(MEMBERS)
    assert page.links() == ["/accounts/acme/leave"]
    assert page.actions() == []
    tabs = browsers["bob"].get("/accounts/acme").links("//nav[@class='tabs']")
    assert [tab.rpartition("/")[2] for tab in tabs] == [
        "acme",
        "history",
        "usage",
        "billing",
        "members",
        "apps",
    ]


def test_an_admin_changes_members_and_not_admins(browsers, acme):
    """Carol sees controls for Bob, none for Alice; for herself only the way out."""
    links = browsers["carol"].get(MEMBERS).links()
    assert f"{MEMBERS}/{acme.bob.email}" in links
    assert f"{MEMBERS}/{acme.alice.email}" not in links
    assert "/accounts/acme/leave" in links


def test_a_role_is_changed(browsers, acme):
    """Bob becomes an admin and sees it at once."""
    page = browsers["alice"].submit(f"{MEMBERS}/{acme.bob.email}", role="admin")
    assert "Bob Birch is now admin." in page.main
    assert "you are an admin" in browsers["bob"].get("/accounts/acme").main


def test_a_member_is_removed_after_reading_what_it_means(browsers, acme):
    """The page says what ends and what stays; access ends at once."""
    path = f"{MEMBERS}/{acme.bob.email}/remove"
    assert "What ends at once" in browsers["carol"].get(path).main
    assert "Bob Birch was removed." in browsers["carol"].submit(path).main
    assert browsers["bob"].get("/accounts/acme").status == 404
    assert "/accounts/acme" not in browsers["bob"].get("/").links("//body")


def test_a_member_leaves(browsers):
    """Leaving is one press of a button, after reading what it means."""
    page = browsers["bob"].submit("/accounts/acme/leave")
    assert (page.path, "You left Acme." in page.main) == ("/", True)
    assert browsers["bob"].get("/accounts/acme").status == 404


def test_the_owner_is_told_to_transfer_first(browsers):
    """Instead of a button the owner finds the way to the danger zone."""
    page = browsers["alice"].get("/accounts/acme/leave")
    assert page.actions() == []
    assert "/accounts/acme/danger" in page.links()


def test_members_are_found_and_paged(browsers):
    """A search finds by name or address; long lists come in pages."""
    for number in range(52):
        someone = person_without_password(f"p{number}@x.test", f"Person {number}")
        add_member("acme", someone.email, Role.MEMBER, START)
    first = browsers["alice"].get(MEMBERS)
    (more,) = [link for link in first.links() if "after=" in link]
    rest = browsers["alice"].get(more)
    names = [row[0] for row in first.rows("members") + rest.rows("members")]
    assert (len(names), len(set(names))) == (55, 55)
    found = browsers["alice"].get(f"{MEMBERS}?search=person+51")
    assert [row[1] for row in found.rows("members")] == ["p51@x.test"]
    assert "Nobody fits" in browsers["alice"].get(f"{MEMBERS}?search=zzz").main


def person_without_password(email, name):
    """Somebody who never signs in here."""
    from app.services.people.sign_up import create_person

    return create_person(email, name, None, START, verified=True)


def test_renamed(browsers):
    """Name and address change together; the former address is gone."""
    alice = browsers["alice"]
    page = alice.submit("/accounts/acme/settings", name="Acme & Söhne", slug="acme-soehne")
    assert page.path == "/accounts/acme-soehne/settings"
    assert "Acme & Söhne" in alice.get("/").main
    assert alice.get("/accounts/acme").status == 404


@pytest.mark.parametrize("slug", ["UPPER case", "alice", "-x", "x" * 41, "../etc"])
def test_a_bad_address_is_refused_beside_the_field(browsers, slug):
    """Of wrong form or taken: the form comes back."""
    page = browsers["alice"].submit("/accounts/acme/settings", slug=slug)
    assert page.status == 422
    assert page.errors()
    assert browsers["alice"].get("/accounts/acme").status == 200


def test_ownership_is_offered_withdrawn_and_accepted(browsers, acme):
    """Nothing changes before it is accepted; then the roles are exchanged."""
    alice, bob = browsers["alice"], browsers["bob"]
    offer, accept = "/accounts/acme/ownership/offer", "/accounts/acme/ownership/accept"
    assert (
        "The offer is made."
        in alice.submit("/accounts/acme/danger", offer, email=acme.bob.email).main
    )
    assert "You are offered this workspace" in bob.get("/accounts/acme").main
    assert "You are offered Acme" in bob.get("/").main
    alice.submit("/accounts/acme/danger", "/accounts/acme/ownership/withdraw")
    assert "You are offered" not in bob.get("/accounts/acme").main
    assert bob.send(accept).status_code == 404
    alice.submit("/accounts/acme/danger", offer, email=acme.bob.email)
    declined = bob.submit("/accounts/acme", "/accounts/acme/ownership/withdraw").main
    assert "You declined the offer" in declined
    assert "You are offered" not in declined
    alice.submit("/accounts/acme/danger", offer, email=acme.bob.email)
    assert "now the owner" in bob.submit("/accounts/acme", accept).main
    assert "you are an admin" in alice.get("/accounts/acme").main
    assert alice.get("/accounts/acme/danger").status == 403


def test_ownership_is_offered_to_members_only(browsers, acme):
    """An address that is no member's comes back with the reason."""
    page = browsers["alice"].submit(
        "/accounts/acme/danger", "/accounts/acme/ownership/offer", email=acme.charlie.email
    )
    assert (page.status, "is not a member" in page.main) == (422, True)


def test_deleted_with_the_name_typed_and_brought_back(browsers):
    """What is lost is listed; the wrong name deletes nothing; the owner can undo it."""
    alice = browsers["alice"]
    page = alice.get("/accounts/acme/delete")
    assert "0 apps" in page.main
    assert "3 people" in page.main
    assert alice.submit("/accounts/acme/delete", name="Amce").status == 422
    page = alice.submit("/accounts/acme/delete", name="Acme")
    assert (page.path, "Deleted, can be brought back" in page.main) == ("/", True)
    assert browsers["bob"].get("/accounts/acme").status == 404
    assert alice.get("/accounts/acme").status == 404
    page = alice.submit("/", "/accounts/acme/restore")
    assert (page.path, "Acme is back." in page.main) == ("/accounts/acme", True)
    assert browsers["bob"].get("/accounts/acme").status == 200


def test_a_new_workspace_needs_a_subscription(open_browser, charlie):
    """Without one the form says so; with one it opens."""
    from app.services.workspaces.subscribe import give_subscription

    browser = open_browser(charlie)
    page = browser.submit("/workspaces/new", name="Mine")
    assert (page.status, "Business subscription" in page.errors()[0]) == (422, True)
    give_subscription(charlie.email, "business", START)
    page = browser.submit("/workspaces/new", name="Mine & Co", slug="mine")
    assert (page.path, page.title) == ("/accounts/mine", "Mine & Co")


def test_two_tabs_stand_in_two_contexts(browsers):
    """The address says the account; the switcher shows each with its balance, by one call."""
    alice = browsers["alice"]
    for path, name in (("/accounts/acme", "Acme"), ("/accounts/alice", "Alice Arden")):
        page = alice.get(path)
        assert page.title == name
        (here,) = page.tree.xpath("//nav[@class='menu-sheet']//a[@aria-current]")
        assert here.get("href") == path
    switcher = alice.get("/profile").tree.xpath("//nav[@class='menu-sheet']//li")
    assert ["5,000" in each.text_content() for each in switcher] == [False, True]


def test_a_page_reads_the_contexts_once(browsers, monkeypatch):
    """Home shows the contexts twice, and asks for them once."""
    from app.web.pages import layout

    calls = []
    read = layout.pools_of
    monkeypatch.setattr(layout, "pools_of", lambda *args: calls.append(args) or read(*args))
    browsers["alice"].get("/")
    assert len(calls) == 1


def test_a_personal_account_has_no_members(browsers):
    """What only workspaces have is not there."""
    alice = browsers["alice"]
    for page in ("members", "invite", "leave", "danger", "delete"):
        assert alice.get(f"/accounts/alice/{page}").status == 404, page
    assert "/accounts/alice/members" not in alice.get("/accounts/alice").links(
        "//nav[@class='tabs']"
    )


def test_nobodys_name_breaks_a_page(open_browser, acme):
    """Names are text, whatever they contain."""
    browser = open_browser(acme.charlie)
    browser.submit("/profile", "/profile/name", **{"name-name": "<b>bold</b>"})
    page = browser.get("/")
    assert page.title == "Hello, <b>bold</b>"
    assert "<b>bold" not in page.source
