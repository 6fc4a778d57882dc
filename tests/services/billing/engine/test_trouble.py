"""Trouble: providers that answer with nonsense, raise or hang, and money without effect."""

import threading
from datetime import timedelta

import pytest

from app.hookspecs import Declined, Money, Pending, Processed, RefundChanged, TaxLine
from app.plugin_manager import PluginState
from app.services.billing import providers
from app.services.billing.attention import attention
from app.services.billing.auto_top_up import set_auto_top_up, top_up_what_is_low
from app.services.billing.charge_due import charge_due_periods
from app.services.billing.events import take_event
from app.services.billing.look_after import ask_about_due, payment
from app.services.billing.manage import manage_page
from app.services.billing.providers import offers
from app.services.billing.read import plan_of
from app.services.billing.record import take_outcome
from app.services.billing.refund import ask_about_due_refunds, refund_pack
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from app.services.plugins.installed import installed
from app.store.catalogue import PackRow, PlanRow
from app.store.database import db
from app.store.people import person_by_email
from tests.conformance.reference_provider import ReferenceProvider
from tests.conftest import START
from tests.services.billing.engine.conftest import BACK
from tests.services.cast import mails_to

MONEY = Money(2500, "EUR")
PENDING = "stay pending until the payer pays or gives up"
NONSENSE = (
    None,
    "paid",
    {"state": "processed"},
    Processed("", MONEY),
    Processed(17, MONEY),
    Processed("payment-1", 2500),
    Processed("payment-1", Money("2500", "EUR")),
    Processed("payment-1", Money(True, "EUR")),
    Processed("payment-1", Money(0, "EUR")),
    Processed("payment-1", MONEY, tax=["VAT"]),
    Processed("payment-1", MONEY, tax=(TaxLine("VAT", Money(9_999, "EUR")),)),
    Processed("x" * 300, MONEY),
    Pending(visit="javascript:alert(1)"),
    Pending(reference=9),
    Declined(None),
)


@pytest.fixture
def operator(cast):
    person_by_email(cast.email("ben")).is_operator = True
    db.session.commit()
    return cast.email("ben")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestProvidersThatMisbehave:
    """What they answer is judged before anything is done with it; it is the same everywhere."""

    def test_nonsense_counts_as_nothing_known(self, cast, alice, till, monkeypatch):
        for answer in NONSENSE:
            monkeypatch.setattr(ReferenceProvider, "charge", lambda *_, answer=answer: answer)
            assert till.pack(alice).state == "unknown", answer
        assert pool(cast.acme, START).available == 5_000
        plugin = installed().plugins["bank"]
        assert plugin.state is PluginState.ON
        assert plugin.last_error.startswith("bank.charge: ")

    def test_one_that_hangs_is_left_after_its_time(self, alice, till, monkeypatch):
        released = threading.Event()
        monkeypatch.setattr(providers, "SECONDS", 0.2)
        monkeypatch.setattr(ReferenceProvider, "charge", lambda *_: released.wait(30))
        view = till.pack(alice)
        released.set()
        assert view.state == "unknown"
        assert "longer than" in view.reason

    def test_one_that_ends_the_process_does_not(self, alice, till, monkeypatch):
        def leave(*_):
            raise SystemExit("Good-bye.")

        monkeypatch.setattr(ReferenceProvider, "charge", leave)
        assert till.pack(alice).state == "unknown"

    def test_one_that_can_not_tell_what_it_is(self, alice, till, monkeypatch):
        monkeypatch.setattr(ReferenceProvider, "charges_absent", "yes")
        assert offers(START) == []

    def test_a_page_that_is_none(self, alice, till, monkeypatch):
        for page in ("ftp://bank.test", 7):
            monkeypatch.setattr(ReferenceProvider, "manage_page", lambda *_, page=page: page)
            assert manage_page(alice, "bank", BACK, START) is None
        assert manage_page(alice, "cash", BACK, START) is None


