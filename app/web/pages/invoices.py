"""The invoices of an account, for its owner: the list, each as PDF, and the buyer's details."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue
from wtforms import StringField, TextAreaField

from app.domain.refusals import NotFound
from app.domain.role import Right
from app.services.billing.invoices.details import Details, details_of, set_details
from app.services.billing.invoices.read import AT_ONCE, list_invoices, read_invoice
from app.services.billing.invoices.render import print_invoice, print_receipt
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import SMALL_ID, Here, begins_at, done, in_account, page, pages


class DetailsForm(Form):
    """What the buyer's side of an invoice says."""

    name = StringField(
        "Name",
        description="The company or person who buys. Empty: the account's name.",
        render_kw={"maxlength": 100, "autocomplete": "organization"},
    )
    address = TextAreaField(
        "Postal address",
        description="As on an envelope, up to six lines.",
        render_kw={"rows": 5, "maxlength": 500, "autocomplete": "street-address"},
    )
    tax_number = StringField(
        "Tax number",
        description="Such as a VAT identification number, if you have one.",
        render_kw={"maxlength": 40, "spellcheck": "false"},
    )
    email = StringField(
        "E-mail for invoices",
        description="Empty: the owner's.",
        render_kw={"maxlength": 254, "type": "email", "autocomplete": "email"},
    )


@pages.get("/accounts/<slug>/billing/invoices")
@in_account(Right.MANAGE_BILLING)
def invoices(here: Here) -> ResponseReturnValue:
    """List invoices and credit notes, the newest first."""
    before = begins_at(largest=SMALL_ID)
    found = list_invoices(here.access, before=before, limit=AT_ONCE + 1)
    return page(
        "invoices/invoices.html",
        invoices=found[:AT_ONCE],
        older=found[AT_ONCE - 1].id if len(found) > AT_ONCE else None,
        before=before,
    )


@pages.get("/accounts/<slug>/billing/invoices/<number>.pdf")
@in_account(Right.MANAGE_BILLING)
def invoice(here: Here, number: str) -> ResponseReturnValue:
    """Send an invoice or a credit note."""
    return pdf(print_invoice(read_invoice(here.access, number)), number)


@pages.get("/accounts/<slug>/billing/invoices/<number>/receipt.pdf")
@in_account(Right.MANAGE_BILLING)
def receipt(here: Here, number: str) -> ResponseReturnValue:
    """Send the receipt of an invoice that was paid."""
    printed = print_receipt(read_invoice(here.access, number))
    if printed is None:
        raise NotFound("This invoice was not paid yet, so there is no receipt.")
    return pdf(printed, f"{number}-receipt")


@pages.route("/accounts/<slug>/billing/details", methods=["GET", "POST"])
@in_account(Right.MANAGE_BILLING)
def billing_details(here: Here) -> ResponseReturnValue:
    """Change what the next invoices say of the buyer."""
    form = DetailsForm(obj=details_of(here.access))
    if form.validate_on_submit():
        with refusals_beside(form):
            fields = (form.name, form.address, form.tax_number, form.email)
            set_details(here.access, Details(*map(text_of, fields)))
            return done("Saved. The next invoice says so.", "invoices", slug=here.account.slug)
    return page("invoices/details.html", form)


def pdf(printed: bytes, name: str) -> Response:
    """Send a document to be saved under that name."""
    answer = Response(printed, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
