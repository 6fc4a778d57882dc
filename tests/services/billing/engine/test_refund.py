"""Money that goes back: unused packs, refunds made elsewhere, and disputes, with their credits."""

from datetime import timedelta

import pytest

from app.domain.refusals import Conflict, Forbidden, NotFound
from app.hookspecs import DisputeClosed, DisputeOpened, Money, Processed, RefundChanged
from app.services.billing.dispute import disputes
from app.services.billing.events import take_event, take_waiting
from app.services.billing.refund import (
    ask_about_due_refunds,
    refund_as_operator,
    refund_pack,
)
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.tokens.make_token import make_service_token
from app.store.database import db
from app.store.invoices import InvoiceRow
from app.store.money_events import ProviderEventRow
from app.store.people import person_by_email
from app.store.refunds import PaymentRefund
from tests.conftest import START
from tests.services.cast import mails_to

MONEY = Money(2500, "EUR")


@pytest.fixture
def pack(alice, till):
    """A pack of 500 credits in Acme, paid."""
    return till.pack(alice).key


@pytest.fixture
def operator(cast):
    """Ben runs the installation."""
    person_by_email(cast.email("ben")).is_operator = True
    db.session.commit()
    return cast.email("ben")


def available(cast, at=START):
    return pool(cast.acme, at).available


def spend(cast, credits, at=START):
    platform = caller_of(make_service_token("platform", at)[1], at)
    wanted = Spending("acme", cast.email("bob"), None, "deploy", credits)
    return deduct(platform, wanted, f"{credits} at {at}", at)


def hold(cast, credits, at=START):
    platform = caller_of(make_service_token("platform", at)[1], at)
    wanted = Spending("acme", cast.email("bob"), None, "deploy", credits)
    return platform, place_hold(platform, wanted, "hold", 3_600, at).value


def refunds(till):
    db.session.rollback()
    return list(db.session.scalars(db.select(PaymentRefund).order_by(PaymentRefund.id)))


def documents():
    db.session.rollback()
    rows = db.session.scalars(db.select(InvoiceRow).order_by(InvoiceRow.id))
    return [(row.kind.value, row.total) for row in rows]


class TestRefund:
    """The owner gives an unused pack back, within two weeks."""

    def test_the_money_goes_back_and_the_credits_leave(self, cast, alice, till, pack):
        assert refund_pack(alice, pack, START) == "processed"
        assert available(cast) == 5_000
        assert till.bank.given_back(pack) == 2500
        assert till.history(cast.acme)[-2:] == ["refund asked", "refund processed"]
        assert documents() == [("invoice", 2500), ("credit_note", 2500)]
        with pytest.raises(Conflict, match="before"):
            refund_pack(alice, pack, START)
        assert till.bank.given_back(pack) == 2500
        till.require_sound()

    def test_declined_the_credits_come_back(self, cast, alice, till, pack):
        till.bank.write(("UPDATE charges SET state = 'pending' WHERE key = ?", pack))
        assert refund_pack(alice, pack, START) == "declined"
        assert available(cast) == 5_500
        till.bank.write(("UPDATE charges SET state = 'processed' WHERE key = ?", pack))
        assert refund_pack(alice, pack, START) == "processed"
        assert available(cast) == 5_000
        till.require_sound()

    def test_out_of_reach_it_is_found_to_have_never_arrived(self, cast, alice, till, pack, later):
        till.away()
        assert refund_pack(alice, pack, START) == "unknown"
        assert available(cast) == 5_000
        till.away(False)
        assert ask_about_due_refunds(later(minutes=6)) == 1
        assert refunds(till)[0].state == "unknown"
        assert ask_about_due_refunds(later(minutes=30)) == 1
        assert refunds(till)[0].state == "cancelled"
        assert available(cast) == 5_500
        till.require_sound()

    def test_what_was_used_or_is_held_stays(self, cast, alice, till, pack):
        spend(cast, 5_001)
        with pytest.raises(Conflict, match="used or are held"):
            refund_pack(alice, pack, START)
        with pytest.raises(Conflict, match="used or are held"):
            refund_as_operator(pack, "Asked nicely.", START)
        assert refunds(till) == []
        till.require_sound()

    def test_what_was_used_to_the_end(self, cast, alice, till, pack):
        spend(cast, 5_500)
        with pytest.raises(Conflict):
            refund_pack(alice, pack, START)

    def test_an_owner_has_two_weeks_and_an_operator_all_time(self, cast, alice, till, pack):
        late = START + timedelta(days=15)
        with pytest.raises(Conflict, match="14 days"):
            refund_pack(alice, pack, late)
        assert refund_as_operator(pack, "Goodwill.", late) == "processed"
        assert till.bank.given_back(pack) == 2500

    def test_only_the_owner_and_only_what_is_theirs(self, cast, alice, bob, till, pack):
        with pytest.raises(Forbidden):
            refund_pack(cast.access("carol"), pack, START)
        with pytest.raises(NotFound):
            refund_pack(bob, pack, START)
        with pytest.raises(NotFound):
            refund_pack(alice, "pay-of-nobody", START)

    def test_what_brought_no_credits(self, alice, bob, till):
        till.fate("decline")
        declined, plan = till.pack(alice).key, till.plan(bob, "pro").key
        for key in (declined, plan):
            with pytest.raises(Conflict, match="No credits"):
                refund_as_operator(key, "", START)


