"""Mails that time brings about: to whom, about what, and once, however many schedulers run."""

from datetime import timedelta

import pytest

from app.domain.grant import Source
from app.domain.notification import NotificationKind, Way
from app.services.billing.change_plan import cancel_plan, change_plan
from app.services.credits.caller import caller_of
from app.services.credits.grant import grant_credits
from app.services.credits.read import usage
from app.services.credits.settle import close_due_periods
from app.services.credits.spend import Spending, deduct
from app.services.cycle.notices import send_statements, warn_of_expiry
from app.services.people.choose_notices import choose_notices, chosen_notices
from app.services.purge import purge
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.services.workspaces.delete import delete_workspace
from app.store.accounts import personal_account
from app.store.database import db
from app.store.mails import Mail
from app.store.notices import Notice
from tests.conftest import START
from tests.services.racing import at_once

WARNING, STATEMENT = "credits_expiring", "cycle_statement"
SECOND = timedelta(seconds=1)
EXPIRY = START.replace(month=3)  # the first allocation ends with the second cycle
RENEWAL = START.replace(month=2)


@pytest.fixture
def spend(app, acme):
    platform = caller_of(make_service_token("platform", START)[1], START)
    keys = iter(range(10_000))

    def take(credits, now, person=acme.bob, slug="acme"):
        asked = Spending(slug, person.email, None, "deploy", credits)
        deduct(platform, asked, f"key {next(keys)}", now)

    return take


def mails(template):
    db.session.rollback()
    statement = db.select(Mail).where(Mail.template == template).order_by(Mail.id)
    return [(mail.recipient, mail.context["values"]) for mail in db.session.scalars(statement)]


def told(template):
    return sorted(recipient for recipient, _ in mails(template))


def test_a_week_before_owner_and_admins_are_warned_once(acme):
    close_due_periods(RENEWAL)
    assert warn_of_expiry(EXPIRY - timedelta(days=7) - SECOND) == 0
    assert warn_of_expiry(EXPIRY - timedelta(days=7)) == 2
    assert warn_of_expiry(EXPIRY - timedelta(days=6)) == 0
    assert told(WARNING) == ["alice@acme.test", "carol@acme.test"]
    _, values = mails(WARNING)[0]
    assert (values["lost"], values["available"]) == ("5,000", "10,000")
    assert values["at"] == "15 March 2026, 12:00 UTC"


@pytest.mark.parametrize(("left", "warned"), [(555, 0), (556, 2)])
def test_only_more_than_a_tenth_is_worth_a_mail(acme, spend, left, warned):
    """Of 5,000 new ones and 556 old ones 556 are more than a tenth, of 555 they are not."""
    close_due_periods(RENEWAL)
    spend(5_000 - left, RENEWAL)
    assert warn_of_expiry(EXPIRY - timedelta(days=7)) == warned
    spend(1, EXPIRY - timedelta(days=6))
    assert warn_of_expiry(EXPIRY - timedelta(days=5)) == 0


def test_a_top_up_that_expires_is_warned_of_too(acme):
    end = START + timedelta(days=20)
    grant_credits("acme", 4_000, Source.TOP_UP, end, None, START)
    assert warn_of_expiry(end - timedelta(days=7)) == 2
    assert mails(WARNING)[0][1]["lost"] == "4,000"


def test_what_the_cap_will_cut_off_is_warned_of_too(add_plan, open_on, acme):
    add_plan("full", 10_000, 10_000)
    open_on("team", "full")
    assert warn_of_expiry(RENEWAL - timedelta(days=7)) == 1
    assert mails(WARNING)[0][1]["lost"] == "10,000"


def test_the_days_of_the_free_plan_are_nobody_s_loss(acme):
    own = personal_account(acme.bob.id)
    end = START + timedelta(days=5)
    grant_credits(own.slug, 100, Source.ADJUSTMENT, end, None, START)
    for hours in range(0, 120, 6):
        warn_of_expiry(START + timedelta(hours=hours))
    assert told(WARNING) == ["bob@acme.test"]
    assert mails(WARNING)[0][1]["lost"] == "100"


