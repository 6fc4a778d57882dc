"""Providers with one fault each. The kit has to find every one of them."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

from app.hookspecs import (
    BadSignature,
    Cancelled,
    Declined,
    Money,
    Pending,
    Processed,
    Refund,
    Unknown,
)
from tests.conformance.bank import AnswerLost, OutOfReach
from tests.conformance.reference_provider import HEADER, ReferenceProvider


class TakesAgain(ReferenceProvider):
    """Charges whenever it is asked, whatever the key."""

    def charge(self, charge):
        outcome = super().charge(charge)
        row = self.bank.charge(charge.key)
        if row["calls"] > 1 and row["state"] == "processed":
            now = self.bank.now().isoformat()
            again = ("INSERT INTO moves VALUES (?, ?, ?)", charge.key, row["amount"], now)
            self.bank.write(again)
        return outcome


class TriesAgainAfterADecline(ReferenceProvider):
    """Takes a declined key up again."""

    def charge(self, charge):
        row = self.bank.charge(charge.key)
        if row and row["state"] == "declined":
            self.bank.write(("DELETE FROM charges WHERE key = ?", charge.key))
        return super().charge(charge)


class ForgetsLostAnswers(ReferenceProvider):
    """Says that it was declined when the answer is lost."""

    def charge(self, charge):
        try:
            return super().charge(charge)
        except AnswerLost:
            return Declined("It took too long.")


class FindsByReferenceOnly(ReferenceProvider):
    """Can't find what it has no reference of."""

    def find_charge(self, key, reference):
        return super().find_charge(key, reference) if reference else Cancelled()


class GivesUpWhenOutOfReach(ReferenceProvider):
    """Says that nothing arrived when it could not ask."""

    def find_charge(self, key, reference):
        try:
            return super().find_charge(key, reference)
        except OutOfReach:
            return Cancelled()


class NeverSure(ReferenceProvider):
    """Leaves it open what became of a key that never arrived."""

    def find_charge(self, key, reference):
        row = self.bank.charge(key)
        return super().find_charge(key, reference) if row else Unknown("No such key.")


class CountsChickens(ReferenceProvider):
    """Says that pending money moved."""

    def outcome(self, row):
        outcome = super().outcome(row)
        if isinstance(outcome, Pending):
            return Processed(outcome.reference, Money(row["amount"], row["currency"]))
        return outcome


class TakesCents(ReferenceProvider):
    """Thinks that every currency has cents."""

    def charge(self, charge):
        if charge.money.currency == "JPY":
            money = replace(charge.money, amount=charge.money.amount * 100)
            charge = replace(charge, money=money)
        return super().charge(charge)


