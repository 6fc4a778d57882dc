"""Which address of the stand-in does what."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from plugins.billing_stripe.stand_in import checkout, payments
from plugins.billing_stripe.stand_in.account import Account
from plugins.billing_stripe.stand_in.parameters import require_known
from plugins.billing_stripe.stand_in.wire import Json, Refused

MAKERS: dict[str, Callable[[Account, Json], Json]] = {
    "/v1/customers": payments.make_customer,
    "/v1/payment_intents": payments.make_intent,
    "/v1/refunds": payments.make_refund,
    "/v1/checkout/sessions": checkout.open_session,
    "/v1/billing_portal/sessions": checkout.open_portal,
    "/v1/tax/calculations": checkout.calculate_tax,
    "/v1/webhook_endpoints": checkout.make_endpoint,
}
CHANGERS: dict[str, Callable[[Account, Json, str], Json]] = {
    "/v1/payment_intents/*/cancel": payments.cancel_intent,
    "/v1/checkout/sessions/*/expire": checkout.expire_session,
    "/v1/webhook_endpoints/*": checkout.change_endpoint,
}
KINDS = {
    "/v1/customers": "customer",
    "/v1/payment_intents": "payment_intent",
    "/v1/charges": "charge",
    "/v1/refunds": "refund",
    "/v1/checkout/sessions": "checkout.session",
    "/v1/webhook_endpoints": "webhook_endpoint",
}
LISTERS: dict[str, Callable[[Account, Json], list[Json]]] = {
    "/v1/customers": payments.list_customers,
    "/v1/payment_methods": payments.list_methods,
}
FILTERS = ("customer", "payment_intent", "status")
ID = re.compile(r"/(?:cus|pi|re|cs_test|we|ch)_\w+")


def answered(account: Account, method: str, path: str, given: Json) -> Json:
    """Carry out one request, or raise `Refused`."""
    pattern = ID.sub("/*", path, count=1)
    name = path.removeprefix(pattern.partition("*")[0]).partition("/")[0] if "*" in pattern else ""
    if method == "POST" and pattern in MAKERS:
        require_known(method, pattern, given)
        return MAKERS[pattern](account, given)
    if method == "POST" and pattern in CHANGERS:
        require_known(method, pattern, given)
        return CHANGERS[pattern](account, given, name)
    if method == "GET" and (pattern in LISTERS or pattern in KINDS):
        require_known(method, pattern, given)
        return _listed(account, pattern, given)
    if method == "GET" and pattern.removesuffix("/*") in KINDS:
        require_known(method, pattern, given)
        return _one(account, KINDS[pattern.removesuffix("/*")], name, given.get("expand", []))
    raise Refused(404, message=f"Unrecognized request URL ({method}: {path}).")


def _one(account: Account, kind: str, name: str, expand: list[str]) -> Json:
    found = account.get(kind, name)
    if kind == "checkout.session":
        return checkout.whole(account, found, expand)
    if kind == "customer" and not found.get("deleted"):
        default = found["invoice_settings"]["default_payment_method"]
        if default and expand:
            method = account.get("payment_method", default)
            return {**found, "invoice_settings": {"default_payment_method": method}}
    return found


def _listed(account: Account, path: str, given: Json) -> Json:
    if path in LISTERS:
        found = LISTERS[path](account, given)
    else:
        values = {name: given[name] for name in FILTERS if name in given}
        found = account.all(KINDS[path], **values)
    created = given.get("created", {})
    first, end = int(created.get("gte", 0)), int(created.get("lt", 10**12))
    found = [each for each in found if first <= each["created"] < end]
    names = [each["id"] for each in found]
    after = names.index(given["starting_after"]) + 1 if "starting_after" in given else 0
    limit = int(given.get("limit", 10))
    page = found[after : after + limit]
    return {
        "object": "list",
        "url": path,
        "has_more": after + limit < len(found),
        "data": page,
    }


def worked(account: Account, method: str, path: str, given: Json) -> tuple[int, Json, bool]:
    """Answer with status and body, and tell whether the idempotency key remembers it."""
    try:
        with account.lock:
            return 200, _public(answered(account, method, path, given)), True
    except Refused as refused:
        return refused.status, _public(refused.body), refused.kept


def _public(value: Any) -> Any:  # noqa: ANN401
    """Leave out what the stand-in notes for itself."""
    if isinstance(value, dict):
        return {name: _public(each) for name, each in value.items() if not name.startswith("_")}
    return [_public(each) for each in value] if isinstance(value, list) else value
