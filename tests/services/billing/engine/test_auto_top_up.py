"""Automatic top-up: threshold, cap, one at a time, waiting and switching itself off."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.refusals import Conflict, Forbidden, InvalidRequest
from app.hookspecs import Money
from app.services.billing.auto_top_up import (
    auto_top_up_of,
    set_auto_top_up,
    stop_auto_top_up,
    top_up_what_is_low,
)
from app.services.billing.look_after import ask_about_due
from app.services.credits.caller import caller_of
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct
from app.services.desk.catalogue import put_on_sale
from app.services.plugins.configure import switch
from app.services.tokens.make_token import make_service_token
from app.store.database import db
from app.store.payers import PayerRow
from tests.conformance.reference_provider import ReferenceProvider
from tests.conftest import START
from tests.services.cast import mails_to
from tests.services.racing import at_once

CAP = 10_000  # four packs of 500


@pytest.fixture
def auto(cast, alice, till):
    """Acme buys 500 credits when it has fewer than 1,000; the bank has Alice's card."""
    till.bank.write(("INSERT INTO saved VALUES ('acme')",))
    db.session.add(PayerRow(account_id=cast.acme.id, provider="bank", reference="payer-acme"))
    db.session.commit()
    set_auto_top_up(alice, 1_000, "pack-500", "bank", CAP, START)
    return till


def spend(cast, credits, now):
    platform = caller_of(make_service_token("platform", START)[1], START)
    wanted = Spending("acme", cast.email("bob"), None, "deploy", credits)
    deduct(platform, wanted, f"{credits} at {now}", now)


def available(cast, now):
    return pool(cast.acme, now).available


def test_it_buys_when_fewer_than_the_threshold_are_left(cast, alice, auto):
    spend(cast, 4_000, START)
    assert top_up_what_is_low(START) == 0
    spend(cast, 1, START)
    assert top_up_what_is_low(START) == 1
    assert available(cast, START) == 1_499
    assert top_up_what_is_low(START) == 0
    assert auto_top_up_of(alice, START).spent == Money(2500, "EUR")
    auto.require_sound()


def test_never_more_than_the_cap_in_a_month(cast, alice, auto, later):
    now = START
    for _ in range(8):
        if left := available(cast, now):
            spend(cast, left, now)
        top_up_what_is_low(now)
        now = later(minutes=5)
    assert list(auto.charges().values()) == [2500] * 4
    assert auto_top_up_of(alice, now).spent == Money(CAP, "EUR")
    auto.clock.set(datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    assert top_up_what_is_low(auto.clock.now()) == 0
    auto.clock.set(datetime(2026, 2, 1, 0, 0, tzinfo=UTC))
    assert top_up_what_is_low(auto.clock.now()) == 1
    auto.require_sound()


def test_three_failures_and_it_is_off_with_a_mail(cast, alice, auto):
    spend(cast, 4_500, START)
    auto.fate("decline", always=True)
    now = START
    for wait in (timedelta(0), timedelta(hours=1), timedelta(days=1)):
        if wait:
            assert top_up_what_is_low(now + wait - timedelta(seconds=1)) == 0
        now += wait
        auto.clock.set(now)
        assert top_up_what_is_low(now) == 1
    view = auto_top_up_of(alice, now)
    assert (view.is_on, view.stopped_because) == (False, "The bank says no.")
    assert len(mails_to("alice@acme.test", "auto_top_up_stopped")) == 1
    assert top_up_what_is_low(now + timedelta(days=40)) == 0
    auto.fate("process", always=True)
    set_auto_top_up(alice, 1_000, "pack-500", "bank", CAP, now)
    assert top_up_what_is_low(now) == 1
    auto.require_sound()


def test_one_that_goes_through_forgets_the_failures(cast, alice, auto, later):
    spend(cast, 4_500, START)
    auto.fate("decline")
    top_up_what_is_low(START)
    assert auto_top_up_of(alice, START).failures == 1
    top_up_what_is_low(later(hours=1))
    assert auto_top_up_of(alice, START).failures == 0


def test_one_at_a_time(app, cast, auto, later):
    spend(cast, 4_900, START)
    auto.fate("stay pending until the payer pays or gives up")
    at_once(app, *[lambda: top_up_what_is_low(START) for _ in range(6)])
    assert len(auto.charges()) == 1
    assert top_up_what_is_low(later(days=3)) == 0
    (key,) = auto.charges()
    auto.bank.end(key, "processed")
    ask_about_due(later(minutes=1))
    assert top_up_what_is_low(later(minutes=1)) == 1
    auto.require_sound()


def test_an_unknown_one_blocks_the_next(cast, auto, later):
    spend(cast, 4_900, START)
    auto.away()
    assert top_up_what_is_low(START) == 1
    auto.away(False)
    assert top_up_what_is_low(later(minutes=9)) == 0
    ask_about_due(later(minutes=2))
    ask_about_due(later(hours=1))
    assert auto.states() == ["cancelled"]
    assert top_up_what_is_low(later(hours=2)) == 1
    auto.require_sound()


def test_a_provider_that_is_away_is_waited_for(cast, auto, later):
    spend(cast, 4_900, START)
    switch("bank", on=False)
    assert top_up_what_is_low(START) == 0
    switch("bank", on=True)
    assert top_up_what_is_low(later(minutes=1)) == 1


def test_what_can_not_be_set(cast, alice, till, monkeypatch):
    with pytest.raises(InvalidRequest, match="one pack"):
        set_auto_top_up(alice, 10, "pack-500", "bank", 2_499, START)
    with pytest.raises(InvalidRequest):
        set_auto_top_up(alice, 0, "pack-500", "bank", CAP, START)
    with pytest.raises(InvalidRequest):
        set_auto_top_up(alice, 10, "pack-0", "bank", CAP, START)
    with pytest.raises(Conflict, match="not there now"):
        set_auto_top_up(alice, 10, "pack-500", "cash", CAP, START)
    for who in ("bob", "carol"):
        with pytest.raises(Forbidden):
            set_auto_top_up(cast.access(who), 10, "pack-500", "bank", CAP, START)
    monkeypatch.setattr(ReferenceProvider, "charges_absent", False)
    with pytest.raises(Conflict, match="be there"):
        set_auto_top_up(alice, 10, "pack-500", "bank", CAP, START)


def test_a_pack_that_is_no_longer_sold_stays_with_who_has_it(cast, alice, auto):
    for key in ("pack-500", "pack-2000"):
        put_on_sale("pack", key, START, on=False)
    set_auto_top_up(alice, 500, "pack-500", "bank", CAP, START)
    with pytest.raises(InvalidRequest) as refused:
        set_auto_top_up(alice, 500, "pack-2000", "bank", 10 * CAP, START)
    assert refused.value.errors[0][0] == "pack"
    assert auto_top_up_of(alice, START).pack == "pack-500"


def test_switched_off_it_buys_nothing(cast, alice, auto):
    spend(cast, 4_900, START)
    stop_auto_top_up(alice, START)
    assert top_up_what_is_low(START) == 0
    assert auto.history(cast.acme) == ["auto top-up on", "auto top-up off"]
