"""Customers, saved cards, payment intents, charges and refunds at the stand-in."""

from __future__ import annotations

from typing import Any

from plugins.billing_stripe.stand_in.account import Account
from plugins.billing_stripe.stand_in.wire import Json, Refused, invalid, missing, truth

DECLINES = {
    "4000000000000341": ("card_declined", "generic_decline"),
    "4000000000009995": ("card_declined", "insufficient_funds"),
    "4000002760003184": ("authentication_required", "authentication_required"),
}
SMALLEST = {"eur": 50, "usd": 50, "gbp": 30, "jpy": 50, "isk": 10_000}
CANCELABLE = {"requires_payment_method", "requires_action", "requires_confirmation", "processing"}


def make_customer(account: Account, given: Json) -> Json:
    """POST /v1/customers."""
    return account.add(
        "cus",
        "customer",
        name=given.get("name"),
        email=given.get("email"),
        metadata=given.get("metadata", {}),
        invoice_settings={"default_payment_method": None},
    )


def get_customer(account: Account, given: Json, name: str) -> Json:
    """GET /v1/customers/{id}: one that was deleted is a stub."""
    return account.get("customer", name)


def save_card(account: Account, customer: str, number: str, kind: str = "card") -> Json:
    """Save a card for a customer, as Checkout does; not a call of Stripe's."""
    details = {"brand": "visa", "last4": number[-4:]}
    return account.add(
        "pm",
        "payment_method",
        type=kind,
        customer=customer,
        metadata={},
        **{kind: details},
        _number=number,
    )


def make_intent(account: Account, given: Json) -> Json:
    """POST /v1/payment_intents, which is only done here with a saved card, and confirmed."""
    if not truth(given.get("confirm")) or not truth(given.get("off_session")):
        raise invalid("The stand-in confirms off-session payments only.")
    customer = account.get("customer", given.get("customer", ""), "customer")
    method = account.get("payment_method", given.get("payment_method", ""), "payment_method")
    if method["customer"] != customer["id"]:
        raise invalid("The payment method belongs to another customer.", param="payment_method")
    if given.get("allowed_payment_method_types") != [method["type"]]:
        raise invalid("The payment method's type is not allowed.")
    intent = add_intent(account, given, customer["id"])
    return confirm(account, intent, method)


def add_intent(account: Account, given: Json, customer: str) -> Json:
    """Make a payment intent that nobody has confirmed."""
    currency = str(given["currency"])
    if currency != currency.lower():
        raise invalid("Currencies are in small letters.", "invalid_currency", "currency")
    return account.add(
        "pi",
        "payment_intent",
        amount=checked_amount(given["amount"], currency),
        amount_received=0,
        currency=currency,
        customer=customer,
        description=given.get("description"),
        hooks=given.get("hooks"),
        last_payment_error=None,
        latest_charge=None,
        metadata=given.get("metadata", {}),
        next_action=None,
        payment_method=None,
        status="requires_payment_method",
    )


def confirm(account: Account, intent: Json, method: Json) -> Json:
    """Try to take the money, as the next charge's fate or the card's number wants it."""
    fate, account.fate = account.fate, "process"
    intent["payment_method"] = method["id"]
    decline = DECLINES.get(method["_number"])
    if fate == "decline":
        decline = DECLINES["4000000000000341"]
    if fate in {"stay pending", "cancel"}:
        return begin_slowly(account, intent)
    if decline is not None:
        raise _declined(account, intent, *decline)
    if fate == "time out":
        account.answers_to_lose = 2
    return succeed(account, intent)


def begin_slowly(account: Account, intent: Json) -> Json:
    """Let a bank begin what takes days: there is a charge already, and no money yet."""
    intent |= {"status": "processing", "latest_charge": _charge(account, intent, "pending")["id"]}
    account.emit("payment_intent.processing", intent)
    return intent


def succeed(account: Account, intent: Json) -> Json:
    """Let the money move."""
    if intent["status"] == "processing":
        charge = account.get("charge", intent["latest_charge"])
        charge["status"] = "succeeded"
    else:
        charge = _charge(account, intent, "succeeded")
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
    }
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.succeeded", intent)
    return intent


