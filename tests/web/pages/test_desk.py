"""The operator's desk: what to look at, accounts with their pools, people, done by hand."""

import pytest

from app.domain.grant import Source
from app.services.credits.grant import grant_credits
from app.services.credits.verify import verify_ledger
from app.services.desk.job_runs import note_job_run
from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from app.services.workspaces.delete import delete_workspace
from app.store.accounts import personal_account
from app.store.database import db
from tests.conftest import PASSWORD, START
from tests.services.audit.log import lines

ACME = "/admin/accounts/acme"


@pytest.fixture
def operator(app):
    return create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)


@pytest.fixture
def olga(open_browser, operator):
    return open_browser(operator)


def test_calm_when_all_is_well(acme, olga):
    note_job_run("close periods", 30, None, START)
    page = olga.get("/admin")
    assert "All is well" in page.main
    assert "5 people, 1 workspace" in page.main


def test_what_needs_somebody_stands_with_its_way(acme, olga, spend):
    spend(acme.bob, quantity=4_995)
    page = olga.get("/admin")
    assert "the scheduler is not running" in page.main
    assert "1 account low on credits" in page.main
    assert "/admin/accounts?state=low" in page.links()
    assert olga.get("/admin/accounts?state=low").rows("accounts")[0][0] == "Acmeacme"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=ACM", ["Acmeacme"]),
        ("text=bob@acme.test", ["Acmeacme", "Bob Birchbob · personal"]),
        ("text=100%25", []),
        ("kind=workspace", ["Acmeacme"]),
        ("plan=business", ["Acmeacme"]),
        ("state=deleted", []),
        ("state=suspended", []),
        ("state=past_due", []),
        ("text=%00", []),
    ],
)
def test_accounts_are_found(acme, olga, query, found):
    page = olga.get(f"/admin/accounts?{query}")
    assert [row[0] for row in page.rows("accounts")] == found
    assert bool(found) or "No account fits" in page.main


def test_accounts_page_by_page(acme, olga, monkeypatch):
    monkeypatch.setattr(
        "app.services.desk.find_accounts.find_accounts.__kwdefaults__", {"before": None, "limit": 2}
    )
    first = olga.get("/admin/accounts")
    (older,) = [link for link in first.links() if "before=" in link]
    second = olga.get(older)
    names = [row[0] for page in (first, second) for row in page.rows("accounts")]
    assert len(names) == len(set(names)) == 4


def test_credits_are_given_with_a_reason_that_stands_in_history_and_audit(acme, olga, operator):
    form = {"what": "adjustment", "credits": "250", "reason": " They  waited ", "expires": ""}
    page = olga.submit(f"{ACME}/credits", **form)
    assert page.path == ACME
    assert "5,250" in page.main
    assert "They waited" in page.main
    line = next(each for each in lines(acme.account.id) if each.kind == "credits.granted")
    assert (line.person_id, '"reason":"They waited"' in line.after) == (operator.id, True)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"what": "adjustment", "credits": "5", "reason": ""}, "Say why."),
        ({"what": "adjustment", "credits": "0", "reason": "x"}, "from 1 to"),
        ({"what": "take", "credits": "5001", "reason": "x"}, "Only 5000 credits are free"),
        ({"what": "adjustment", "credits": "5", "expires": "2020-01-01", "reason": "x"}, "past"),
    ],
)
def test_what_is_wrong_stands_at_its_field(acme, olga, fields, wrong):
    page = olga.submit(f"{ACME}/credits", **fields)
    assert page.status == 422
    assert any(wrong in words for words in page.errors())


def test_credits_are_taken_away_and_the_ledger_still_proves_itself(acme, olga):
    grant_credits("acme", 100, Source.TOP_UP, None, "x", START)
    form = {"what": "take", "credits": "5050", "reason": "Sold by mistake"}
    page = olga.submit(f"{ACME}/credits", **form)
    assert "Adjustment" in page.rows("lines")[0][0]
    assert page.rows("lines")[0][4] == "\u22125,050"
    assert [each.difference for each in verify_ledger("acme")] == [None]
    assert "credits.taken" in {each.kind for each in lines(acme.account.id)}


def test_a_deduction_is_refunded(acme, olga, spend):
    done = spend(acme.bob, quantity=10)
    page = olga.submit(f"{ACME}/refunds/{done.id}", credits="4", reason="It failed")
    assert "4 credits are back." in page.main
    again = olga.submit(f"{ACME}/refunds/{done.id}", credits="7", reason="More")
    assert any("Only 6 credits" in words for words in again.errors())
    assert olga.get(f"{ACME}/refunds/tx_{acme.account.id}_1").status == 404
    assert olga.get(f"{ACME}/refunds/tx_99_1").status == 404


