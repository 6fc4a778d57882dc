"""Who is told of what, once: shortages, limits, people, and what each of them chose."""

import pytest

from app.domain.grant import Source
from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.notification import CHOOSABLE, NotificationKind, Way
from app.domain.refusals import LimitReached, NotFound
from app.domain.role import Role
from app.services.credits import post
from app.services.credits.caller import caller_of
from app.services.credits.finish import refund
from app.services.credits.grant import grant_credits
from app.services.credits.settle import close_due_periods
from app.services.credits.spend import Spending, deduct
from app.services.cycle.notices import send_statements
from app.services.limits.set_limit import WantedLimit, set_limit
from app.services.notifications.inbox import count_unread, inbox, read_all, read_one
from app.services.notifications.notify import notify
from app.services.notifications.tell_people import People, tell_people
from app.services.people.choose_notices import choose_notices, chosen_notices
from app.services.purge import purge
from app.services.workspaces.access import access_to
from app.services.workspaces.delete import delete_workspace
from app.services.workspaces.end_access import remove
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.services.workspaces.roles import change_role
from app.store.database import db, read_connection, transaction
from app.store.ledger import KeyTaken
from app.store.mails import Mail
from app.store.notifications import Notification
from app.store.outbox import MESSAGES, waiting_messages
from tests.conftest import START
from tests.services.racing import at_once

CREDITS = NotificationKind.CREDITS
KEYS = iter(range(10**9))


@pytest.fixture
def spend(service_token):
    platform = caller_of(service_token, START)

    def spend(quantity, now=START, member="bob@acme.test", account="acme"):
        asked = Spending(account, member, None, "deploy", quantity)
        return deduct(platform, asked, f"key {next(KEYS)}", now).value

    return spend


@pytest.fixture
def owner(acme):
    return access_to(acme.alice.id, "acme")[1]


def tell(now=START):
    count = tell_people(lambda: now)
    with read_connection() as connection:
        assert [row.error for row in connection.execute(MESSAGES.select())] == []
    return count


def told(person, *kinds):
    """What a person was told of these kinds, the oldest first."""
    found = reversed(inbox(person.id, 100))
    return [one for one in found if not kinds or one.kind in kinds]


def mails(template):
    db.session.rollback()
    found = db.session.query(Mail).filter(Mail.template == template).order_by(Mail.id)
    return [(mail.recipient, mail.context["values"]) for mail in found]


class TestShortage:
    def test_owner_and_admins_at_each_degree_once_in_a_cycle(self, acme, spend, later):
        for taken in (3_999, 2, 499, 1, 100, 398, 1):  # from 5,000: 20 % is 1,000, 10 % is 500
            spend(taken)
            tell()
        degrees = ["scarce", "low", "exhausted"]
        for person in (acme.alice, acme.carol):
            assert [one.facts["degree"] for one in told(person, CREDITS)] == degrees
        assert told(acme.bob, CREDITS) == []
        sent = mails("credits_short")
        assert [(to, values["degree"]) for to, values in sent] == [
            (f"{name}@acme.test", degree) for degree in degrees for name in ("alice", "carol")
        ]
        assert sent[0][1]["renews_at"] == "15 February 2026, 12:00 UTC"
        grant_credits("acme", 4_000, Source.TOP_UP, None, "more", START)
        spend(4_000)
        assert tell() == 0
        renewed = later(days=31)
        spend(4_001, renewed)
        tell(renewed)
        assert [one.facts["degree"] for one in told(acme.alice, CREDITS)] == [*degrees, "scarce"]

    def test_who_falls_past_several_degrees_is_told_of_the_worst(self, acme, spend):
        spend(5_000)
        tell()
        assert [one.facts["degree"] for one in told(acme.alice, CREDITS)] == ["exhausted"]
        assert len(mails("credits_short")) == 2

    def test_a_daily_pool_sends_no_mail(self, acme, spend):
        slug = "bob"
        spend(5, account=slug)
        tell()
        assert [one.facts["degree"] for one in told(acme.bob, CREDITS)] == ["exhausted"]
        assert mails("credits_short") == []

    def test_who_dies_in_between_tells_it_once(self, acme, spend):
        spend(4_001)
        with read_connection() as connection:
            (message,) = waiting_messages(connection, "people", acme.account.id, 5)
        people = People()
        people.take(message, START)  # it was told, and the process died before it was noted
        assert tell() == 1
        assert len(told(acme.alice, CREDITS)) == 1
        assert len(mails("credits_short")) == 2

    def test_many_processes_tell_it_once(self, app, acme, spend):
        spend(4_001)
        assert sum(at_once(app, *[lambda: tell_people(lambda: START)] * 6)) == 1
        assert len(mails("credits_short")) == 2

    def test_nobody_is_told_of_a_deleted_workspace(self, acme, owner, spend):
        spend(4_001)
        delete_workspace(owner, "Acme", START)
        tell()
        assert told(acme.alice, CREDITS) == []


