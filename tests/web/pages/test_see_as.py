"""Seeing as somebody else: read-only, on the record, for a quarter of an hour, and no secrets."""

import pytest

from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from app.store.database import db
from app.store.mails import Mail
from app.web.seeing import NOT_SHOWN
from tests.conftest import PASSWORD, START
from tests.services.audit.log import lines
from tests.web.pages.test_who_may import TABLE, things  # noqa: F401 - a fixture

END = "/see-as/end"
OPENING_WRITES = {"notification"}  # who opens it has read it


@pytest.fixture
def operator(app):
    return create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)


@pytest.fixture
def olga(open_browser, operator):
    return open_browser(operator)


@pytest.fixture
def looking(olga):
    """Olga looks as somebody."""

    def look(someone):
        page = olga.submit(f"/admin/people/{someone.id}/see-as", reason="They asked for help")
        assert page.path == "/"
        return page

    return look


def support(account_id):
    """What an account's audit log says of it."""
    found = [each for each in lines(account_id) if each.kind.startswith("support.")]
    return [(each.kind, each.person_id) for each in found]


def test_an_operator_sees_what_the_person_sees_and_a_bar_all_the_time(acme, olga, looking):
    page = looking(acme.bob)
    assert "Hello" in page.title
    assert "Bob" in page.title
    for path in ("/", "/accounts/acme", "/accounts/acme/history", "/profile", "/no/such/page"):
        shown = olga.get(path)
        (bar,) = shown.tree.xpath("//aside[@class='seeing']")
        assert "You see this as Bob Birch" in " ".join(bar.text_content().split())
        assert bar.xpath(".//form/@action") == [END]
    assert olga.get("/accounts/acme/settings").status == 403
    assert olga.get("/admin").status == 404
    page = olga.follow(olga.send(END), END)
    assert page.path == f"/admin/people/{acme.bob.id}"
    assert not olga.get("/admin").tree.xpath("//aside[@class='seeing']")


def test_nothing_is_written_by_any_door(acme, olga, looking, things):  # noqa: F811
    looking(acme.alice)
    token = olga.token()
    before = counts()
    for endpoint, method, pattern, fields, _ in TABLE:
        if method != "POST" or endpoint in ("end_see_as", "sign_out"):
            continue
        path = pattern.format(**things)
        answer = olga.ask(path, "POST", data=fields | {"csrf_token": token})
        assert answer.status_code == 403, path
        assert "nothing can be changed" in answer.get_data(as_text=True), path
    assert counts() == before


def test_every_page_that_can_be_read_is_shown_and_none_with_secrets(
    acme,
    olga,
    looking,
    things,  # noqa: F811
):
    looking(acme.alice)
    before, refused = counts(), set()
    for endpoint, method, pattern, _, statuses in TABLE:
        if method != "GET":
            continue
        status = olga.ask(pattern.format(**things)).status_code
        if f"pages.{endpoint}" in NOT_SHOWN:
            assert status == 403, endpoint
            refused.add(endpoint)
        elif status == 403 and endpoint not in OPENING_WRITES:
            assert statuses[0] == 403, (endpoint, pattern)
    assert {"two_factor", "confirm", "account_plugin", "recovery_codes"} <= refused
    after = counts()
    seen = {"audit_lines", "seen_accounts"}
    assert {name for name in after if after[name] != before[name]} <= seen


def test_the_accounts_that_were_opened_say_so_and_the_others_do_not(acme, olga, looking, operator):
    looking(acme.bob)
    for _ in range(2):
        olga.get("/accounts/acme/history")
    olga.send(END)
    told = [("support.began", operator.id), ("support.ended", operator.id)]
    assert support(acme.account.id) == told
    assert support(personal_account(acme.bob.id).id) == told
    assert support(personal_account(acme.alice.id).id) == []


def test_the_person_is_told_by_mail(acme, looking):
    looking(acme.bob)
    db.session.rollback()
    mail = db.session.scalars(db.select(Mail).where(Mail.template == "seen_as")).one()
    values = mail.context["values"]
    assert (mail.recipient, values["reason"]) == (acme.bob.email, "They asked for help")
    assert values["operator"] == "Olga (ops@coffer.test)"


def test_it_ends_by_itself_after_a_quarter_of_an_hour(acme, olga, looking, later, operator):
    looking(acme.bob)
    later(minutes=14)
    assert "Bob" in olga.get("/").title
    later(minutes=1)
    assert "Olga" in olga.get("/").title
    last = lines(personal_account(acme.bob.id).id)[-1]
    assert (last.kind, '"ended_at":"2026-01-15T12:15' in last.after) == ("support.ended", True)


def test_signing_out_ends_it_too(acme, olga, looking):
    looking(acme.bob)
    olga.send("/sign-out")
    assert [kind for kind, _ in support(personal_account(acme.bob.id).id)][-1] == "support.ended"
    assert olga.get("/").path.startswith("/sign-in")


def test_it_wants_a_reason_a_recent_proof_and_nobody_looks_as_an_operator(
    acme, olga, operator, later
):
    path = f"/admin/people/{acme.bob.id}/see-as"
    assert olga.submit(path, reason="  ").status == 422
    assert olga.get(f"/admin/people/{operator.id}/see-as").status == 409
    assert olga.send(f"/admin/people/{operator.id}/see-as", reason="x").status_code == 409
    later(hours=1)
    assert olga.get(path).path.startswith("/confirm")


def test_who_becomes_an_operator_is_seen_no_more(acme, olga, looking):
    looking(acme.bob)
    db.session.rollback()
    db.session.merge(acme.bob).is_operator = True
    db.session.commit()
    assert "Olga" in olga.get("/").title


def test_the_seen_person_notices_nothing_else(acme, looking, open_browser):
    bob = open_browser(acme.bob)
    looking(acme.bob)
    assert bob.send("/profile/name", **{"name-name": "Bobby"}).status_code == 302
    assert not bob.get("/").tree.xpath("//aside[@class='seeing']")
    assert access_to(acme.bob.id, "acme")


def counts():
    """How many rows each table has."""
    db.session.rollback()
    return {
        table.name: db.session.scalar(db.select(db.func.count()).select_from(table))
        for table in db.metadata.sorted_tables
    }