class TestWithoutEffect:
    """Money that came is never lost from sight, even where what was bought is gone."""

    def test_a_plan_that_is_gone(self, own, bob, till, operator):
        till.fate(PENDING)
        key = till.plan(bob, "pro").key
        db.session.delete(db.session.get(PlanRow, "pro"))
        db.session.commit()
        till.bank.end(key, "processed")
        view = payment(bob, key, START)
        assert view.state == "processed"
        assert "There is no plan" in view.problem
        assert pool(own, START).available == 5
        assert till.history(own)[-2:] == ["problem", "processed"]
        assert len(mails_to(operator, "payment_problem")) == 1
        assert [each.payment.key for each in attention(START).payments] == [key]
        assert payment(bob, key, START).state == "processed"
        assert len(mails_to(operator, "payment_problem")) == 1
        till.require_sound()

    def test_a_period_that_is_paid_twice(self, cast, till, operator, later):
        """The first payment was taken for lost, and the second went through."""
        found = till.subscription(cast.acme)
        found.provider, found.paid_through = "bank", 1
        db.session.commit()
        now = plan_of(cast.acme, START).period.end
        till.clock.set(now)
        close_due_periods(now)
        till.away()
        charge_due_periods(now)
        till.away(False)
        (lost,) = till.attempts()
        for wait in (5, 12, 31):
            ask_about_due(later(minutes=wait))
        charge_due_periods(later(hours=1))
        (_, retried) = till.attempts()
        take_outcome(retried.key, Processed("payment-2", Money(9900, "EUR")), till.clock.now())
        take_outcome(lost.key, Processed("payment-9", Money(9900, "EUR")), till.clock.now())
        twice = till.attempt(lost.key)
        assert (twice.state, "came twice" in twice.problem) == ("processed", True)
        assert till.subscription(cast.acme).paid_through == 2
        assert len(mails_to(operator, "payment_problem")) == 1

    def test_a_plan_that_is_paid_twice(self, own, bob, till, operator):
        till.fate(PENDING, always=True)
        first = till.plan(bob, "pro").key
        second = till.plan(bob, "pro").key
        assert till.attempt(first).state == "cancelled"
        money = Money(2000, "EUR")
        take_outcome(second, Processed("payment-2", money), START)
        take_outcome(first, Processed("payment-1", money), START)
        assert "came twice" in till.attempt(first).problem
        assert pool(own, START).available == 305
        assert len(mails_to(operator, "payment_problem")) == 1

    def test_a_plan_that_became_free_is_not_asked_for(self, cast, till):
        found = till.subscription(cast.acme)
        found.provider, found.paid_through = "bank", 1
        db.session.get(PlanRow, "business").amount = 0
        db.session.commit()
        now = plan_of(cast.acme, START).period.end
        till.clock.set(now)
        close_due_periods(now)
        assert charge_due_periods(now) == 1
        assert till.subscription(cast.acme).paid_through == 2
        assert till.charges() == {}

    def test_a_pack_that_is_gone_is_not_bought_by_itself(self, cast, alice, till):
        set_auto_top_up(alice, 10_000, "pack-500", "bank", 2_500, START)
        db.session.delete(db.session.get(PackRow, "pack-500"))
        db.session.commit()
        assert top_up_what_is_low(START) == 0
        assert till.attempts() == []


class TestRefundsThatTakeTheirTime:
    """A refund may be pending, or be heard of from elsewhere before it is through."""

    def test_pending_until_it_is_through(self, cast, alice, till, later, monkeypatch):
        key = till.pack(alice).key
        waits = Pending("refund-1")
        with monkeypatch.context() as patched:
            patched.setattr(ReferenceProvider, "refund", lambda *_: waits)
            patched.setattr(ReferenceProvider, "find_refund", lambda *_: waits)
            assert refund_pack(alice, key, START) == "pending"
            assert ask_about_due_refunds(later(hours=1)) == 1
            assert pool(cast.acme, START).available == 5_000
        assert ask_about_due_refunds(later(days=1)) == 1  # the bank never heard of it
        assert pool(cast.acme, START).available == 5_500
        till.require_sound()

    def test_one_made_elsewhere_that_is_not_through_changes_nothing(self, cast, alice, till):
        till.pack(alice)
        event = RefundChanged("e-1", None, "payment-1", Pending("refund-9"))
        assert take_event("bank", event, START)
        assert not take_event("bank", event, START + timedelta(days=1))
        assert pool(cast.acme, START).available == 5_500
        assert till.history(cast.acme) == ["asked", "processed"]
