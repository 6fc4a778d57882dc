"""Checkout Sessions, the portal, tax and webhook endpoints at the stand-in."""

from __future__ import annotations

import secrets
from typing import Any

from plugins.billing_stripe.stand_in.account import DAY, Account
from plugins.billing_stripe.stand_in.payments import (
    add_intent,
    begin_slowly,
    cancel_intent,
    checked_amount,
    fail,
    save_card,
    succeed,
)
from plugins.billing_stripe.stand_in.wire import Json, invalid, truth

TAX_PERCENT = 19


def open_session(account: Account, given: Json) -> Json:
    """POST /v1/checkout/sessions, for payments with prices told on the spot."""
    if given.get("mode") != "payment" or "success_url" not in given:
        raise invalid("The stand-in opens sessions in payment mode only.", param="mode")
    customer = account.get("customer", given.get("customer", ""), "customer")
    if customer.get("deleted"):
        raise invalid("No such customer", "resource_missing", "customer")
    (item,) = given["line_items"]
    price = item["price_data"]
    total = checked_amount(price["unit_amount"], price["currency"])
    is_taxed = truth(given.get("automatic_tax", {}).get("enabled"))
    if is_taxed and price.get("tax_behavior") != "inclusive":
        raise invalid("The stand-in contains tax in prices.", param="tax_behavior")
    fate, account.fate = account.fate, "process"
    if fate == "time out":
        account.answers_to_lose = 2
    session = account.add(
        "cs_test",
        "checkout.session",
        amount_subtotal=total,
        amount_total=total,
        cancel_url=given.get("cancel_url"),
        client_reference_id=given.get("client_reference_id"),
        currency=price["currency"],
        customer=customer["id"],
        expires_at=account.seconds() + DAY,
        metadata=given.get("metadata", {}),
        mode="payment",
        payment_intent=None,
        payment_status="unpaid",
        status="open",
        success_url=given["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        _fate=fate,
        _intent=given.get("payment_intent_data", {}),
        _taxed=is_taxed,
    )
    session["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}"
    return session


def whole(account: Account, session: Json, expand: list[str]) -> Json:
    """Give a session with what was asked to be expanded."""
    found = dict(session)
    if "payment_intent" in expand and session["payment_intent"]:
        found["payment_intent"] = account.get("payment_intent", session["payment_intent"])
    if "total_details.breakdown" in expand and session["total_details"]["amount_tax"]:
        rate = {"display_name": "VAT", "percentage": float(TAX_PERCENT), "inclusive": True}
        tax = {"amount": session["total_details"]["amount_tax"], "rate": rate}
        breakdown = {"discounts": [], "taxes": [tax]}
        found["total_details"] = {**session["total_details"], "breakdown": breakdown}
    return found


def expire_session(account: Account, given: Json, name: str) -> Json:
    """POST /v1/checkout/sessions/{id}/expire."""
    session = account.get("checkout.session", name)
    if session["status"] != "open":
        raise invalid("Only Checkout Sessions with a status in [open] can be expired.")
    if session["payment_intent"]:
        cancel_intent(account, {}, session["payment_intent"])
    session |= {"status": "expired", "url": None}
    account.emit("checkout.session.expired", session)
    return session


def try_card(account: Account, session: Json, number: str) -> Json:
    """Let the payer type a card on the page. One that is declined leaves the page open."""
    intent = _intent_of(account, session)
    if number != "4242424242424242":
        fail(account, intent, "card_declined", "generic_decline")
        return session
    method = save_card(account, session["customer"], number)
    intent["payment_method"] = method["id"]
    _add_tax(session)
    succeed(account, intent)
    session |= {"status": "complete", "payment_status": "paid", "url": None}
    account.emit("checkout.session.completed", session)
    return session


def try_bank(account: Account, session: Json) -> Json:
    """Let the payer name a bank account on the page, from which the money comes days later."""
    intent = _intent_of(account, session)
    method = save_card(account, session["customer"], "DE89370400440532013000", "sepa_debit")
    intent["payment_method"] = method["id"]
    begin_slowly(account, intent)
    session |= {"status": "complete", "url": None}
    account.emit("checkout.session.completed", session)
    return session


def end_bank(account: Account, session: Json, *, well: bool) -> None:
    """Let the bank pay, or not, what `try_bank` began."""
    intent = account.get("payment_intent", session["payment_intent"])
    if well:
        succeed(account, intent)
        session["payment_status"] = "paid"
        account.emit("checkout.session.async_payment_succeeded", session)
        return
    fail(account, intent, "payment_intent_payment_attempt_failed", "insufficient_funds")
    account.emit("checkout.session.async_payment_failed", session)


def open_portal(account: Account, given: Json) -> Json:
    """POST /v1/billing_portal/sessions."""
    account.get("customer", given["customer"], "customer")
    url = f"https://billing.stripe.com/p/session/{secrets.token_hex(8)}"
    return account.add("bps", "billing_portal.session", url=url, customer=given["customer"])


def calculate_tax(account: Account, given: Json) -> Json:
    """POST /v1/tax/calculations: the tax that the amount contains."""
    (item,) = given["line_items"]
    rate: dict[str, Any] = {"tax_type": "vat", "percentage_decimal": f"{TAX_PERCENT}.0"}
    tax = _contained(int(item["amount"]))
    breakdown = [{"amount": tax, "inclusive": True, "tax_rate_details": rate}]
    return account.add(
        "taxcalc", "tax.calculation", amount_total=item["amount"], tax_breakdown=breakdown
    )


def make_endpoint(account: Account, given: Json) -> Json:
    """POST /v1/webhook_endpoints: the secret is told this once."""
    secret = "whsec_" + secrets.token_hex(16)
    account.webhook_secrets = [secret]
    made = account.add("we", "webhook_endpoint", status="enabled", **given)
    return {**made, "secret": secret}


def change_endpoint(account: Account, given: Json, name: str) -> Json:
    """POST /v1/webhook_endpoints/{id}."""
    found = account.get("webhook_endpoint", name)
    found |= given
    return found


def _intent_of(account: Account, session: Json) -> Json:
    """Stripe makes the session's payment intent when the payer first tries to pay."""
    if session["payment_intent"] is None:
        given = {
            "amount": session["amount_total"],
            "currency": session["currency"],
            **session["_intent"],
        }
        session["payment_intent"] = add_intent(account, given, session["customer"])["id"]
    return account.get("payment_intent", session["payment_intent"])


def _add_tax(session: Json) -> None:
    if session["_taxed"]:
        session["total_details"]["amount_tax"] = _contained(session["amount_total"])


def _contained(amount: int) -> int:
    return amount - round(amount * 100 / (100 + TAX_PERCENT))
