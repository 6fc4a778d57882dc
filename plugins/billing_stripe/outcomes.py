"""What Stripe's objects mean: sessions, payment intents and refunds as outcomes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.hookspecs import Cancelled, Declined, Money, Outcome, Pending, Processed, TaxLine
from plugins.billing_stripe.amounts import from_stripe
from plugins.billing_stripe.declines import REFUND_FAILED, sentence_of

Json = Mapping[str, Any]

# Metadata that the plugin writes on what it makes, and knows it by.
KEY, FLOW, TAX = "coffer_key", "coffer_flow", "coffer_tax"
# VAT, GST, HST, IGST and the like.
LONGEST_ABBREVIATION = 4
CHECKOUT, SAVED = "checkout", "saved"


def of_session(session: Json) -> Outcome:
    """Tell what a Checkout Session means; its payment intent may be expanded or not."""
    reference, payer = str(session["id"]), id_of(session.get("customer"))
    match session["status"], session["payment_status"]:
        case _, "paid":
            money = from_stripe(session["amount_total"], session["currency"])
            payment = id_of(session.get("payment_intent")) or reference
            return Processed(payment, money, tax_of_session(session), payer)
        case "expired", _:
            return Cancelled(reference)
        case "open", _:
            return Pending(reference, visit=session.get("url"), payer_reference=payer)
    intent = session.get("payment_intent")
    if isinstance(intent, Mapping):
        outcome = of_intent(intent)
        if isinstance(outcome, Declined | Cancelled | Processed):
            return outcome
    return Pending(reference, payer_reference=payer)


def of_intent(intent: Json) -> Outcome:
    """Tell what a payment intent means that the plugin confirmed."""
    reference, payer = str(intent["id"]), id_of(intent.get("customer"))
    match intent["status"]:
        case "succeeded":
            amount = intent.get("amount_received") or intent["amount"]
            money = from_stripe(amount, intent["currency"])
            return Processed(reference, money, tax_of_intent(intent), payer)
        case "canceled":
            return Cancelled(reference)
        case "requires_payment_method" if intent.get("last_payment_error"):
            return Declined(sentence_of(intent["last_payment_error"]), reference)
    return Pending(reference, visit=_page_of(intent), payer_reference=payer)


def of_refund(refund: Json) -> Outcome:
    """Tell what a refund means."""
    reference = str(refund["id"])
    match refund["status"]:
        case "succeeded":
            return Processed(reference, from_stripe(refund["amount"], refund["currency"]))
        case "failed":
            return Declined(REFUND_FAILED, reference)
        case "canceled":
            return Cancelled(reference)
    return Pending(reference)


def tax_of_session(session: Json) -> tuple[TaxLine, ...]:
    """List the tax lines of a session, where they were asked for and there are any."""
    breakdown = (session.get("total_details") or {}).get("breakdown") or {}
    lines = (
        (words_of_rate(tax["rate"]), from_stripe(tax["amount"], session["currency"]))
        for tax in breakdown.get("taxes") or ()
    )
    return _lines(lines)


def tax_of_intent(intent: Json) -> tuple[TaxLine, ...]:
    """List the tax lines that were calculated before, and written on the intent."""
    written = json.loads((intent.get("metadata") or {}).get(TAX) or "[]")
    return _lines((words, from_stripe(amount, intent["currency"])) for words, amount in written)


def words_of_rate(rate: Json) -> str:
    """Spell a rate: `VAT 19 %`."""
    words = rate.get("display_name") or _spelled(rate.get("tax_type") or "tax")
    percentage = rate.get("effective_percentage") or rate.get("percentage")
    percentage = percentage or rate.get("percentage_decimal")
    return f"{words} {float(percentage):g} %" if percentage else str(words)


def id_of(value: Any) -> str | None:  # noqa: ANN401 - an id, the object itself, or nothing
    """Name an object that may be expanded."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return str(value) if value else None


def metadata_of(thing: Json, name: str) -> str | None:
    """Read what the plugin wrote on an object."""
    found = (thing.get("metadata") or {}).get(name)
    return str(found) if found else None


def _spelled(tax_type: str) -> str:
    """Spell a kind of tax: `VAT`, `Sales tax`."""
    is_short = "_" not in tax_type and len(tax_type) <= LONGEST_ABBREVIATION
    return tax_type.upper() if is_short else tax_type.replace("_", " ").capitalize()


def _page_of(intent: Json) -> str | None:
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return redirect.get("url")


def _lines(lines: Any) -> tuple[TaxLine, ...]:  # noqa: ANN401 - pairs of words and money
    gathered: dict[str, Money] = {}
    for words, money in lines:
        before = gathered.get(words, Money(0, money.currency))
        gathered[words] = Money(before.amount + money.amount, money.currency)
    return tuple(TaxLine(words, money) for words, money in gathered.items() if money.amount)
