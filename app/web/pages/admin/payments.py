"""Payments for the operator: what needs somebody to look, all of them, each with its file."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.domain.payment import AttemptState
from app.services.billing.attention import (
    attention,
    every_payment,
    payment_file,
    settle_problem,
)
from app.services.billing.providers import offers
from app.services.billing.reconcile import reconcile_all
from app.services.billing.refund import refund_as_operator
from app.web.login import current_person
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import SMALL_ID, begins_at, done, pages
from app.web.portal import portal

SHOWN = 50


class RefundForm(Form):
    """Why a pack is given back; it stands on the credit note."""

    reason = StringField("Reason, for the credit note", [DataRequired("Say why."), Length(max=200)])


@pages.get("/admin/payments")
@for_operators
def admin_payments() -> ResponseReturnValue:
    """Show what needs somebody to look, and the payments of all accounts."""
    now, before = portal().clock.now(), begins_at(largest=SMALL_ID)
    found = every_payment(before=before, limit=SHOWN + 1)
    return admin_page(
        "admin/payments.html",
        attention=attention(now),
        payments=found[:SHOWN],
        older=found[SHOWN - 1].payment.id if len(found) > SHOWN else None,
        before=before,
        titles={each.key: each.title for each in offers(now)},
    )


@pages.post("/admin/payments/compare")
@for_operators
def admin_compare_books() -> ResponseReturnValue:
    """Compare the last week with the books of every provider that is there."""
    count = reconcile_all(portal().clock.now())
    words = f"Compared: {count} differences." if count else "Compared: the books agree."
    return done(words, "admin_payments")


@pages.route("/admin/payments/<key>", methods=["GET", "POST"])
@for_operators
def admin_payment(key: str) -> ResponseReturnValue:
    """Show all that is known of a payment; give back the pack that was bought with it."""
    form, found = RefundForm(), payment_file(key)
    if found.refundable and form.validate_on_submit():
        with refusals_beside(form):
            now, me = portal().clock.now(), current_person().id
            state = refund_as_operator(key, text_of(form.reason), now, me)
            gone = state is AttemptState.PROCESSED
            words = "The money went back." if gone else f"The refund is {state}."
            return done(words, "admin_payment", key=key)
    if request.method == "POST" and not found.refundable:
        return redirect(url_for("pages.admin_payment", key=key))
    return admin_page("admin/payment.html", form, file=found)


@pages.post("/admin/payments/<key>/settled")
@for_operators
def admin_settle_payment(key: str) -> ResponseReturnValue:
    """Note that somebody dealt with a payment that had no effect."""
    settle_problem(key, current_person().id, portal().clock.now())
    return done("Noted: this needs no look any more.", "admin_payment", key=key)
