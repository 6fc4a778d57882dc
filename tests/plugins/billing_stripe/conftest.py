"""The stand-in for Stripe, served once for a module; an account, a customer and a provider each."""

from dataclasses import replace

import pytest

from app.hookspecs import Charge, Money
from plugins.billing_stripe.conformance import StripeBench
from plugins.billing_stripe.stand_in.server import StandIn


@pytest.fixture(scope="module")
def stand_in():
    with StandIn() as serving:
        yield serving


@pytest.fixture
def bench(stand_in):
    return StripeBench(stand_in)


@pytest.fixture
def account(bench):
    return bench.account


@pytest.fixture
def charge(bench):
    """Somebody is at a browser, and has never paid before."""
    return Charge(
        key="attempt-1",
        payer=replace(bench.payer, account="beta", email="pay@beta.example", reference=None),
        money=Money(4900, "EUR"),
        description="Coffer Business, January",
        purpose="subscription",
        present=True,
        return_url="https://coffer.example.com/accounts/beta/billing",
    )


@pytest.fixture
def absent(bench, charge):
    """The payer who saved a card is away."""
    return replace(charge, key="attempt-2", present=False, payer=bench.payer)
