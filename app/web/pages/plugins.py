"""Pages that plugins bring, under /plugins: for operators, and for members of an account."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.domain.role import Right
from app.services.billing.events import take_events
from app.services.plugins.answer_page import (
    GaveNothing,
    PageFound,
    Sent,
    Visit,
    account_page,
    address_of,
    answer_page,
    operator_page,
)
from app.web.login import current_person
from app.web.pages.admin.area import for_operators, navigation
from app.web.pages.page import Here, in_account, pages
from app.web.pages.plugin_frame import Filling
from app.web.portal import portal

FAILED = 502
METHODS = ("GET", "POST")


@pages.route("/plugins/<name>", defaults={"path": ""}, methods=METHODS)
@pages.route("/plugins/<name>/<path:path>", methods=METHODS)
@for_operators
def operator_plugin(name: str, path: str) -> ResponseReturnValue:
    """Let a plugin answer an operator."""
    found = operator_page(name, path, portal().clock.now())
    return _answered(found, path, None)


@pages.route("/plugins/<name>/accounts/<slug>", defaults={"path": ""}, methods=METHODS)
@pages.route("/plugins/<name>/accounts/<slug>/<path:path>", methods=METHODS)
@in_account(Right.SEE_ACCOUNT)
def account_plugin(here: Here, name: str, path: str) -> ResponseReturnValue:
    """Let a plugin answer a member of an account."""
    now = portal().clock.now()
    found = account_page(name, path, here.access.account_id, here.access.role, now)
    return _answered(found, path, here)


def _answered(found: PageFound, path: str, here: Here | None) -> ResponseReturnValue:
    slug = here.account.slug if here else None
    if not path and found.page.path.strip("/"):
        return redirect(address_of(found, slug))
    within = address_of(found, slug, "")
    filling = Filling(found.plugin.templates, generate_csrf(), within, found.page.title)
    done = answer_page(found, _asked(path, here), filling)
    if isinstance(done, GaveNothing):
        return _frame(found, here, "failed", reason=done.reason), FAILED
    if done.events:
        take_events(found.plugin.name, done.events, portal().clock.now())
    if isinstance(done, Sent):
        if done.message:
            flash(done.message, "success")
        return redirect(filling.address(done.path))
    content = Markup(done.html)  # noqa: S704 - its template escaped what is not its own
    shown = _frame(found, here, "shown", content=content, has_head="<h1" in done.html)
    return shown, done.status


def _frame(found: PageFound, here: Here | None, state: str, **values: object) -> str:
    """Put what a plugin gave, or that it gave nothing, into a page of the portal."""
    frame = {"base": "base.html"} if here else {"base": "admin/base.html", **navigation()}
    values |= {"plugin": found.plugin, "plugin_page": found.page}
    return render_template(f"plugins/{state}.html", **frame, **values)


def _asked(path: str, here: Here | None) -> Visit:
    return Visit(
        method="POST" if request.method == "POST" else "GET",
        path=path,
        query=request.args.to_dict(),
        form={name: value for name, value in request.form.items() if name != "csrf_token"},
        files={name: file.read() for name, file in request.files.items()},
        visitor=current_person().email,
        account=here.account.slug if here else None,
        role=here.access.role.value if here else None,
    )
