"""The operator's desk: audits of the ledger, mails, settings, health, the whole audit log."""

import pytest

from app.services.desk.job_runs import note_job_run
from app.services.desk.ledger_audit import begin_ledger_audit
from app.services.mail.preview import mail_names
from app.services.people.sign_up import create_person
from app.store.database import db
from app.store.mails import Mail
from app.store.pools import POOLS
from tests.cli.running import eventually
from tests.conftest import PASSWORD, START


@pytest.fixture
def olga(app, open_browser):
    who = create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
    return open_browser(who)


def audited(olga, account=""):
    """Begin an audit and wait until its page says how it ended."""
    page = olga.submit("/admin/ledger", account=account)
    eventually(lambda: "It runs" not in olga.get(page.path).main, "the audit is done")
    return olga.get(page.path)


def test_the_ledger_is_proven_and_the_result_kept(acme, olga, spend):
    spend(acme.bob)
    page = audited(olga)
    assert "The ledger agrees" in page.main
    assert "6 of 6 pools" in page.main
    assert "acme" in audited(olga, "acme").main
    kept = [row[1:4] for row in olga.get("/admin/ledger").rows("audits")]
    assert kept == [
        ["acme", "ops@coffer.test", "agrees"],
        ["all accounts", "ops@coffer.test", "agrees"],
    ]


def test_a_difference_is_found_kept_and_stands_on_the_first_page(acme, olga):
    with db.engine.begin() as connection:
        connection.execute(
            POOLS.update().where(POOLS.c.id == acme.account.id).values(balance=4_999)
        )
    page = audited(olga)
    assert "The first: acme: balance" in page.main
    assert "found 1 difference" in olga.get("/admin").main


def test_an_account_that_is_not_there_and_an_audit_that_fell_silent(acme, olga, clock, later):
    assert olga.submit("/admin/ledger", account="nowhere").status == 422
    number = begin_ledger_audit(None, "ops@coffer.test", clock.now())
    assert olga.get(f"/admin/ledger/{number}").tree.xpath("//*[@data-live]")
    later(minutes=3)
    assert "It broke off" in olga.get(f"/admin/ledger/{number}").main
    assert olga.get("/admin/ledger/999").status == 404


def test_every_mail_can_be_seen(olga):
    names = mail_names()
    assert len(names) > 30
    for name in names:
        page = olga.get(f"/admin/mails/{name}")
        assert (page.status, "Hello" in page.main) == (200, True), name
    html = olga.get("/admin/mails/invitation/html")
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert olga.get("/admin/mails/none").status == 404


def test_mails_that_failed_are_tried_again(olga, clock):
    now = clock.now()
    failed = {"last_error": "SMTPDataError: no", "given_up_at": now, "attempts": 10}
    mail = Mail(
        recipient="x@x.test", template="verify", context={}, created_at=now, due_at=now, **failed
    )
    db.session.add(mail)
    db.session.commit()
    assert "1 mail could not be delivered" in olga.get("/admin").main
    olga.submit("/admin/mails", "/admin/mails/again")
    db.session.expire_all()
    assert (db.session.get(Mail, mail.id).given_up_at, db.session.get(Mail, mail.id).attempts) == (
        None,
        0,
    )


def test_settings_show_their_source_and_no_secret(app, olga):
    page = olga.get("/admin/settings")
    rows = {row[0].split(" ")[0]: row for row in page.rows("settings")}
    assert any(name.startswith("COFFER_PUBLIC_URL") for name in rows)
    assert app.extensions["coffer"].settings.secret_key not in page.source


def test_health_shows_jobs_versions_and_readiness(olga):
    assert "No job has run yet" in olga.get("/admin/health").main
    note_job_run("close periods", 30, RuntimeError("no disk"), START)
    page = olga.get("/admin/health")
    assert page.rows("jobs")[0][:2] == ["Close periodsRuntimeError: no disk", "failed 1 time"]
    assert "Ready: the database is there" in page.main


def test_the_navigation_has_two_rows(olga):
    page = olga.get("/admin/people")
    assert page.tree.xpath("//nav[@aria-label='Administration']//a[@aria-current='true']/text()")
    assert page.links("//nav[@aria-label='Accounts']") == ["/admin/accounts", "/admin/people"]
