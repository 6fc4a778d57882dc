"""How a charge begins: who pays, by what, and the request that is kept before it is sent."""

from __future__ import annotations

import stripe

from app.hookspecs import Charge, Declined, Payer
from plugins.billing_stripe.api import Api
from plugins.billing_stripe.asking import Wishes, payment_request, session_request, tax_request
from plugins.billing_stripe.attempts import Attempt, Attempts
from plugins.billing_stripe.declines import NOTHING_SAVED
from plugins.billing_stripe.outcomes import Json, metadata_of

ACCOUNT = "coffer_account"


def begun(charge: Charge, api: Api, attempts: Attempts, wishes: Wishes) -> Attempt | Declined:
    """Begin an attempt, or say why there can't be one; raises `NotPayable` for the amount."""
    wishes.amount_of(charge)
    if charge.present:
        customer = _customer_of(charge.payer, api, charge.key)
        request = session_request(charge, customer, wishes)
        return attempts.begin(charge.key, "checkout", customer, request)
    reference = charge.payer.reference
    customer_found = api.customer(reference) if reference else None
    method = _method_of(customer_found, api) if customer_found else None
    if reference is None or method is None:
        return Declined(NOTHING_SAVED)
    tax = _tax_of(charge, reference, api, wishes)
    request = payment_request(charge, reference, method, wishes, tax)
    return attempts.begin(charge.key, "saved", reference, request)


def _customer_of(payer: Payer, api: Api, key: str) -> str:
    """Name the payer at Stripe: as told, else as found by address and account, else anew."""
    if payer.reference and api.customer(payer.reference) is not None:
        return payer.reference
    for customer in api.customers(payer.email):
        if metadata_of(customer, ACCOUNT) == payer.account:
            return str(customer["id"])
    metadata = {ACCOUNT: payer.account}
    return str(api.make_customer(payer.name, payer.email, metadata, f"{key}:customer")["id"])


def _method_of(customer: Json, api: Api) -> Json | None:
    """Choose what the payer made their default, else what they saved last."""
    default = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return default or api.newest_payment_method(customer["id"])


def _tax_of(charge: Charge, customer: str, api: Api, wishes: Wishes) -> Json | None:
    """Ask for the tax; where Stripe can't say, the payment goes on without tax lines."""
    if not wishes.automatic_tax:
        return None
    try:
        return api.calculate_tax(tax_request(charge, customer, wishes))
    except stripe.InvalidRequestError:
        return None
