"""Notifications: the bell's page, reading them, and choosing of what one is told."""

from __future__ import annotations

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from app.domain.notification import CHOOSABLE, OFFERS, NotificationKind, Way
from app.services.notifications import inbox
from app.services.notifications.inbox import NotificationView
from app.services.people.choose_notices import choose_notices, chosen_notices
from app.web.login import current_person
from app.web.pages.form import Form
from app.web.pages.page import BIG_ID, begins_at, done, page, pages
from app.web.portal import portal

PAGE = 30
# Where each kind leads to, in its account; the others lead to the account's overview.
LEADS_TO = {
    NotificationKind.CREDITS: "usage",
    NotificationKind.LIMIT_ALERT: "overview",
    NotificationKind.EXPIRING: "billing",
    NotificationKind.RENEWED: "usage",
    NotificationKind.PAYMENT_FAILED: "billing",
    NotificationKind.MEMBER_JOINED: "members",
    NotificationKind.MEMBER_LEFT: "members",
    NotificationKind.JOIN_REQUEST: "members",
}
TO_HOME = (NotificationKind.INVITED, NotificationKind.REMOVED)


@pages.get("/notifications")
@login_required  # type: ignore[untyped-decorator]
def notifications() -> ResponseReturnValue:
    """List what one was told, the newest first."""
    before = begins_at()
    found = inbox.inbox(current_person().id, PAGE + 1, before)
    older = found[PAGE - 1].id if len(found) > PAGE else None
    newest = found[0].id if found else 0
    shown = found[:PAGE]
    return page(
        "notifications/notifications.html", shown=shown, older=older, before=before, newest=newest
    )


@pages.get("/notifications/<int:number>")
@login_required  # type: ignore[untyped-decorator]
def notification(number: int) -> ResponseReturnValue:
    """Go where a notification leads to; it counts as read then."""
    read = inbox.read_one(current_person().id, min(number, BIG_ID), portal().clock.now())
    return redirect(_address(read))


@pages.post("/notifications/read")
@login_required  # type: ignore[untyped-decorator]
def read_notifications() -> ResponseReturnValue:
    """Mark all as read that one has seen, or one of them."""
    me, now = current_person().id, portal().clock.now()
    one, until = (request.form.get(name, type=int) for name in ("one", "until"))
    if one is not None:
        inbox.read_one(me, min(max(one, 0), BIG_ID), now)
        return redirect(url_for("pages.notifications"))
    inbox.read_all(me, min(max(until or 0, 0), BIG_ID), now)
    return done("All of it is marked as read.", "notifications")


@pages.route("/profile/notifications", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
def choose_notifications() -> ResponseReturnValue:
    """Choose of what one is told, in the page and by mail."""
    form, me = Form(), current_person().id
    if form.validate_on_submit():
        asked = set(request.form.getlist("wanted"))
        choose_notices(me, [one for one in CHOOSABLE if _field(*one) in asked])
        return done("Your choice is kept.", "choose_notifications")
    chosen = {_field(*one) for one in chosen_notices(me)}
    return page("notifications/choose.html", form, offers=OFFERS, ways=list(Way), chosen=chosen)


def unread() -> int:
    """How many notifications the person has not read, asked once per request."""
    if "unread" not in g:
        g.unread = inbox.count_unread(current_person().id)
    return int(g.unread)


def _field(kind: NotificationKind, way: Way) -> str:
    return f"{kind.value}-{way.value}"


def _address(read: NotificationView) -> str:
    if read.link and read.link.startswith("/") and not read.link.startswith("//"):
        return read.link
    if read.slug is None or read.kind in TO_HOME:
        return url_for("pages.home")
    return url_for(f"pages.{LEADS_TO.get(read.kind, 'overview')}", slug=read.slug)
