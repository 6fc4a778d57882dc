"""Tests of a billing provider's charges: the five outcomes, presence and currencies."""

from __future__ import annotations

from dataclasses import replace

from app.conformance.billing_bench import BillingBench, Fate, Lack
from app.conformance.billing_steps import (
    AMOUNT,
    a_charge,
    a_refund,
    asked,
    charged,
    found,
    paid,
    refunded,
    require_processed,
)
from app.hookspecs import Cancelled, Charge, Declined, Money, Pending, Processed, Unknown

YEN = Money(490, "JPY")
DINARS = Money(1230, "KWD")


class ChargeTests:
    """What `charge` and `find_charge` answer, and whether that is what happened."""

    def test_processed(self, bench: BillingBench) -> None:
        """The money moved; asking later says so, under the same reference."""
        charge = a_charge(bench)
        outcome = paid(bench, charge)
        again = found(bench, charge, outcome)
        require_processed(again, charge.money)
        assert isinstance(again, Processed)
        assert again.reference == outcome.reference
        assert bench.taken(charge.key) == AMOUNT

    def test_declined(self, bench: BillingBench) -> None:
        """No money moved, and the payer can read why."""
        charge = a_charge(bench)
        outcome = charged(bench, charge, Fate.DECLINE)
        if Lack.DECLINES in bench.lacks:
            assert not isinstance(outcome, Processed)
        else:
            assert isinstance(outcome, Declined)
            assert outcome.reason.strip()
            assert isinstance(found(bench, charge, outcome), Declined)
        assert bench.taken(charge.key) == 0

    def test_pending_until_paid(self, bench: BillingBench) -> None:
        """Nothing moved yet; once the payer pays, asking says so."""
        charge = a_charge(bench)
        outcome = charged(bench, charge, Fate.STAY_PENDING)
        assert isinstance(outcome, Pending)
        assert isinstance(found(bench, charge, outcome), Pending)
        assert bench.taken(charge.key) == 0
        bench.pay(charge.key)
        require_processed(found(bench, charge, outcome), charge.money)
        assert bench.taken(charge.key) == AMOUNT

    def test_pending_until_given_up(self, bench: BillingBench) -> None:
        """The payer turns away: it is over, and nothing moved."""
        charge = a_charge(bench)
        outcome = charged(bench, charge, Fate.STAY_PENDING)
        bench.give_up(charge.key)
        assert isinstance(found(bench, charge, outcome), Cancelled | Declined)
        assert bench.taken(charge.key) == 0

    def test_cancelled_by_the_world(self, bench: BillingBench) -> None:
        """What the provider's side gives up is `Cancelled`."""
        charge = a_charge(bench)
        bench.next_charge(Fate.CANCEL)
        outcome = asked(lambda: bench.provider.charge(charge))
        if isinstance(outcome, Pending):
            bench.give_up(charge.key)
            outcome = found(bench, charge, outcome)
        assert isinstance(outcome, Cancelled)
        assert bench.taken(charge.key) == 0

    def test_cancelled_by_us(self, bench: BillingBench) -> None:
        """What was pending is given up for good: it can't be paid any more."""
        charge = a_charge(bench)
        before = getattr(charged(bench, charge, Fate.STAY_PENDING), "reference", None)
        outcome = asked(lambda: bench.provider.cancel_charge(charge.key, before))
        assert isinstance(outcome, Cancelled)
        bench.pay(charge.key)
        assert isinstance(found(bench, charge, outcome), Cancelled)
        assert bench.taken(charge.key) == 0

    def test_cancelled_too_late(self, bench: BillingBench) -> None:
        """The money moved already, so that is what is told."""
        charge = a_charge(bench)
        reference = paid(bench, charge).reference
        outcome = asked(lambda: bench.provider.cancel_charge(charge.key, reference))
        require_processed(outcome, charge.money)
        assert bench.taken(charge.key) == AMOUNT

    def test_unknown_is_resolved_by_asking(self, bench: BillingBench) -> None:
        """Out of reach nobody can tell; within reach, what never arrived is `Cancelled`.

        A provider that remembers that it sent nothing may say so before.
        """
        if Lack.TIME_OUTS in bench.lacks:
            return
        charge = a_charge(bench)
        bench.go_away()
        assert isinstance(asked(lambda: bench.provider.charge(charge)), Unknown)
        assert isinstance(found(bench, charge), Unknown | Cancelled)
        bench.come_back()
        assert isinstance(found(bench, charge), Cancelled)
        assert bench.taken(charge.key) == 0

    def test_a_charge_with_somebody_at_the_browser(self, bench: BillingBench) -> None:
        """It is paid at once, or the payer is told where or how to pay."""
        charge = a_charge(bench, present=True)
        outcome = asked(lambda: bench.provider.charge(charge))
        if isinstance(outcome, Pending):
            assert outcome.visit or outcome.instructions
            assert not outcome.visit or outcome.visit.startswith(("https://", "http://"))
            bench.pay(charge.key)
            outcome = found(bench, charge, outcome)
        require_processed(outcome, charge.money)
        assert bench.taken(charge.key) == AMOUNT

    def test_a_charge_without_anybody_and_nothing_saved(self, bench: BillingBench) -> None:
        """Declined, or the payer will be told how to pay; nothing is taken from anybody."""
        stranger = replace(bench.payer, account="nothing-saved", reference=None)
        charge = replace(a_charge(bench, present=False), payer=stranger)
        outcome = asked(lambda: bench.provider.charge(charge))
        assert isinstance(outcome, Declined | Pending)
        assert bench.taken(charge.key) == 0

    def test_who_paid_once_is_charged_absent_later(self, bench: BillingBench) -> None:
        """The provider tells its name for the payer, and knows what was saved by that name."""
        if Lack.ABSENT_CHARGES in bench.lacks:
            return
        stranger = replace(bench.payer, account="first-time", reference=None)
        outcome = paid(bench, replace(a_charge(bench, present=True), payer=stranger))
        assert outcome.payer_reference
        known = replace(stranger, reference=outcome.payer_reference)
        later = replace(a_charge(bench, present=False), payer=known)
        require_processed(asked(lambda: bench.provider.charge(later)), later.money)
        assert bench.taken(later.key) == AMOUNT

    def test_a_currency_without_minor_unit(self, bench: BillingBench) -> None:
        """490 yen are 490: nothing is multiplied by a hundred."""
        self._require_exact(bench, YEN, Lack.ZERO_DECIMALS)

    def test_a_currency_with_three_decimals(self, bench: BillingBench) -> None:
        """1230 are 1.230 Kuwaiti dinars."""
        self._require_exact(bench, DINARS, Lack.THREE_DECIMALS)

    def _require_exact(self, bench: BillingBench, money: Money, lack: Lack) -> None:
        charge = replace(a_charge(bench), money=money)
        if lack in bench.lacks:
            self._require_no(bench, charge)
            return
        outcome = paid(bench, charge)
        assert bench.taken(charge.key) == money.amount
        refund = a_refund(charge, outcome.reference, amount=90)
        require_processed(refunded(bench, refund), refund.money)
        assert bench.given_back(charge.key) == refund.money.amount

    def _require_no(self, bench: BillingBench, charge: Charge) -> None:
        assert isinstance(asked(lambda: bench.provider.charge(charge)), Declined)
        assert bench.taken(charge.key) == 0
