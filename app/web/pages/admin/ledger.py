"""Audits of the ledger: started here, carried out beside the request, kept with what was found."""

from __future__ import annotations

import logging
from threading import Thread

from flask import Flask, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Length

from app.domain.refusals import NotFound
from app.services.desk.ledger_audit import (
    begin_ledger_audit,
    carry_out_ledger_audit,
    find_ledger_audit,
    list_ledger_audits,
)
from app.web.login import current_person
from app.web.pages.admin.accounts import sought_text
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.form import Form
from app.web.pages.page import pages
from app.web.portal import portal

log = logging.getLogger(__name__)


class LedgerForm(Form):
    """What to prove."""

    account = StringField(
        "Account", [Length(max=40)], description="Its address, such as acme. Empty: all of them."
    )


@pages.route("/admin/ledger", methods=["GET", "POST"])
@for_operators
def admin_ledger() -> ResponseReturnValue:
    """List the audits, and begin one."""
    clock, form = portal().clock, LedgerForm()
    if form.validate_on_submit():
        try:
            number = begin_ledger_audit(
                sought_text(form.account), current_person().email, clock.now()
            )
        except NotFound as refusal:
            form.account.errors = [refusal.detail]
        else:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
            name = f"ledger-audit-{number}"
            Thread(target=_carry_out, args=(app, number), name=name, daemon=True).start()
            return redirect(url_for("pages.admin_ledger_audit", number=number))
    return admin_page("admin/ledger.html", form, audits=list_ledger_audits(clock.now()))


@pages.get("/admin/ledger/<int:number>")
@for_operators
def admin_ledger_audit(number: int) -> ResponseReturnValue:
    """Show one audit, and how far it is while it goes on."""
    return admin_page(
        "admin/ledger_audit.html", run=find_ledger_audit(number, portal().clock.now())
    )


def _carry_out(app: Flask, number: int) -> None:
    """Carry the audit out; what breaks it stands on its page."""
    with app.app_context():
        try:
            carry_out_ledger_audit(number, portal().clock.now)
        except Exception:
            log.exception("The ledger audit %s broke off.", number)