class TestLimits:
    def limit(self, owner, effect, who=LimitWho.EACH_MEMBER):
        set_limit(owner, WantedLimit(who, effect, 10, LimitPer.DAY), START)

    def test_an_alert_once_for_each_member_and_day(self, acme, owner, spend, later, service_token):
        self.limit(owner, LimitEffect.ALERT)
        line = spend(10)
        refund(caller_of(service_token, START), line.id, 5, "oops", None, START)
        spend(9)
        spend(12, member="carol@acme.test")
        tell()
        kind = NotificationKind.LIMIT_ALERT
        assert [one.facts["name"] for one in told(acme.alice, kind)] == ["Bob Birch", "Carol Cole"]
        assert [to for to, _ in mails("limit_met")] == ["alice@acme.test", "carol@acme.test"] * 2
        tomorrow = later(days=1)
        spend(10, tomorrow)
        tell(tomorrow)
        assert len(told(acme.alice, kind)) == 3

    def test_a_block_once_for_managers_and_whom_it_stops(self, acme, owner, spend):
        self.limit(owner, LimitEffect.BLOCK)
        for _ in range(3):
            with pytest.raises(LimitReached):
                spend(11)
        tell()
        kind = NotificationKind.LIMIT_BLOCK
        assert [len(told(one, kind)) for one in (acme.alice, acme.carol, acme.bob)] == [1, 1, 1]
        assert mails("limit_met") == []
        with pytest.raises(LimitReached):
            spend(11, member="alice@acme.test")
        tell()
        assert [len(told(one, kind)) for one in (acme.alice, acme.carol, acme.bob)] == [2, 2, 1]
        choose_notices(acme.carol.id, [(kind, Way.MAIL)])
        with pytest.raises(LimitReached):
            spend(11, member="carol@acme.test")
        tell()
        assert [len(told(one, kind)) for one in (acme.alice, acme.carol)] == [3, 2]
        assert [to for to, _ in mails("limit_met")] == ["carol@acme.test"]

    def test_a_block_is_told_though_it_was_posted_twice(self, acme, owner, spend, monkeypatch):
        self.limit(owner, LimitEffect.BLOCK)
        saved = post.save

        def taken_once(*given):
            monkeypatch.setattr(post, "save", saved)
            raise KeyTaken

        monkeypatch.setattr(post, "save", taken_once)
        with pytest.raises(LimitReached):
            spend(11)
        tell()
        assert len(told(acme.alice, NotificationKind.LIMIT_BLOCK)) == 1


class TestPeople:
    def test_who_comes_goes_is_invited_and_changes(self, acme, owner):
        charlie = acme.charlie
        invite(owner, [charlie.email, "new@x.test"], Role.MEMBER, START)
        add_member("acme", charlie.email, Role.MEMBER, START)
        change_role(owner, charlie.email, Role.ADMIN, START)
        remove(owner, charlie.email, START)
        kinds = [one.kind.value for one in told(charlie)]
        assert kinds == ["invited", "role_changed", "removed"]
        joined, left = NotificationKind.MEMBER_JOINED, NotificationKind.MEMBER_LEFT
        assert [one.facts["who"] for one in told(acme.carol, joined)][-1] == charlie.name
        assert [one.facts["email"] for one in told(acme.carol, left)] == [charlie.email]
        assert told(acme.alice, left) == []  # she did it

    def test_a_renewal_is_told_to_those_who_want_it(self, acme, later):
        renewed = NotificationKind.RENEWED
        choose_notices(acme.alice.id, [(renewed, Way.PAGE)])
        now = later(days=31)
        close_due_periods(now)
        send_statements(now)
        assert [one.facts["granted"] for one in told(acme.alice, renewed)] == [5_000]
        assert told(acme.carol, renewed) == []


class TestInbox:
    def test_unread_read_and_paged(self, acme):
        read_all(acme.bob.id, 10**9, START)
        kind = NotificationKind.ACTION_FINISHED
        with transaction():
            for number in range(5):
                notify([acme.bob.id, acme.bob.id], kind, START, what=f"Build {number}")
        assert count_unread(acme.bob.id) == 5
        first, second = inbox(acme.bob.id, 2)
        assert [first.facts["what"], second.facts["what"]] == ["Build 4", "Build 3"]
        assert inbox(acme.bob.id, 1, second.id)[0].facts["what"] == "Build 2"
        assert read_one(acme.bob.id, first.id, START).is_read
        with pytest.raises(NotFound):
            read_one(acme.alice.id, second.id, START)
        read_all(acme.bob.id, second.id - 1, START)
        assert [one.id for one in inbox(acme.bob.id, 9) if not one.is_read] == [second.id]

    def test_what_is_old_is_forgotten(self, acme, later):
        with transaction():
            notify([acme.bob.id], NotificationKind.REMOVED, START)
        now = later(days=91)
        purge(90, 30, now)
        assert db.session.query(Notification).count() == 0

    def test_choices(self, acme):
        unasked = chosen_notices(acme.bob.id)
        unusual = {(NotificationKind.LIMIT_BLOCK, Way.MAIL), (NotificationKind.RENEWED, Way.PAGE)}
        assert unasked == CHOOSABLE - unusual
        choose_notices(acme.bob.id, [])
        assert chosen_notices(acme.bob.id) == set()
        with transaction():
            notify([acme.bob.id], NotificationKind.REMOVED, START)
        assert told(acme.bob, NotificationKind.REMOVED) == []
        choose_notices(acme.bob.id, unasked)
        assert chosen_notices(acme.bob.id) == unasked
