"""The steps that tests of a billing provider share, taken the way Coffer takes them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from app.conformance.billing_bench import BillingBench, Fate, Lack
from app.hookspecs import (
    Charge,
    Money,
    Outcome,
    Pending,
    Processed,
    ProviderEvent,
    Refund,
    Unknown,
)

AMOUNT = 4900
T = TypeVar("T")


def new_key(kind: str = "charge") -> str:
    """Make a key of the kind that Coffer makes: never used before."""
    return f"conformance-{kind}-{secrets.token_hex(8)}"


def a_charge(bench: BillingBench, *, present: bool | None = None, amount: int = AMOUNT) -> Charge:
    """Make a charge, absent where the provider can do that."""
    if present is None:
        present = Lack.ABSENT_CHARGES in bench.lacks
    return Charge(
        key=new_key(),
        payer=bench.payer,
        money=Money(amount, bench.currency),
        description="Coffer Business, January",
        purpose="subscription",
        present=present,
        return_url="https://coffer.example.com/accounts/acme/billing",
    )


def a_refund(charge: Charge, reference: str, amount: int | None = None) -> Refund:
    """Make a refund of a charge, of all of it unless said otherwise."""
    money = charge.money if amount is None else replace(charge.money, amount=amount)
    return Refund(new_key("refund"), reference, money, "Bought by mistake.")


def asked(call: Callable[[], Outcome]) -> Outcome:
    """Ask as Coffer does: whatever is raised means that nothing is known."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - a provider may raise anything
        return Unknown(f"{type(error).__name__}: {error}")


def found(bench: BillingBench, charge: Charge, before: Outcome | None = None) -> Outcome:
    """Ask what became of a charge, with the reference that was told before, if any."""
    reference = getattr(before, "reference", None)
    return asked(lambda: bench.provider.find_charge(charge.key, reference))


def charged(bench: BillingBench, charge: Charge, fate: Fate = Fate.PROCESS) -> Outcome:
    """Charge, let the payer do what there is to do, and tell what came of it in the end."""
    bench.next_charge(fate)
    outcome = asked(lambda: bench.provider.charge(charge))
    if isinstance(outcome, Pending) and fate is not Fate.STAY_PENDING:
        bench.pay(charge.key)
        outcome = found(bench, charge, outcome)
    return outcome


def paid(bench: BillingBench, charge: Charge) -> Processed:
    """Charge, and insist that it is processed."""
    outcome = charged(bench, charge)
    require_processed(outcome, charge.money)
    assert isinstance(outcome, Processed)
    return outcome


def require_processed(outcome: Outcome, money: Money) -> None:
    """Insist that this says that the money moved, all of it, under a name of the provider's."""
    assert isinstance(outcome, Processed), f"the money moved, and this says otherwise: {outcome}"
    assert outcome.money == money
    assert outcome.reference
    assert all(line.words and line.money.currency == money.currency for line in outcome.tax)
    assert sum(line.money.amount for line in outcome.tax) < money.amount


def refunded(bench: BillingBench, refund: Refund) -> Outcome:
    """Refund, let it come to its end, and tell what came of it."""
    outcome = asked(lambda: bench.provider.refund(refund))
    if isinstance(outcome, Pending):
        bench.finish_refund(refund.key)
        before = outcome.reference
        outcome = asked(lambda: bench.provider.find_refund(refund.key, before))
    return outcome


def events(bench: BillingBench) -> list[ProviderEvent]:
    """Read all that the world has sent since this was asked last."""
    return [
        event for delivery in bench.deliveries() for event in bench.provider.read_events(delivery)
    ]


def of_kind(kind: type[T], among: Sequence[ProviderEvent]) -> list[T]:
    """Pick the events of one kind."""
    return [event for event in among if isinstance(event, kind)]