class RoundsDinars(ReferenceProvider):
    """Thinks that no currency has three decimals."""

    def charge(self, charge):
        if charge.money.currency == "KWD":
            money = replace(charge.money, amount=charge.money.amount // 10)
            charge = replace(charge, money=money)
        return super().charge(charge)


class SaysCancelledTooLate(ReferenceProvider):
    """Says that it cancelled what was paid."""

    def cancel_charge(self, key, reference):
        super().cancel_charge(key, reference)
        return Cancelled(reference)


class CancelsInWordsOnly(ReferenceProvider):
    """Leaves the page open on which the payer can pay."""

    def cancel_charge(self, key, reference):
        row = self.bank.charge(key)
        pending = row is None or row["state"] == "pending"
        return Cancelled() if pending else self.outcome(row)


class RaisesWithoutMeans(ReferenceProvider):
    """Crashes where nothing is saved."""

    def charge(self, charge):
        if not charge.present and charge.payer.reference is None:
            raise KeyError("customer")
        return super().charge(charge)


class TellsNoPayer(ReferenceProvider):
    """Never tells under which name it knows the payer."""

    def outcome(self, row):
        outcome = super().outcome(row)
        if isinstance(outcome, Processed):
            return replace(outcome, payer_reference=None)
        return outcome


class RefundsTooEarly(ReferenceProvider):
    """Gives back what was never taken."""

    def refund(self, refund):
        charge = self.charge_of(refund.charge)
        if charge and charge["state"] == "pending":
            money = refund.money
            self.bank.refund(refund.key, charge["key"], money.amount, money.currency)
        return super().refund(refund)


class RefundsTooMuch(ReferenceProvider):
    """Counts only what is asked now against the payment."""

    def refund(self, refund):
        charge = self.charge_of(refund.charge)
        fits = charge and refund.money.amount <= self.bank.taken(charge["key"])
        if fits and self.bank.found_refund(refund.key) is None:
            money = refund.money
            self.bank.refund(refund.key, charge["key"], money.amount, money.currency)
        return super().refund(refund)


class RefundsAgain(ReferenceProvider):
    """Makes a new key for each call."""

    def refund(self, refund):
        fresh = Refund(secrets.token_hex(8), refund.charge, refund.money, refund.reason)
        outcome = super().refund(fresh)
        if self.bank.found_refund(refund.key) is None and isinstance(outcome, Processed):
            sql = "UPDATE refunds SET key = ? WHERE key = ?"
            self.bank.write((sql, refund.key, fresh.key))
        return outcome


class LosesRefunds(ReferenceProvider):
    """Knows a refund by its own reference only."""

    def find_refund(self, key, reference):
        row = self.bank.found_refund(key)
        if row and reference is None and row["amount"] == 1900:
            return Cancelled()
        return super().find_refund(key, reference)


class BelievesAnybody(ReferenceProvider):
    """Looks only whether there is a signature."""

    def require_signature(self, delivery):
        if not any(name.lower() == HEADER.lower() for name in delivery.headers):
            raise BadSignature


class BelievesTheUnsigned(ReferenceProvider):
    """Looks at signatures that are there."""

    def require_signature(self, delivery):
        if any(delivery.headers.values()):
            super().require_signature(delivery)


class BelievesTheOld(ReferenceProvider):
    """Never looks when it was signed."""

    def require_signature(self, delivery):
        header = next(iter(delivery.headers.values()), "")
        stamp = header.partition(",")[0].removeprefix("t=")
        if stamp.isdigit():
            at = datetime.fromtimestamp(min(int(stamp), 10**11), UTC)
            delivery = replace(delivery, received_at=at)
        super().require_signature(delivery)


class ReadsBeforeItLooks(ReferenceProvider):
    """Reads the body first, and crashes where it is broken."""

    def read_events(self, delivery):
        delivery.body.decode().index("row")
        return super().read_events(delivery)


class WantsItsOwnSpelling(ReferenceProvider):
    """Knows its header in one spelling only."""

    def require_signature(self, delivery):
        if HEADER not in delivery.headers:
            raise BadSignature
        super().require_signature(delivery)


class NewIdsEachTime(ReferenceProvider):
    """Numbers events as they are read."""

    def event(self, said):
        return replace(super().event(said), id=secrets.token_hex(8))


class OneIdForAll(ReferenceProvider):
    """Names an event by its kind."""

    def event(self, said):
        return replace(super().event(said), id=said["type"])


class DisputesTheKey(ReferenceProvider):
    """Names the charge of a dispute by our key."""

    def event(self, said):
        event = super().event(said)
        return replace(event, charge=said["row"]["charge"]) if "opened" in said["type"] else event


class RenamesDisputes(ReferenceProvider):
    """Ends a dispute under another name."""

    def event(self, said):
        event = super().event(said)
        return replace(event, dispute=event.id) if "closed" in said["type"] else event


class ListsThePending(ReferenceProvider):
    """Has in its books what is not paid."""

    def payments(self, since, until):
        yield from super().payments(since, until)
        for row in self.bank.rows("SELECT * FROM charges WHERE state = 'pending'"):
            shown = next(iter(super().payments(since, until)))
            yield replace(shown, key=row["key"])


class ForgetsRefunds(ReferenceProvider):
    """Has no refunds in its books."""

    def payments(self, since, until):
        return [replace(each, refunded=0) for each in super().payments(since, until)]


class CountsTheEnd(ReferenceProvider):
    """Counts the end of a span in."""

    def payments(self, since, until):
        everything = super().payments(datetime.min.replace(tzinfo=UTC), self.end_of_time)
        return [each for each in everything if since <= each.at <= until]

    end_of_time = datetime(2200, 1, 1, tzinfo=UTC)


class HasNoPage(ReferenceProvider):
    """Promises a page that is not there."""

    def manage_page(self, payer, return_url):
        return None


class SaysItCannot(ReferenceProvider):
    """Says that it can't charge absent payers, and can."""

    charges_absent = False


# Each fault, and the test of the kit that has to find it.
FOUND_BY = {
    TakesAgain: "test_the_same_key_again_moves_nothing",
    TriesAgainAfterADecline: "test_the_same_key_again_after_a_decline",
    ForgetsLostAnswers: "test_an_answer_that_was_lost_is_found_by_the_key",
    FindsByReferenceOnly: "test_an_answer_that_was_lost_is_found_by_the_key",
    GivesUpWhenOutOfReach: "test_an_answer_that_was_lost_is_found_by_the_key",
    NeverSure: "test_a_key_that_never_arrived",
    CountsChickens: "test_pending_until_paid",
    TakesCents: "test_a_currency_without_minor_unit",
    RoundsDinars: "test_a_currency_with_three_decimals",
    SaysCancelledTooLate: "test_cancelled_too_late",
    CancelsInWordsOnly: "test_cancelled_by_us",
    RaisesWithoutMeans: "test_a_charge_without_anybody_and_nothing_saved",
    TellsNoPayer: "test_who_paid_once_is_charged_absent_later",
    RefundsTooEarly: "test_a_refund_before_the_money_moved",
    RefundsTooMuch: "test_more_than_is_left",
    RefundsAgain: "test_the_same_refund_again",
    LosesRefunds: "test_finding_a_refund",
    BelievesAnybody: "test_a_body_that_was_altered",
    BelievesTheUnsigned: "test_no_signature",
    BelievesTheOld: "test_a_signature_from_long_ago",
    ReadsBeforeItLooks: "test_a_body_that_was_altered",
    WantsItsOwnSpelling: "test_headers_come_in_any_case",
    NewIdsEachTime: "test_a_repeated_delivery_says_the_same",
    OneIdForAll: "test_each_event_has_an_id_of_its_own",
    DisputesTheKey: "test_a_dispute",
    RenamesDisputes: "test_a_dispute",
    ListsThePending: "test_the_books_list_what_moved",
    ForgetsRefunds: "test_the_books_list_what_moved",
    CountsTheEnd: "test_the_books_of_a_span",
    HasNoPage: "test_the_page_to_manage_payment",
    SaysItCannot: "test_it_says_whether_it_charges_absent_payers",
}
