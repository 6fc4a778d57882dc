"""Every page, for every role: accessible, as wide as its window, by day and by night."""

import pytest

from app import create_app
from tests.browser.addresses import VISITS
from tests.browser.eyes import look_everywhere, too_wide, violations

pytestmark = pytest.mark.browser

# No page of their own: files, and addresses that only lead on.
NO_PAGES = {"stylesheet", "history_csv", "change_password_address"}
# They open by a link from a mail: test_links.
BY_LINK = {"invitation", "verify", "reset_password"}


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
    assert shown - seen == {f"pages.{name}" for name in NO_PAGES | BY_LINK}
