"""Invoices paid by bank transfer: the provider that needs nothing outside.

A charge becomes a receivable with a payment reference. The operator sees what is owed, notes what
came, by hand or from the bank's statement, and sends refunds back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.hookspecs import BillingProvider, Host, Manifest, Page, hookimpl
from plugins.billing_invoice.back_desk import BackDesk
from plugins.billing_invoice.desk import Desk
from plugins.billing_invoice.intake import Intake
from plugins.billing_invoice.provider import InvoiceProvider
from plugins.billing_invoice.terms import FIELDS, terms_in

manifest = Manifest(
    name="billing_invoice",
    version="1.0",
    summary="Invoices paid by bank transfer, with an operator's desk for what is owed.",
    settings=FIELDS,
    templates="templates",
    migrations="migrations",
    conformance="plugins.billing_invoice.conformance",
)


@hookimpl
def billing_providers(host: Host, settings: Mapping[str, Any]) -> Sequence[BillingProvider]:
    """Bring the provider `invoice`."""
    return [InvoiceProvider(host, terms_in(settings))]


@hookimpl
def pages(host: Host) -> Sequence[Page]:
    """Bring the operator's desk."""
    return [*Desk(host).pages(), *Intake(host).pages(), *BackDesk(host).pages()]
