"""What is written to Stripe: the requests for a Checkout Session, a payment and a refund."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.hookspecs import Charge, Refund
from plugins.billing_stripe.amounts import NotPayable, to_stripe
from plugins.billing_stripe.outcomes import CHECKOUT, FLOW, KEY, SAVED, TAX, Json, words_of_rate

LONGEST_METADATA = 500


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator set. No currencies means all of them."""

    currencies: frozenset[str]
    statement_suffix: str
    automatic_tax: bool

    def amount_of(self, charge: Charge) -> tuple[int, str]:
        """Give the amount and currency for Stripe, or raise `NotPayable`."""
        if self.currencies and charge.money.currency not in self.currencies:
            raise NotPayable(f"Payments in {charge.money.currency} can't be made by card here.")
        return to_stripe(charge.money)


def session_request(charge: Charge, customer: str, wishes: Wishes) -> dict[str, Any]:
    """Ask for a page where the payer pays, and what they pay with is saved."""
    amount, currency = wishes.amount_of(charge)
    price: dict[str, Any] = {
        "currency": currency,
        "unit_amount": amount,
        "product_data": {"name": charge.description},
    }
    asked: dict[str, Any] = {
        "mode": "payment",
        "customer": customer,
        "client_reference_id": charge.key,
        "line_items": [{"quantity": 1, "price_data": price}],
        # Coffer's currency is what is taken, not the one that the payer's address suggests.
        "adaptive_pricing": {"enabled": False},
        "metadata": _metadata(charge, CHECKOUT),
        "payment_intent_data": {
            "setup_future_usage": "off_session",
            "description": charge.description,
            "metadata": _metadata(charge, CHECKOUT),
            **_statement(wishes),
        },
        "success_url": charge.return_url,
        "cancel_url": charge.return_url,
    }
    if wishes.automatic_tax:
        price["tax_behavior"] = "inclusive"
        asked |= {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto"}}
    return asked


def payment_request(
    charge: Charge, customer: str, method: Json, wishes: Wishes, tax: Json | None
) -> dict[str, Any]:
    """Ask for a payment by what the payer saved, while they are away."""
    amount, currency = wishes.amount_of(charge)
    asked: dict[str, Any] = {
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "payment_method": method["id"],
        "allowed_payment_method_types": [method["type"]],
        "off_session": True,
        "confirm": True,
        "description": charge.description,
        "metadata": _metadata(charge, SAVED),
        **_statement(wishes),
    }
    if tax is not None:
        asked["hooks"] = {"inputs": {"tax": {"calculation": tax["id"]}}}
        asked["metadata"][TAX] = _written(tax)
    return asked


def tax_request(charge: Charge, customer: str, wishes: Wishes) -> dict[str, Any]:
    """Ask how much tax the amount contains, at the payer's address."""
    amount, currency = wishes.amount_of(charge)
    item = {"amount": amount, "reference": charge.key, "tax_behavior": "inclusive"}
    return {"currency": currency, "customer": customer, "line_items": [item]}


def refund_request(refund: Refund) -> dict[str, Any]:
    """Ask for money to go back."""
    amount, _ = to_stripe(refund.money)
    return {
        "payment_intent": refund.charge,
        "amount": amount,
        "metadata": {KEY: refund.key, "coffer_reason": refund.reason[:LONGEST_METADATA]},
    }


def _metadata(charge: Charge, flow: str) -> dict[str, str]:
    return {KEY: charge.key, FLOW: flow, "coffer_account": charge.payer.account}


def _statement(wishes: Wishes) -> Mapping[str, str]:
    suffix = wishes.statement_suffix
    return {"statement_descriptor_suffix": suffix} if suffix else {}


def _written(tax: Json) -> str:
    """Write tax lines as metadata, as many as fit."""
    lines: Sequence[tuple[str, int]] = [
        (words_of_rate(each["tax_rate_details"]), each["amount"]) for each in tax["tax_breakdown"]
    ]
    while len(text := json.dumps(lines, ensure_ascii=False)) > LONGEST_METADATA:
        lines = lines[:-1]
    return text
