"""Every page, for every role: accessible, as wide as its window, by day and by night."""

import re

import pytest
from playwright.sync_api import expect

from app import create_app
from app.demo.people import ALICE, BOB, CHARLIE, DANA
from tests.browser.addresses import VISITS
from tests.browser.eyes import PHONE, look_everywhere
from tests.browser.story import NEW, OPERATOR

pytestmark = pytest.mark.browser

# No page of their own: files, and addresses that only lead on.
NO_PAGES = {
    "stylesheet",
    "usage_csv",
    "statement_pdf",
    "history_csv",
    "change_password_address",
} | {
    *("invoice", "receipt", "admin_invoice", "admin_journal"),
    *("account_audit_csv", "admin_audit_csv", "admin_mail_html"),
    *(
        "ace",
        "action_progress",
        "invite_list_csv",
        "app_file_picture",
        "app_file_raw",
        "app_zip",
        "notification",
    ),
    *("sso_login", "sso_answer", "sso_metadata", "sso_sign_out", "test_identity_provider"),
}
# They open by a link from a mail.
BY_LINK = {"invitation", "verify", "reset_password"}
# They open to who has a second factor: test_two_factor.py looks at them.
WITH_A_DEVICE = {"second_step", "recovery_codes", "switch_off_two_factor"}
# They open to who comes from an identity provider: test_single_sign_on.py looks at them.
WITH_A_TICKET = {"sso_finish", "sso_link"}
# They open to a payment that was begun: the test below begins one.
OF_A_PAYMENT = {"payment_page", "admin_payment"}
# The operator goes on to them: a test below does.
GONE_ON_TO = {"admin_account_refund", "admin_ledger_audit"}
# It opens to a join request, which the story does not have yet.
OF_A_REQUEST = {"decline_request"}
ANYTHING = re.compile(r"\w+")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("role", VISITS)
def test_nothing_is_wrong_with_any_page(visit_story, role):
    """Axe finds nothing and nothing reaches out of the window, from a phone to a wall."""
    person, addresses = VISITS[role]
    visitor = visit_story(person)
    wrong = []
    for path, status in addresses:
        wrong += look_everywhere(visitor.open(path, status))
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(240)
def test_nothing_is_wrong_with_the_pages_of_a_payment(visit_story):
    """An owner buys credits by invoice and reads how to pay; the operator looks at it."""
    page = visit_story(ALICE).open("/accounts/acme/billing/top-up")
    page.get_by_label("500 credits for 25.00 EUR", exact=True).check()
    page.get_by_role("main").get_by_role("button", name="Go on to pay").click()
    expect(page.get_by_role("main")).to_contain_text("Please transfer 25.00 EUR")
    wrong = look_everywhere(page)
    key = page.url.rpartition("/")[2]
    wrong += look_everywhere(visit_story(OPERATOR).open(f"/admin/payments/{key}"))
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(240)
def test_nothing_is_wrong_where_the_operator_goes_on(visit_story):
    """A refund, a preview, an audit of the ledger that ran, and pages seen as somebody else."""
    visitor = visit_story(OPERATOR)
    page = visitor.open("/admin/accounts/acme")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Refund")).first.click()
    wrong = look_everywhere(page)
    visitor.open("/admin/catalogue/prices/deploy")
    visitor.fill(Credits="2")
    visitor.press("See what it brings about")
    visitor.sees("Nothing is changed yet.")
    wrong += look_everywhere(page)
    visitor.open("/admin/ledger")
    visitor.fill(Account="fresh")
    visitor.press("Prove it")
    visitor.sees("The ledger agrees")
    wrong += look_everywhere(page)
    wrong += look_everywhere(visitor.open("/admin/ledger"))
    assert not wrong, "\n".join(wrong)


def test_no_page_is_left_out(tmp_path):
    """A page that nobody opens here fails this test."""
    app = create_app(instance=tmp_path, database_url=f"sqlite:///{tmp_path}/coffer.db")
    router = app.url_map.bind("coffer.test")
    seen = {
        router.match(path.partition("?")[0])[0]
        for _, addresses in VISITS.values()
        for path, status in addresses
        if status == 200
    }
    shown = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "GET" in rule.methods
    }
    elsewhere = NO_PAGES | BY_LINK | WITH_A_DEVICE | WITH_A_TICKET | OF_A_PAYMENT | GONE_ON_TO
    elsewhere |= OF_A_REQUEST
    assert shown - seen == {f"pages.{name}" for name in elsewhere}


def test_nothing_is_wrong_with_pages_behind_links(story, visit_story):
    """Invitations for those who are known, new, or somebody else; confirming, a new password."""
    known = story.link_for(CHARLIE, "invites you to Acme")
    new = story.link_for("erin@acme.example", "invites you to Acme")
    nobody, newcomer = visit_story(), visit_story(NEW)
    newcomer.open("/profile")
    newcomer.press("Send the confirmation again")
    nobody.open("/forgotten-password")
    nobody.page.get_by_label("E-mail").fill(DANA)
    nobody.press("Send the link")
    nobody.sees("a message with a link is on its way")
    confirm = story.link_for(NEW, "confirm your address")
    reset = story.link_for(DANA, "new password")
    wrong = []
    for visitor, link in (
        (nobody, known),
        (nobody, new),
        (nobody, confirm),
        (nobody, reset),
        (visit_story(CHARLIE), known),
        (visit_story(ALICE), known),
    ):
        wrong += look_everywhere(visitor.open(link))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("person", "path", "button"),
    [
        (None, "/sign-in", "Sign in"),
        (None, "/sign-up", "Sign up"),
        (CHARLIE, "/workspaces/new", "Open the workspace"),
        (ALICE, "/accounts/acme/invite", "Invite"),
        (ALICE, "/accounts/acme/apps/new", "Create the app"),
        (ALICE, "/accounts/acme/delete", "Delete Acme"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_to_everybody(visit_story, person, path, button):
    """Each bad field is marked as bad and named by its error, and axe finds nothing."""
    visitor = visit_story(person)
    visitor.open(path)
    visitor.may_be_refused(path)
    visitor.press(button)
    first = visitor.page.locator("[aria-invalid=true]").first
    expect(first).to_be_visible()
    expect(first).to_have_accessible_description(ANYTHING)
    wrong = look_everywhere(visitor.page)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", [ALICE, BOB])
@pytest.mark.parametrize("menu", ["accounts", "person"])
def test_nothing_is_wrong_with_open_menus(visit_story, person, menu):
    """A menu lies over the page, inside the window."""
    visitor = visit_story(person)
    page = visitor.open("/accounts/acme")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.locator(f".menu-{menu} summary").click()
    expect(page.locator(f".menu-{menu} .menu-sheet")).to_be_in_viewport(ratio=0.9)
    wrong = look_everywhere(page)
    assert not wrong, "\n".join(wrong)
