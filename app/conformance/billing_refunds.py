"""Tests of a billing provider's refunds: never more than was taken, never before it was."""

from __future__ import annotations

from app.conformance.billing_bench import BillingBench, Fate, Lack
from app.conformance.billing_steps import (
    AMOUNT,
    a_charge,
    a_refund,
    asked,
    charged,
    found,
    new_key,
    paid,
    refunded,
    require_processed,
)
from app.hookspecs import Cancelled, Declined, Unknown

PART = 1900


class RefundTests:
    """What `refund` and `find_refund` answer, and whether that is what happened."""

    def test_a_refund_of_all(self, bench: BillingBench) -> None:
        """The money goes back; that it once moved stays true."""
        charge = a_charge(bench)
        outcome = paid(bench, charge)
        refund = a_refund(charge, outcome.reference)
        require_processed(refunded(bench, refund), refund.money)
        assert bench.given_back(charge.key) == AMOUNT
        require_processed(found(bench, charge, outcome), charge.money)

    def test_refunds_in_parts(self, bench: BillingBench) -> None:
        """Each part has a key of its own."""
        charge = a_charge(bench)
        reference = paid(bench, charge).reference
        for amount in (PART, AMOUNT - PART):
            refund = a_refund(charge, reference, amount)
            require_processed(refunded(bench, refund), refund.money)
        assert bench.given_back(charge.key) == AMOUNT

    def test_more_than_was_taken(self, bench: BillingBench) -> None:
        """It is declined, and nothing goes back."""
        charge = a_charge(bench)
        reference = paid(bench, charge).reference
        refund = a_refund(charge, reference, AMOUNT + 1)
        assert isinstance(refunded(bench, refund), Declined)
        assert bench.given_back(charge.key) == 0

    def test_more_than_is_left(self, bench: BillingBench) -> None:
        """What went back before counts."""
        charge = a_charge(bench)
        reference = paid(bench, charge).reference
        refunded(bench, a_refund(charge, reference, PART))
        over = a_refund(charge, reference, AMOUNT - PART + 1)
        assert isinstance(refunded(bench, over), Declined)
        assert bench.given_back(charge.key) == PART

    def test_a_refund_before_the_money_moved(self, bench: BillingBench) -> None:
        """There is nothing to give back yet; the charge goes on as if nobody had asked."""
        charge = a_charge(bench)
        pending = charged(bench, charge, Fate.STAY_PENDING)
        reference = getattr(pending, "reference", None) or charge.key
        outcome = refunded(bench, a_refund(charge, reference))
        assert isinstance(outcome, Declined)
        assert outcome.reason.strip()
        assert bench.given_back(charge.key) == 0
        bench.pay(charge.key)
        require_processed(found(bench, charge, pending), charge.money)
        assert (bench.taken(charge.key), bench.given_back(charge.key)) == (AMOUNT, 0)

    def test_a_refund_of_what_nobody_knows(self, bench: BillingBench) -> None:
        """A reference that means nothing is declined."""
        refund = a_refund(a_charge(bench), "no-such-payment")
        assert isinstance(asked(lambda: bench.provider.refund(refund)), Declined)

    def test_the_same_refund_again(self, bench: BillingBench) -> None:
        """However often it is asked for, it goes back once."""
        charge = a_charge(bench)
        refund = a_refund(charge, paid(bench, charge).reference, PART)
        for _ in range(3):
            require_processed(refunded(bench, refund), refund.money)
        assert bench.given_back(charge.key) == PART

    def test_finding_a_refund(self, bench: BillingBench) -> None:
        """Asking tells what the call told; one that never arrived is `Cancelled`."""
        charge = a_charge(bench)
        refund = a_refund(charge, paid(bench, charge).reference, PART)
        outcome = refunded(bench, refund)
        reference = getattr(outcome, "reference", None)
        by_both = asked(lambda: bench.provider.find_refund(refund.key, reference))
        by_key = asked(lambda: bench.provider.find_refund(refund.key, None))
        require_processed(by_both, refund.money)
        require_processed(by_key, refund.money)
        other = new_key("refund")
        assert isinstance(asked(lambda: bench.provider.find_refund(other, None)), Cancelled)

    def test_a_refund_out_of_reach(self, bench: BillingBench) -> None:
        """Nobody can tell; within reach the same key gives it back, once."""
        if Lack.TIME_OUTS in bench.lacks:
            return
        charge = a_charge(bench)
        refund = a_refund(charge, paid(bench, charge).reference, PART)
        bench.go_away()
        assert isinstance(asked(lambda: bench.provider.refund(refund)), Unknown)
        assert isinstance(asked(lambda: bench.provider.find_refund(refund.key, None)), Unknown)
        bench.come_back()
        assert isinstance(asked(lambda: bench.provider.find_refund(refund.key, None)), Cancelled)
        require_processed(refunded(bench, refund), refund.money)
        assert bench.given_back(charge.key) == PART