def fail(account: Account, intent: Json, code: str, decline_code: str) -> Json:
    """Let the bank refuse."""
    error = {
        "type": "card_error",
        "code": code,
        "decline_code": decline_code,
        "message": "Your card was declined.",
    }
    if intent["status"] == "processing":
        account.get("charge", intent["latest_charge"])["status"] = "failed"
    else:
        _charge(account, intent, "failed")
    intent |= {"status": "requires_payment_method", "last_payment_error": error}
    account.emit("payment_intent.payment_failed", intent)
    return error


def cancel_intent(account: Account, given: Json, name: str) -> Json:
    """POST /v1/payment_intents/{id}/cancel."""
    intent = account.get("payment_intent", name)
    if intent["status"] not in CANCELABLE:
        raise invalid("It can't be canceled any more.", "payment_intent_unexpected_state")
    intent["status"] = "canceled"
    account.emit("payment_intent.canceled", intent)
    return intent


def make_refund(account: Account, given: Json) -> Json:
    """POST /v1/refunds."""
    intent = account.get("payment_intent", given.get("payment_intent", ""), "payment_intent")
    if intent["status"] != "succeeded":
        raise invalid("This PaymentIntent does not have a successful charge to refund.")
    charge = account.get("charge", intent["latest_charge"])
    amount = checked_amount(given["amount"], intent["currency"], smallest=1)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge.get("disputed"):
        raise invalid("The charge has been charged back.", "charge_disputed")
    if left == 0:
        raise invalid("The charge was refunded before.", "charge_already_refunded")
    if amount > left:
        raise invalid("The refund is greater than what is left.", param="amount")
    charge["amount_refunded"] += amount
    pending = account.fate == "refund pending"
    refund = account.add(
        "re",
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=intent["currency"],
        metadata=given.get("metadata", {}),
        payment_intent=intent["id"],
        status="pending" if pending else "succeeded",
    )
    account.emit("charge.refunded", charge)
    account.emit("refund.created", refund)
    return refund


def checked_amount(given: Any, currency: str, *, smallest: int | None = None) -> int:  # noqa: ANN401
    """Read an amount by Stripe's rules for currencies."""
    amount = int(given)
    if amount < (SMALLEST.get(currency, 1) if smallest is None else smallest):
        raise invalid("The amount is too small.", "amount_too_small", "amount")
    if currency in {"isk", "ugx"} and amount % 100:
        code = "invalid_charge_amount_no_decimal_compatible"
        raise invalid("The amount must be evenly divisible by 100.", code, "amount")
    if currency in {"bhd", "jod", "kwd", "omr", "tnd"} and amount % 10:
        raise invalid("The last digit must be 0.", "invalid_charge_amount", "amount")
    return amount


def list_customers(account: Account, given: Json) -> list[Json]:
    """GET /v1/customers."""
    found = account.all("customer", email=given["email"]) if "email" in given else []
    return [each for each in found if not each.get("deleted")]


def list_methods(account: Account, given: Json) -> list[Json]:
    """GET /v1/payment_methods."""
    if given.get("customer") not in account.objects:
        raise missing("customer", str(given.get("customer")), "customer")
    return account.all("payment_method", customer=given["customer"])


def _charge(account: Account, intent: Json, status: str) -> Json:
    return account.add(
        "ch",
        "charge",
        amount=intent["amount"],
        amount_captured=0 if status == "failed" else intent["amount"],
        amount_refunded=0,
        captured=status != "failed",
        currency=intent["currency"],
        customer=intent["customer"],
        metadata=dict(intent["metadata"]),
        paid=status == "succeeded",
        payment_intent=intent["id"],
        status=status,
    )


def _declined(account: Account, intent: Json, code: str, decline_code: str) -> Refused:
    error = fail(account, intent, code, decline_code)
    return Refused(402, kept=True, **error, payment_intent=dict(intent))
