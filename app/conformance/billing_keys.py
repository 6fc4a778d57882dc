"""Tests of a billing provider's keys: however often a call is repeated, money moves once."""

from __future__ import annotations

from app.conformance.billing_bench import BillingBench, Fate, Lack
from app.conformance.billing_steps import (
    AMOUNT,
    a_charge,
    asked,
    charged,
    found,
    new_key,
    paid,
    require_processed,
)
from app.hookspecs import Cancelled, Declined, Outcome, Pending, Processed, Unknown


class KeyTests:
    """A key is one charge, for ever."""

    def test_the_same_key_again_moves_nothing(self, bench: BillingBench) -> None:
        """A repeat tells what came of the first, under the same reference."""
        charge = a_charge(bench)
        first = paid(bench, charge)
        for _ in range(3):
            again = asked(lambda: bench.provider.charge(charge))
            require_processed(again, charge.money)
            assert getattr(again, "reference", None) == first.reference
        assert bench.taken(charge.key) == AMOUNT

    def test_the_same_key_again_while_pending(self, bench: BillingBench) -> None:
        """There is one thing to pay, however often it was asked for."""
        charge = a_charge(bench)
        charged(bench, charge, Fate.STAY_PENDING)
        again = charged(bench, charge, Fate.STAY_PENDING)
        assert isinstance(again, Pending)
        bench.pay(charge.key)
        require_processed(found(bench, charge, again), charge.money)
        bench.pay(charge.key)
        assert bench.taken(charge.key) == AMOUNT

    def test_the_same_key_again_after_a_decline(self, bench: BillingBench) -> None:
        """What was declined stays so; another try has another key."""
        if Lack.DECLINES in bench.lacks:
            return
        charge = a_charge(bench)
        assert isinstance(charged(bench, charge, Fate.DECLINE), Declined)
        assert isinstance(charged(bench, charge, Fate.PROCESS), Declined)
        assert bench.taken(charge.key) == 0
        paid(bench, a_charge(bench))

    def test_two_keys_are_two_charges(self, bench: BillingBench) -> None:
        """Equal in all but the key, both are taken."""
        charges = [a_charge(bench), a_charge(bench)]
        references = {paid(bench, charge).reference for charge in charges}
        assert len(references) == len(charges)
        assert [bench.taken(charge.key) for charge in charges] == [AMOUNT, AMOUNT]

    def test_an_answer_that_was_lost_is_found_by_the_key(self, bench: BillingBench) -> None:
        """The money moved and nobody was told: asking tells, and repeating moves no more.

        While nobody can be asked, nobody says that it never arrived.
        """
        if Lack.TIME_OUTS in bench.lacks:
            return
        charge = a_charge(bench)
        bench.next_charge(Fate.TIME_OUT)
        outcome = asked(lambda: bench.provider.charge(charge))
        assert isinstance(outcome, Unknown | Processed | Pending)
        bench.go_away()
        assert not isinstance(found(bench, charge), Cancelled | Declined)  # it was sent
        bench.come_back()
        outcome = self._ended(bench, charge.key, found(bench, charge))
        require_processed(outcome, charge.money)
        require_processed(asked(lambda: bench.provider.charge(charge)), charge.money)
        assert bench.taken(charge.key) == AMOUNT

    def test_a_lost_answer_and_the_same_call_again(self, bench: BillingBench) -> None:
        """Repeating instead of asking moves no more, either."""
        if Lack.TIME_OUTS in bench.lacks:
            return
        charge = a_charge(bench)
        bench.next_charge(Fate.TIME_OUT)
        asked(lambda: bench.provider.charge(charge))
        outcome = self._ended(bench, charge.key, asked(lambda: bench.provider.charge(charge)))
        require_processed(outcome, charge.money)
        assert bench.taken(charge.key) == AMOUNT

    def test_a_key_that_never_arrived(self, bench: BillingBench) -> None:
        """Nobody knows of it, so nothing of it can happen."""
        key = new_key()
        assert isinstance(asked(lambda: bench.provider.find_charge(key, None)), Cancelled)

    def test_cancelling_a_key_that_never_arrived(self, bench: BillingBench) -> None:
        """There is nothing to give up, and that is said."""
        key = new_key()
        assert isinstance(asked(lambda: bench.provider.cancel_charge(key, None)), Cancelled)

    def _ended(self, bench: BillingBench, key: str, outcome: Outcome) -> Outcome:
        """Let the payer do what there is to do, where the answer that was lost said so."""
        if not isinstance(outcome, Pending):
            return outcome
        bench.pay(key)
        return asked(lambda: bench.provider.find_charge(key, outcome.reference))