class TestMadeElsewhere:
    """Somebody refunds at the provider; it is taken for what it is, and the operators know."""

    def event(self, number, money=MONEY):
        return RefundChanged(f"e-{number}", None, "payment-1", Processed("refund-9", money))

    def test_of_a_whole_pack_the_rest_leaves(self, cast, till, pack, operator):
        spend(cast, 5_100)
        assert take_event("bank", self.event(1), START)
        assert not take_event("bank", self.event(1), START)
        assert take_event("bank", self.event(2), START)  # the same refund, told again
        assert available(cast) == 0
        assert [(row.credits, row.state) for row in refunds(till)] == [(400, "processed")]
        assert len(mails_to(operator, "payment_problem")) == 1
        assert documents() == [("invoice", 2500), ("credit_note", 2500)]
        till.require_sound()

    def test_of_a_part_the_credits_stay(self, cast, till, pack, operator):
        take_event("bank", self.event(1, Money(100, "EUR")), START)
        assert available(cast) == 5_500
        assert len(mails_to(operator, "payment_problem")) == 1
        till.require_sound()


class TestDispute:
    """The payer's bank takes a payment back."""

    def opened(self, number=1):
        return DisputeOpened(f"o-{number}", "dispute-1", "payment-1", MONEY, "Not recognized.")

    def closed(self, *, won, number=1):
        return DisputeClosed(f"c-{number}", "dispute-1", won)

    def test_takes_back_what_is_left_and_tells_the_operators(self, cast, till, pack, operator):
        spend(cast, 5_200)
        for number in (1, 2, 1):
            take_event("bank", self.opened(number), START)
        assert available(cast) == 0
        (view,) = disputes()
        assert (view.credits, view.account, view.won) == (300, "acme", None)
        (mail,) = mails_to(operator, "payment_disputed")
        assert mail.context["values"]["credits"] == "300"
        till.require_sound()

    def test_what_is_held_is_not_taken(self, cast, till, pack):
        platform, held = hold(cast, 5_200)
        take_event("bank", self.opened(), START)
        assert available(cast) == 0
        assert capture(platform, held.id, None, START).value.credits == 5_200
        till.require_sound()

    @pytest.mark.parametrize("won", [True, False])
    def test_won_gives_back_what_it_took(self, cast, till, pack, won):
        take_event("bank", self.opened(), START)
        assert available(cast) == 5_000
        for number in (1, 2):
            take_event("bank", self.closed(won=won, number=number), START)
        assert available(cast) == (5_500 if won else 5_000)
        (view,) = disputes()
        assert view.won is won
        assert documents() == [("invoice", 2500), ("credit_note", 2500)][: 2 - won]
        till.require_sound()

    def test_told_before_the_payment_or_its_opening_is_known(self, cast, alice, till, later):
        till.fate("stay pending until the payer pays or gives up")
        key = till.pack(alice).key
        take_event("bank", self.closed(won=False), START)
        take_event("bank", self.opened(), START)
        assert take_waiting(START) == 0
        assert (disputes(), available(cast)) == ([], 5_000)
        till.bank.end(key, "processed")
        from app.services.billing.look_after import payment

        payment(alice, key, START)
        assert available(cast) == 5_500
        assert take_waiting(later(minutes=1)) in (1, 2)
        assert take_waiting(later(minutes=1)) in (0, 1)
        assert available(cast) == 5_000
        assert [view.won for view in disputes()] == [False]
        till.require_sound()

    def test_after_a_refund_nothing_is_left_to_take(self, cast, alice, till, pack):
        refund_pack(alice, pack, START)
        take_event("bank", self.opened(), START)
        take_event("bank", self.closed(won=False), START)
        assert available(cast) == 5_000
        assert disputes()[0].credits == 0
        assert documents() == [("invoice", 2500), ("credit_note", 2500)]
        till.require_sound()

    def test_of_a_payment_that_nobody_knows_operators_are_told_after_a_day(
        self, till, cast, operator, later
    ):
        take_event("bank", self.opened(), START)
        take_waiting(later(hours=23))
        assert mails_to(operator, "payment_problem") == []
        for _ in range(2):
            take_waiting(later(hours=1))
        assert len(mails_to(operator, "payment_problem")) == 1

    def test_another_provider_is_not_believed(self, cast, till, pack):
        take_event("cash", self.opened(), START)
        assert available(cast) == 5_500
        rows = db.session.scalars(db.select(ProviderEventRow)).all()
        assert [(row.provider, row.taken_at) for row in rows] == [("cash", None)]
