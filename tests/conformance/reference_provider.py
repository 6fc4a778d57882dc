"""The reference provider: small, sound, and talking to the bank for tests; and its bench."""

import hmac
import json
from datetime import UTC, datetime

from app.conformance.billing import Fate
from app.hookspecs import (
    BadSignature,
    Cancelled,
    ChargeChanged,
    Declined,
    Delivery,
    DisputeClosed,
    DisputeOpened,
    Money,
    Payer,
    Pending,
    Processed,
    ProviderPayment,
    RefundChanged,
)
from tests.conformance.bank import AnswerLost, Bank, signature

HEADER = "Bank-Signature"
OLDEST_SECONDS = 300
STATES = {
    Fate.PROCESS: "processed",
    Fate.DECLINE: "declined",
    Fate.STAY_PENDING: "pending",
    Fate.CANCEL: "cancelled",
    Fate.TIME_OUT: "processed",
}


class ReferenceProvider:
    """A billing provider without faults. Subclasses in the tests have one each."""

    key = "bank"
    title = "Bank"
    charges_absent = True

    def __init__(self, bank: Bank):
        self.bank = bank

    def charge(self, charge):
        self.bank.require_reach()
        fate = None
        if self.bank.charge(charge.key) is None:
            fate = Fate(self.bank.next_fate())
            state = STATES[fate]
            if not charge.present and not self.is_saved(charge.payer):
                state = "declined"
            money = charge.money
            self.bank.begin(charge.key, charge.payer.account, money.amount, money.currency, state)
        else:
            self.bank.begin(charge.key, "", 0, "", "pending")
        if fate is Fate.TIME_OUT:
            raise AnswerLost
        return self.outcome(self.bank.charge(charge.key))

    def is_saved(self, payer):
        sql = "SELECT 1 FROM saved WHERE payer = ?"
        return payer.reference and self.bank.rows(sql, payer.reference.removeprefix("payer-"))

    def outcome(self, row):
        if row is None:
            return Cancelled()
        reference = f"payment-{row['number']}"
        match row["state"]:
            case "processed":
                money = Money(row["amount"], row["currency"])
                return Processed(reference, money, payer_reference=f"payer-{row['payer']}")
            case "declined":
                return Declined("The bank says no.", reference)
            case "cancelled":
                return Cancelled(reference)
        return Pending(reference, visit=f"https://bank.test/pay/{row['number']}")

    def find_charge(self, key, reference):
        self.bank.require_reach()
        return self.outcome(self.bank.charge(key))

    def cancel_charge(self, key, reference):
        self.bank.require_reach()
        self.bank.end(key, "cancelled")
        return self.outcome(self.bank.charge(key))

    def refund(self, refund):
        self.bank.require_reach()
        if self.bank.found_refund(refund.key) is None:
            charge = self.charge_of(refund.charge)
            if charge is None or charge["state"] != "processed":
                return Declined("There is no such payment to give back.")
            left = self.bank.taken(charge["key"]) - self.bank.given_back(charge["key"])
            if refund.money.amount > left:
                return Declined("That is more than is left of the payment.")
            self.bank.refund(refund.key, charge["key"], refund.money.amount, refund.money.currency)
        return self.find_refund(refund.key, None)

    def charge_of(self, reference):
        number = reference.removeprefix("payment-")
        return self.bank.charge_by_number(int(number)) if number.isdigit() else None

    def find_refund(self, key, reference):
        self.bank.require_reach()
        row = self.bank.found_refund(key)
        return self.refund_outcome(row) if row else Cancelled()

    def refund_outcome(self, row):
        return Processed(f"refund-{row['number']}", Money(row["amount"], row["currency"]))

    def read_events(self, delivery):
        self.require_signature(delivery)
        return [self.event(json.loads(delivery.body))]

    def require_signature(self, delivery):
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        given = headers.get(HEADER.lower(), "")
        stamp = given.partition(",")[0].removeprefix("t=")
        if not stamp.isdigit() or len(stamp) > 12:
            raise BadSignature("There is no signature.")
        at = datetime.fromtimestamp(int(stamp), UTC)
        if not hmac.compare_digest(signature(delivery.body, at), given):
            raise BadSignature("It was not signed by the bank.")
        if abs((delivery.received_at - at).total_seconds()) > OLDEST_SECONDS:
            raise BadSignature("It was signed too long ago.")

    def event(self, said):
        row = said["row"]
        match said["type"]:
            case "charge":
                return ChargeChanged(said["id"], said["key"], self.outcome(row))
            case "refund":
                charge = self.reference_of(row["charge"])
                return RefundChanged(said["id"], said["key"], charge, self.refund_outcome(row))
            case "dispute opened":
                charge = self.reference_of(row["charge"])
                money = Money(row["amount"], self.bank.charge(row["charge"])["currency"])
                return DisputeOpened(said["id"], row["id"], charge, money, "Not recognized.")
        return DisputeClosed(said["id"], row["id"], said["won"])

    def reference_of(self, key):
        return f"payment-{self.bank.charge(key)['number']}"

    def payments(self, since, until):
        self.bank.require_reach()
        for row in self.bank.rows("SELECT * FROM charges WHERE state = 'processed'"):
            at = datetime.fromisoformat(row["paid_at"])
            if since <= at < until:
                yield ProviderPayment(
                    f"payment-{row['number']}",
                    row["key"],
                    Money(row["amount"], row["currency"]),
                    self.bank.given_back(row["key"]),
                    at,
                )

    def manage_page(self, payer, return_url):
        return f"https://bank.test/payers/{payer.account}"


class ReferenceBench:
    """The bank in the kit's hands."""

    lacks: dict = {}  # noqa: RUF012
    currency = "EUR"
    payer = Payer("acme", "Acme", "alice@acme.test", "payer-acme")

    def __init__(self, folder, provider=ReferenceProvider):
        self.bank = Bank(folder / "bank.db")
        self.bank.write(("INSERT OR IGNORE INTO saved VALUES ('acme')",))
        self._provider, self._handed = provider, 0

    @property
    def provider(self):
        return self._provider(self.bank)

    def next_charge(self, fate):
        self.bank.say("fate", fate.value)

    def pay(self, key):
        self.bank.end(key, "processed")

    def give_up(self, key):
        self.bank.end(key, "cancelled")

    def go_away(self):
        self.bank.say("away", "yes")

    def come_back(self):
        self.bank.say("away", "no")

    def finish_refund(self, key):
        """Refunds of this bank are never pending."""

    def open_dispute(self, charge):
        self.bank.dispute(self._key_of(charge))

    def close_dispute(self, charge, *, won):
        self.bank.close_dispute(self._key_of(charge), won=won)

    def deliveries(self):
        sent, now = self.bank.sent(), self.bank.now()
        new, self._handed = sent[self._handed :], len(sent)
        return [Delivery(body, {HEADER: signature(body, now)}, now) for body in new]

    def taken(self, key):
        return self.bank.taken(key)

    def given_back(self, key):
        return self.bank.given_back(key)

    def _key_of(self, charge):
        return self.bank.charge_by_number(int(charge.removeprefix("payment-")))["key"]
