"""Mails for the operator: each as people get it, and those that did not arrive."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue

from app.domain.refusals import NotFound
from app.services.mail.preview import failed_mails, mail_names, preview_mail, send_again
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.page import done, pages
from app.web.portal import portal

# Mails carry their looks in themselves, as mail programs want it; nothing else may happen there.
OF_A_MAIL = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


@pages.get("/admin/mails")
@for_operators
def admin_mails() -> ResponseReturnValue:
    """List the mails that Coffer sends, and those that did not arrive."""
    return admin_page("admin/mails.html", names=mail_names(), failed=failed_mails())


@pages.get("/admin/mails/<name>")
@for_operators
def admin_mail(name: str) -> ResponseReturnValue:
    """Show a mail with sample values."""
    here = portal()
    return admin_page("admin/mail.html", mail=preview_mail(name, here.postman, here.clock.now()))


@pages.get("/admin/mails/<name>/html")
@for_operators
def admin_mail_html(name: str) -> ResponseReturnValue:
    """Show the same as mail programs do, on a page of its own."""
    here = portal()
    answer = Response(preview_mail(name, here.postman, here.clock.now()).html)
    answer.headers["Content-Security-Policy"] = OF_A_MAIL
    return answer


@pages.post("/admin/mails/again")
@for_operators
def admin_mail_again() -> ResponseReturnValue:
    """Let mails that did not arrive be tried again."""
    only = request.form.get("mail", type=int)
    if "mail" in request.form and only is None:
        raise NotFound
    send_again(portal().clock.now(), only)
    return done("They are due now; the job “deliver mail” sends them.", "admin_mails")
