"""Tests of what a billing provider is sent: signed, repeated, out of order, disputed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.conformance.billing_bench import BillingBench, Fate, Lack
from app.conformance.billing_steps import (
    AMOUNT,
    a_charge,
    a_refund,
    charged,
    events,
    of_kind,
    paid,
    refunded,
    require_processed,
)
from app.hookspecs import (
    BadSignature,
    Cancelled,
    ChargeChanged,
    Declined,
    Delivery,
    DisputeClosed,
    DisputeOpened,
    Processed,
    RefundChanged,
)

PART = 1900
TOO_LATE = timedelta(days=1)


class EventTests:
    """What `read_events` makes of deliveries, and of what only looks like one."""

    def test_it_is_told_when_the_payer_pays(self, bench: BillingBench) -> None:
        """An event names our key and says what came of it."""
        if self._has_none(bench):
            return
        charge = a_charge(bench)
        charged(bench, charge, Fate.STAY_PENDING)
        bench.deliveries()
        bench.pay(charge.key)
        told = [e for e in of_kind(ChargeChanged, events(bench)) if e.key == charge.key]
        ended = [each.outcome for each in told if isinstance(each.outcome, Processed)]
        assert ended
        for outcome in ended:
            require_processed(outcome, charge.money)

    def test_it_is_told_when_the_payer_gives_up(self, bench: BillingBench) -> None:
        """Nobody has to ask."""
        if self._has_none(bench):
            return
        charge = a_charge(bench)
        charged(bench, charge, Fate.STAY_PENDING)
        bench.deliveries()
        bench.give_up(charge.key)
        told = [e for e in of_kind(ChargeChanged, events(bench)) if e.key == charge.key]
        assert any(isinstance(each.outcome, Cancelled | Declined) for each in told)
        assert not any(isinstance(each.outcome, Processed) for each in told)

    def test_a_repeated_delivery_says_the_same(self, bench: BillingBench) -> None:
        """The same events with the same ids, by which Coffer knows them again."""
        for delivery in self._story(bench):
            first = list(bench.provider.read_events(delivery))
            later = replace(delivery, received_at=delivery.received_at + timedelta(seconds=5))
            assert list(bench.provider.read_events(delivery)) == first
            assert list(bench.provider.read_events(later)) == first

    def test_the_order_of_deliveries_does_not_matter(self, bench: BillingBench) -> None:
        """Each is read by itself."""
        sent = self._story(bench)
        backwards = [list(bench.provider.read_events(each)) for each in reversed(sent)]
        assert [list(bench.provider.read_events(each)) for each in sent] == backwards[::-1]

    def test_each_event_has_an_id_of_its_own(self, bench: BillingBench) -> None:
        """Two different events never share one."""
        told: dict[str, object] = {}
        for delivery in self._story(bench):
            for event in bench.provider.read_events(delivery):
                assert event.id
                assert told.setdefault(event.id, event) == event

    def test_headers_come_in_any_case(self, bench: BillingBench) -> None:
        """Proxies spell names of headers as they like."""
        for delivery in self._story(bench):
            first = list(bench.provider.read_events(delivery))
            for spell in (str.lower, str.upper, str.title):
                headers = {spell(name): value for name, value in delivery.headers.items()}
                again = bench.provider.read_events(replace(delivery, headers=headers))
                assert list(again) == first

    def test_a_body_that_was_altered(self, bench: BillingBench) -> None:
        """One byte more, less or other: nothing of it is believed."""
        for delivery in self._story(bench):
            body = delivery.body
            middle = len(body) // 2
            flipped = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
            for altered in (body + b" ", body[:-1], flipped, b""):
                self._require_disbelief(bench, replace(delivery, body=altered))

    def test_no_signature(self, bench: BillingBench) -> None:
        """Nothing is believed that comes without the header, or with one that is made up."""
        for delivery in self._story(bench):
            self._require_disbelief(bench, replace(delivery, headers={}))
            for value in ("", "0" * 64):
                headers = dict.fromkeys(delivery.headers, value)
                self._require_disbelief(bench, replace(delivery, headers=headers))

    def test_a_signature_of_another_delivery(self, bench: BillingBench) -> None:
        """A signature holds for the body that it came with."""
        sent = self._story(bench)
        for one, other in pairwise(sent):
            if one.body != other.body:
                self._require_disbelief(bench, replace(one, headers=other.headers))

    def test_a_signature_from_long_ago(self, bench: BillingBench) -> None:
        """Who kept a delivery can't bring it again a day later."""
        for delivery in self._story(bench):
            late = replace(delivery, received_at=delivery.received_at + TOO_LATE)
            self._require_disbelief(bench, late)

    def test_what_is_told_of_refunds(self, bench: BillingBench) -> None:
        """An event on a refund names the payment, and our key where the refund is ours."""
        if self._has_none(bench):
            return
        charge = a_charge(bench)
        reference = paid(bench, charge).reference
        bench.deliveries()
        refund = a_refund(charge, reference, PART)
        refunded(bench, refund)
        for told in of_kind(RefundChanged, events(bench)):
            assert (told.key, told.charge) == (refund.key, reference)
            assert not isinstance(told.outcome, Processed) or told.outcome.money == refund.money

    @pytest.mark.parametrize("won", [True, False])
    def test_a_dispute(self, bench: BillingBench, won: bool) -> None:
        """It is told that it began, of which payment, and how it ended, under one name."""
        if self._lacks_disputes(bench):
            return
        charge = a_charge(bench)
        reference = paid(bench, charge).reference
        opened = self._disputed(bench, reference)
        assert opened.money.currency == charge.money.currency
        assert 0 < opened.money.amount <= AMOUNT
        bench.close_dispute(reference, won=won)
        closed = of_kind(DisputeClosed, events(bench))
        assert {(each.dispute, each.won) for each in closed} == {(opened.dispute, won)}

    def test_a_dispute_after_a_refund(self, bench: BillingBench) -> None:
        """The payment is named as ever, and no more goes back than was taken."""
        if self._lacks_disputes(bench):
            return
        charge = a_charge(bench)
        reference = paid(bench, charge).reference
        refunded(bench, a_refund(charge, reference, PART))
        opened = self._disputed(bench, reference)
        assert opened.charge == reference
        refunded(bench, a_refund(charge, reference))
        assert bench.given_back(charge.key) <= AMOUNT

    def _story(self, bench: BillingBench) -> list[Delivery]:
        """All that is sent about two charges, a refund, and a dispute where there are any."""
        if self._has_none(bench):
            return []
        first, second = a_charge(bench), a_charge(bench)
        reference = paid(bench, first).reference
        charged(bench, second, Fate.STAY_PENDING)
        bench.pay(second.key)
        refunded(bench, a_refund(first, reference, PART))
        if Lack.DISPUTES not in bench.lacks:
            bench.open_dispute(reference)
        sent = list(bench.deliveries())
        assert sent, "nothing was sent; declare that deliveries are lacking, or hand them over"
        return sent

    def _has_none(self, bench: BillingBench) -> bool:
        """Where nothing is ever sent, nothing may be believed."""
        if Lack.DELIVERIES not in bench.lacks:
            return False
        self._require_disbelief(bench, Delivery(b"{}", {}, datetime.now(UTC)))
        return True

    def _lacks_disputes(self, bench: BillingBench) -> bool:
        return Lack.DISPUTES in bench.lacks or self._has_none(bench)

    def _disputed(self, bench: BillingBench, reference: str) -> DisputeOpened:
        bench.deliveries()
        bench.open_dispute(reference)
        opened = of_kind(DisputeOpened, events(bench))
        assert {each.charge for each in opened} == {reference}
        assert len({each.dispute for each in opened}) == 1
        return opened[0]

    def _require_disbelief(self, bench: BillingBench, delivery: Delivery) -> None:
        with pytest.raises(BadSignature):
            bench.provider.read_events(delivery)
