"""The audit log on pages: for owners and admins, filtered, as CSV; for operators, all of it."""

import csv
import io

import pytest

from app.domain.role import Role
from app.services.audit.note import note
from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from app.services.workspaces.roles import change_role
from app.store.accounts import personal_account
from app.store.database import transaction
from tests.conftest import PASSWORD, START

PATH = "/accounts/acme/audit"


@pytest.fixture
def olga(open_browser):
    made = create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
    return open_browser(made)


def what(page):
    """What was done, and whom it was done to."""
    return [row[1] for row in page.rows("lines")]


def test_who_changed_a_role_from_where_before_and_after(acme, open_browser):
    alice = open_browser(acme.alice)
    path = "/accounts/acme/members/bob@acme.test"
    answer = alice.send(path, role="admin")
    assert answer.status_code == 302
    page = alice.get(PATH)
    line = page.rows("lines")[0]
    assert line[1].startswith("Changed a member's role bob@acme.test")
    assert "role member → admin" in line[1]
    assert line[2] == "Alice Arden <alice@acme.test>"
    assert line[3].startswith("on a page 127.0.0.1")


def test_it_is_filtered_and_has_pages(acme, open_browser):
    alice, bob = open_browser(acme.alice), acme.bob
    with transaction():
        for number in range(60):
            kind = "app.created" if number % 2 else "plugin_x.turned_round"
            note(kind, acme.account.id, START, about=f"thing {number}", by=bob.id)
    first = alice.get(PATH)
    (older,) = [link for link in first.links("//main//nav") if "before" in link]
    second = alice.get(older)
    assert len(what(first)) == 50
    assert len(what(second)) == 10 + 4
    assert set(what(first)).isdisjoint(what(second))
    assert "Plugin x: turned round thing 58" in what(first)
    assert len(what(alice.get(f"{PATH}?kind=app"))) == 30
    assert what(alice.get(f"{PATH}?text=THING 7")) == ["Created an app thing 7"]
    assert len(what(alice.get(f"{PATH}?person=carol@acme.test"))) == 1
    assert len(what(alice.get(f"{PATH}?person=arden"))) == 1
    nothing = alice.get(f"{PATH}?since=2030-01-01")
    assert "No line fits" in nothing.main
    assert alice.get(f"{PATH}?since=2030-01-01&until=2029-01-01").status == 422
    assert "No line fits" in alice.get(f"{PATH}?text=%25%00_").main


def test_everything_as_csv(acme, open_browser):
    with transaction():
        note("app.created", acme.account.id, START, about="=1+1", after={"app": 1})
    answer = open_browser(acme.carol).ask(f"{PATH}.csv?kind=app")
    (row,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
    assert (row["kind"], row["about"], row["after"]) == ("app.created", "'=1+1", '{"app":1}')
    assert row["account"] == "acme"


def test_people_see_their_own_and_their_sign_ins(acme, open_browser):
    bob = open_browser(acme.bob)
    own = personal_account(acme.bob.id).slug
    lines = bob.get(f"/accounts/{own}/audit").rows("lines")
    assert lines[0][1].startswith("Signed in")
    assert bob.get(PATH).status == 403
    assert open_browser(acme.alice).get(f"/accounts/{own}/audit").status == 404


def test_failures_to_sign_in_are_counted(acme, open_browser):
    stranger = open_browser()
    for _ in range(5):
        stranger.submit("/sign-in", email=acme.bob.email, password="wrong wrong wrong")
        stranger.submit("/sign-in", email="no@body.test", password="wrong wrong wrong")
    bob = open_browser(acme.bob)
    lines = bob.get(f"/accounts/{personal_account(acme.bob.id).slug}/audit?kind=sign_in")
    said = what(lines)
    assert [each.split()[0] for each in said] == ["Signed", *["Failed"] * 3]
    assert "failures before 5" in said[0]
    assert [each.split()[-3] for each in said[1:]] == ["4", "2", "1"]


def test_operators_see_everything(acme, olga):
    access = access_to(acme.alice.id, "acme")[1]
    change_role(access, acme.bob.email, Role.ADMIN, START)
    page = olga.get("/admin/audit")
    accounts = {row[3] for row in page.rows("lines")}
    assert {"Acme acme", "The installation"} <= accounts
    only = olga.get("/admin/audit?account=acme&kind=member.role_changed")
    assert [row[3] for row in only.rows("lines")] == ["Acme acme"]
    assert {row[3] for row in olga.get("/admin/audit?account=-").rows("lines")} == {
        "The installation"
    }
    missing = olga.get("/admin/audit?account=nope")
    assert (missing.status, missing.errors()) == (422, ["There is no account “nope”."])
    assert olga.ask("/admin/audit.csv?account=acme").get_data(as_text=True).count("\n") >= 5
    assert olga.ask("/admin/audit.csv?account=nope").status_code == 404
