"""Which parameters Stripe takes, by the SDK's types, that come from Stripe's own description."""

from __future__ import annotations

import re
import sys
from typing import Any

import stripe.params
import stripe.params.billing_portal
import stripe.params.checkout
import stripe.params.tax

from plugins.billing_stripe.stand_in.wire import Json, Refused

TYPE = re.compile(r"[A-Z]\w*Params\w*")
TYPES: dict[tuple[str, str], type] = {
    ("POST", "/v1/customers"): stripe.params.CustomerCreateParams,
    ("GET", "/v1/customers"): stripe.params.CustomerListParams,
    ("GET", "/v1/customers/*"): stripe.params.CustomerRetrieveParams,
    ("GET", "/v1/payment_methods"): stripe.params.PaymentMethodListParams,
    ("POST", "/v1/payment_intents"): stripe.params.PaymentIntentCreateParams,
    ("GET", "/v1/payment_intents"): stripe.params.PaymentIntentListParams,
    ("GET", "/v1/payment_intents/*"): stripe.params.PaymentIntentRetrieveParams,
    ("POST", "/v1/payment_intents/*/cancel"): stripe.params.PaymentIntentCancelParams,
    ("POST", "/v1/refunds"): stripe.params.RefundCreateParams,
    ("GET", "/v1/refunds"): stripe.params.RefundListParams,
    ("GET", "/v1/refunds/*"): stripe.params.RefundRetrieveParams,
    ("GET", "/v1/charges"): stripe.params.ChargeListParams,
    ("POST", "/v1/checkout/sessions"): stripe.params.checkout.SessionCreateParams,
    ("GET", "/v1/checkout/sessions"): stripe.params.checkout.SessionListParams,
    ("GET", "/v1/checkout/sessions/*"): stripe.params.checkout.SessionRetrieveParams,
    ("POST", "/v1/checkout/sessions/*/expire"): stripe.params.checkout.SessionExpireParams,
    ("POST", "/v1/billing_portal/sessions"): stripe.params.billing_portal.SessionCreateParams,
    ("POST", "/v1/tax/calculations"): stripe.params.tax.CalculationCreateParams,
    ("POST", "/v1/webhook_endpoints"): stripe.params.WebhookEndpointCreateParams,
    ("POST", "/v1/webhook_endpoints/*"): stripe.params.WebhookEndpointUpdateParams,
    ("GET", "/v1/webhook_endpoints"): stripe.params.WebhookEndpointListParams,
}


def require_known(method: str, pattern: str, given: Json) -> None:
    """Refuse a parameter that Stripe doesn't know, however deep it stands."""
    _require(TYPES[method, pattern], given, "")


def _require(kind: type, given: Json, path: str) -> None:
    known = kind.__annotations__
    for name, value in given.items():
        here = f"{path}[{name}]" if path else name
        if name not in known:
            raise Refused(
                400, code="parameter_unknown", param=here, message=f"Received unknown: {here}"
            )
        inner = TYPE.search(str(getattr(known[name], "__forward_arg__", known[name])))
        if inner is None:
            continue
        within = getattr(sys.modules[kind.__module__], inner.group(), None)
        for each in _dicts(value):
            if within is not None:
                _require(within, each, here)


def _dicts(value: Any) -> list[Json]:  # noqa: ANN401
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
