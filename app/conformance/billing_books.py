"""Tests of a billing provider's books: what it lists is what moved, so that books can agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.conformance.billing_bench import BillingBench, Fate
from app.conformance.billing_steps import AMOUNT, a_charge, a_refund, charged, paid, refunded
from app.hookspecs import ProviderPayment

BEGINNING, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
PART = 1900


class BookTests:
    """What `payments` lists."""

    def test_the_books_list_what_moved(self, bench: BillingBench) -> None:
        """Each payment once, with what went back of it; what moved nothing is not there."""
        whole, partly, back = a_charge(bench), a_charge(bench), a_charge(bench)
        references = {each.key: paid(bench, each).reference for each in (whole, partly, back)}
        refunded(bench, a_refund(partly, references[partly.key], PART))
        refunded(bench, a_refund(back, references[back.key]))
        pending, declined = a_charge(bench), a_charge(bench)
        charged(bench, declined, Fate.DECLINE)
        charged(bench, pending, Fate.STAY_PENDING)
        listed = self._listed(bench)
        ours = {each.key for each in (whole, partly, back, pending, declined)}
        assert sorted(each.key for each in listed if each.key in ours) == sorted(references)
        for each in listed:
            if each.key in references:
                assert each.reference == references[each.key]
                assert (each.money.amount, each.money.currency) == (AMOUNT, bench.currency)
                assert each.money.amount == bench.taken(each.key)
                assert each.refunded == bench.given_back(each.key)

    def test_the_books_of_a_span(self, bench: BillingBench) -> None:
        """The beginning belongs to the span, the end does not."""
        charge = a_charge(bench)
        paid(bench, charge)
        (at,) = (each.at for each in self._listed(bench) if each.key == charge.key)
        assert at.tzinfo is not None
        for since, until, expected in (
            (at, at + MOMENT, True),
            (BEGINNING, at, False),
            (at + timedelta(seconds=1), END, False),
        ):
            keys = {each.key for each in bench.provider.payments(since, until)}
            assert (charge.key in keys) is expected

    def _listed(self, bench: BillingBench) -> list[ProviderPayment]:
        return list(bench.provider.payments(BEGINNING, END))
