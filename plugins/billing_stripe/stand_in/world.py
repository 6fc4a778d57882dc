"""What happens outside: payers pay or turn away, banks finish, dispute and decide."""

from __future__ import annotations

from plugins.billing_stripe.stand_in.account import Account
from plugins.billing_stripe.stand_in.checkout import expire_session, try_card
from plugins.billing_stripe.stand_in.payments import cancel_intent, fail, succeed
from plugins.billing_stripe.stand_in.wire import Json

GOOD, BAD = "4242424242424242", "4000000000000341"


def pay(account: Account, key: str) -> None:
    """Pay what is pending, as its fate wants it."""
    with account.lock:
        session = account.with_key("checkout.session", key)
        if session is not None:
            _pay_session(account, session)
            return
        intent = account.with_key("payment_intent", key)
        if intent is not None and intent["status"] == "processing":
            succeed(account, intent)


def give_up(account: Account, key: str) -> None:
    """Let the payer's page run out, or the bank refuse at last."""
    with account.lock:
        session = account.with_key("checkout.session", key)
        if session is not None:
            expire_session(account, {}, session["id"])
            return
        intent = account.with_key("payment_intent", key)
        if intent is not None:
            cancel_intent(account, {}, intent["id"])


def refuse(account: Account, key: str) -> None:
    """Let the bank refuse a payment that was on its way."""
    with account.lock:
        intent = account.with_key("payment_intent", key)
        assert intent is not None
        fail(account, intent, "card_declined", "insufficient_funds")


def finish_refund(account: Account, key: str, *, well: bool = True) -> None:
    """Let a refund that is pending come to its end; one that fails gives the money back to us."""
    with account.lock:
        refund = account.with_key("refund", key)
        assert refund is not None
        refund["status"] = "succeeded" if well else "failed"
        if not well:
            charge = account.get("charge", refund["charge"])
            charge["amount_refunded"] -= refund["amount"]
        account.emit("refund.updated" if well else "refund.failed", refund)


def open_dispute(account: Account, payment: str, status: str = "needs_response") -> Json:
    """Let the payer's bank dispute what is left of a payment. An inquiry takes no money yet."""
    with account.lock:
        intent = account.get("payment_intent", payment)
        charge = account.get("charge", intent["latest_charge"])
        dispute = account.add(
            "dp",
            "dispute",
            amount=charge["amount_captured"] - charge["amount_refunded"],
            charge=charge["id"],
            currency=charge["currency"],
            metadata={},
            payment_intent=payment,
            reason="fraudulent",
            status=status,
        )
        account.emit("charge.dispute.created", dispute)
        if not status.startswith("warning_"):
            withdraw(account, dispute)
        return dispute


def withdraw(account: Account, dispute: Json) -> None:
    """Let the bank take the money of a dispute."""
    with account.lock:
        account.get("charge", dispute["charge"])["disputed"] = True
        dispute["status"] = "needs_response"
        account.emit("charge.dispute.funds_withdrawn", dispute)


def close_dispute(account: Account, payment: str, status: str) -> None:
    """Let the bank decide: `won`, `lost` or `warning_closed`."""
    with account.lock:
        (dispute,) = account.all("dispute", payment_intent=payment)
        dispute["status"] = status
        account.emit("charge.dispute.closed", dispute)


def _pay_session(account: Account, session: Json) -> None:
    if session["status"] != "open":
        return
    fate, session["_fate"] = session["_fate"], "process"
    if fate == "cancel":
        expire_session(account, {}, session["id"])
    else:
        try_card(account, session, BAD if fate == "decline" else GOOD)