def test_a_statement_tells_who_used_what(acme, spend):
    spend(1_200, START + SECOND)
    spend(300, START + timedelta(days=3), acme.alice)
    spend(40, RENEWAL - SECOND, acme.carol)
    close_due_periods(RENEWAL)
    spend(7, RENEWAL, acme.bob)
    assert send_statements(RENEWAL + timedelta(hours=1)) == 2
    assert send_statements(RENEWAL + timedelta(hours=2)) == 0
    assert told(STATEMENT) == ["alice@acme.test", "carol@acme.test"]
    _, values = mails(STATEMENT)[0]
    assert (values["used"], values["carried"], values["granted"]) == ("1,540", "3,460", "5,000")
    assert values["by"] == "Bob Birch 1,200, Alice Arden 300 and Carol Cole 40"
    assert values["lost"] == "0"
    assert usage(acme.account, "member", None, None).total == 1_547


def test_a_statement_tells_what_was_lost(acme, spend):
    close_due_periods(RENEWAL)
    spend(1_000, RENEWAL + timedelta(days=1))
    close_due_periods(EXPIRY)
    assert send_statements(EXPIRY) == 2
    _, values = mails(STATEMENT)[-1]
    assert (values["lost"], values["used"], values["by"]) == ("4,000", "1,000", "Bob Birch 1,000")


def test_after_an_outage_only_the_latest_renewal_is_told(acme):
    now = EXPIRY + timedelta(hours=1)
    close_due_periods(now)
    assert send_statements(now) == 2
    assert mails(STATEMENT)[0][1]["renewed_at"] == "15 March 2026, 12:00 UTC"


def test_old_news_are_not_told(acme):
    close_due_periods(RENEWAL)
    assert send_statements(RENEWAL + timedelta(days=2)) == 0


def test_another_plan_is_no_renewal(acme):
    own = personal_account(acme.bob.id)
    change_plan(access_to(acme.bob.id, own.slug)[1], "pro", START)
    assert send_statements(START) == 0
    assert told(STATEMENT) == []


def test_a_cancelled_plan_is_warned_of_and_gets_no_statement(acme):
    cancel_plan(access_to(acme.alice.id, "acme")[1], START)
    close_due_periods(RENEWAL)
    assert send_statements(RENEWAL) == 0
    assert warn_of_expiry(EXPIRY - timedelta(days=7)) == 2


def test_nobody_is_told_of_a_deleted_workspace(acme):
    close_due_periods(RENEWAL)
    delete_workspace(access_to(acme.alice.id, "acme")[1], "Acme", RENEWAL)
    assert send_statements(RENEWAL) == 0
    assert warn_of_expiry(EXPIRY - timedelta(days=7)) == 0


def test_each_person_chooses(acme):
    unasked = chosen_notices(acme.alice.id)
    choose_notices(acme.alice.id, [(NotificationKind.RENEWED, Way.MAIL)])
    choose_notices(acme.carol.id, [(NotificationKind.EXPIRING, Way.MAIL)])
    close_due_periods(RENEWAL)
    send_statements(RENEWAL)
    warn_of_expiry(EXPIRY - timedelta(days=7))
    assert told(STATEMENT) == ["alice@acme.test"]
    assert told(WARNING) == ["carol@acme.test"]
    assert chosen_notices(acme.alice.id) == {(NotificationKind.RENEWED, Way.MAIL)}
    choose_notices(acme.alice.id, unasked)
    assert chosen_notices(acme.alice.id) == unasked


def test_several_schedulers_send_each_mail_once(app, acme):
    close_due_periods(RENEWAL)
    counts = at_once(app, *[lambda: send_statements(RENEWAL) for _ in range(6)])
    assert sum(counts) == 2
    week = EXPIRY - timedelta(days=7)
    counts = at_once(app, *[lambda: warn_of_expiry(week) for _ in range(6)])
    assert sum(counts) == 2
    assert len(told(STATEMENT)) == len(told(WARNING)) == 2


def test_notices_are_forgotten_after_a_while(acme):
    close_due_periods(RENEWAL)
    send_statements(RENEWAL)
    assert db.session.query(Notice).count() == 1
    purge(90, 30, RENEWAL + timedelta(days=100))
    assert db.session.query(Notice).count() == 0