def test_the_plan_is_changed_without_a_payment(acme, olga):
    own = personal_account(acme.bob.id).slug
    page = olga.submit(f"/admin/accounts/{own}/plan", plan="pro", reason="A gift")
    assert "The plan pro holds from now on." in page.main
    kinds = {each.kind for each in lines(personal_account(acme.bob.id).id)}
    assert {"subscription.changed", "subscription.set_by_operator"} <= kinds
    page = olga.submit(f"/admin/accounts/{own}/plan", plan="business", reason="x")
    assert page.status == 422


def test_a_deleted_workspace_is_found_and_brought_back(acme, olga, later):
    _, access = access_to(acme.alice.id, "acme")
    delete_workspace(access, "Acme", START)
    assert olga.get("/admin/accounts?state=deleted").rows("accounts")[0][4] == "deleted"
    assert "it can be brought back" in olga.get(ACME).main
    page = olga.submit(ACME, f"{ACME}/restore")
    assert "Acme is back" in page.main
    delete_workspace(access_to(acme.alice.id, "acme")[1], "Acme", START)
    later(days=31)
    assert f"{ACME}/restore" not in olga.get(ACME).actions()


def test_an_account_that_is_not_there(olga):
    assert olga.get("/admin/accounts/nowhere").status == 404
    assert olga.get("/admin/people/999").status == 404


def test_people_are_found(acme, olga):
    assert [row[0] for row in olga.get("/admin/people?text=BIRCH").rows("people")] == ["Bob Birch"]
    assert [row[0] for row in olga.get("/admin/people?state=operator").rows("people")] == ["Olga"]
    assert len(olga.get("/admin/people?text=@acme.test").rows("people")) == 3
    assert "Nobody fits" in olga.get("/admin/people?state=blocked").main


def test_a_blocked_person_is_out_at_once_and_comes_back(acme, olga, open_browser, token_of, client):
    bob, token = open_browser(acme.bob), token_of(acme.bob)
    path, auth = f"/admin/people/{acme.bob.id}", {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/accounts", headers=auth).status_code == 200
    page = olga.submit(f"{path}/block", reason="Left the company")
    assert "Blocked since" in page.main
    assert bob.get("/").path.startswith("/sign-in")
    assert client.get("/api/v1/accounts", headers=auth).status_code == 401
    page = open_browser().submit("/sign-in", email=acme.bob.email, password=PASSWORD)
    assert any("Signing in is blocked" in words for words in page.errors())
    olga.submit(path, f"{path}/unblock")
    assert client.get("/api/v1/accounts", headers=auth).status_code == 200
    assert open_browser(acme.bob).get("/").status == 200


def test_sessions_of_somebody_are_ended_in_the_operators_name(acme, olga, open_browser, operator):
    bob = open_browser(acme.bob)
    path = f"/admin/people/{acme.bob.id}"
    olga.submit(path, f"{path}/sessions/end")
    assert bob.get("/").path.startswith("/sign-in")
    ended = [each for each in lines() if each.kind == "sign_in.ended"]
    assert [each.person_id for each in ended] == [operator.id]


def test_operators_are_made_and_unmade_but_never_the_last(acme, olga, operator, link):
    path, own = (f"/admin/people/{who.id}" for who in (acme.bob, operator))
    assert f"{own}/operator" not in olga.get(own).links()
    page = olga.submit(f"{own}/operator")
    assert any("last operator" in words for words in page.errors())
    assert "is an operator." in olga.submit(f"{path}/operator").main
    stale = olga.submit(f"{path}/operator", make="yes")
    assert any("is an operator already" in words for words in stale.errors())
    assert "signed out everywhere" in stale.main
    assert "no operator any more" in olga.submit(f"{path}/operator").main
    db.session.rollback()
    kinds = [each.kind for each in lines(0)]
    assert kinds[-2:] == ["person.made_operator", "person.unmade_operator"]


def test_making_an_operator_wants_a_recent_proof(acme, olga, later):
    later(hours=1)
    page = olga.get(f"/admin/people/{acme.bob.id}/operator")
    assert page.path.startswith("/confirm")


def test_an_operator_is_not_blocked(acme, olga, operator):
    page = olga.submit(f"/admin/people/{operator.id}/block", reason="x")
    assert any("can't be blocked" in words for words in page.errors())
