"""The webhooks of an account: which programs are told what happens, and what they answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired

from app.domain.reference import numbers_of, reference
from app.domain.refusals import Conflict
from app.domain.role import Right
from app.domain.webhook import LONGEST_DESCRIPTION, LONGEST_URL, DeliveryState
from app.services.webhooks import find, log, manage, replay, secrets
from app.services.webhooks.offered import offered
from app.web.outside import webhook_fetch
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import Here, begins_at, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.webhooks import Webhook

PAGE = 50
REPLAYED = {"1": "the last 24 hours", "3": "the last 3 days", "30": "all that is kept"}
STATES = {"": "All", "waiting": "Waiting", "delivered": "Delivered", "failed": "Failed"}


class WebhookForm(Form):
    """Where to, and what."""

    url = StringField(
        "Address",
        [DataRequired("Write the address of your program.")],
        description="It begins with https:// and is reached from the public internet.",
        render_kw={"maxlength": LONGEST_URL, "inputmode": "url", "spellcheck": "false"},
    )
    description = StringField(
        "Description",
        description="For your team: what is done with the events.",
        render_kw={"maxlength": LONGEST_DESCRIPTION},
    )
    events = SelectMultipleField("Events", validate_choice=False)


class LogForm(Form):
    """What to look for in a log. It changes nothing, so it needs no CSRF token."""

    class Meta:
        """Settings of WTForms."""

        csrf = False

    state = SelectField("State", default="", choices=options(STATES.items()), validate_choice=False)
    event = SelectField("Event", default="", validate_choice=False)


class ReplayForm(Form):
    """How far back to go."""

    days = SelectField("What failed in", choices=options(REPLAYED.items()))


@pages.get("/accounts/<slug>/webhooks")
@in_account(Right.MANAGE_WEBHOOKS)
def webhooks(here: Here) -> ResponseReturnValue:
    """List the endpoints and how they fare."""
    return page("webhooks/webhooks.html", found=find.list_webhooks(here.access))


@pages.route("/accounts/<slug>/webhooks/new", methods=["GET", "POST"])
@in_account(Right.MANAGE_WEBHOOKS)
def new_webhook(here: Here) -> ResponseReturnValue:
    """Add an endpoint; the next page shows its secret once."""
    form = WebhookForm(events=[event.name for event in offered() if event.at_first])
    if form.validate_on_submit():
        with refusals_beside(form):
            made, session["secret"] = manage.add_webhook(
                here.access,
                text_of(form.url),
                form.events.data or [],
                text_of(form.description),
                portal().clock.now(),
                webhook_fetch(),
            )
            return _to("The webhook is added.", here, made)
    return page("webhooks/edit.html", form, webhook=None, offered=offered())


@pages.get("/accounts/<slug>/webhooks/<webhook_id>")
@in_account(Right.MANAGE_WEBHOOKS)
def webhook(here: Here, webhook_id: str) -> ResponseReturnValue:
    """Show an endpoint with its log."""
    shown = _found(here, webhook_id)
    form = LogForm(request.args)
    names = {"": "All", **{each.name: each.name for each in offered()}, "webhook.test": "Tests"}
    form.event.choices = options(names.items())
    state, event = text_of(form.state), text_of(form.event)
    before = begins_at()
    found = log.list_deliveries(
        here.access,
        shown.id,
        limit=PAGE + 1,
        before=before,
        state=DeliveryState(state) if state in set(DeliveryState) else None,
        event=event or None,
    )
    return page(
        "webhooks/webhook.html",
        webhook=shown,
        log_form=form,
        replay_form=ReplayForm(),
        deliveries=found[:PAGE],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        chosen={name: value for name, value in request.args.items() if value and name in form},
        counts=find.counts(here.access, shown.id),
        secret_text=session.pop("secret", None),
    )


@pages.route("/accounts/<slug>/webhooks/<webhook_id>/edit", methods=["GET", "POST"])
@in_account(Right.MANAGE_WEBHOOKS)
def edit_webhook(here: Here, webhook_id: str) -> ResponseReturnValue:
    """Change the address, the events or the description."""
    shown = _found(here, webhook_id)
    form = WebhookForm(url=shown.url, description=shown.description, events=shown.events)
    if form.validate_on_submit():
        with refusals_beside(form):
            manage.edit_webhook(
                here.access,
                shown.id,
                portal().clock.now(),
                webhook_fetch(),
                url=text_of(form.url),
                events=form.events.data or [],
                description=text_of(form.description),
            )
            return _to("Saved.", here, shown)
    return page("webhooks/edit.html", form, webhook=shown, offered=offered())


@pages.post("/accounts/<slug>/webhooks/<webhook_id>/switch")
@in_account(Right.MANAGE_WEBHOOKS)
def switch_webhook(here: Here, webhook_id: str) -> ResponseReturnValue:
    """Switch an endpoint off, or on again."""
    shown, on = _found(here, webhook_id), request.form.get("on") == "yes"
    manage.switch_webhook(here.access, shown.id, portal().clock.now(), on=on)
    said = "It is on. What waits is sent now." if on else "It is off. Nothing is sent to it."
    return _to(said, here, shown)


@pages.route("/accounts/<slug>/webhooks/<webhook_id>/rotate", methods=["GET", "POST"])
@in_account(Right.MANAGE_WEBHOOKS)
def rotate_webhook(here: Here, webhook_id: str) -> ResponseReturnValue:
    """Say what a new secret means, and make one, which the next page shows once."""
    shown, form = _found(here, webhook_id), Form()
    if form.validate_on_submit():
        now = portal().clock.now()
        _, session["secret"] = secrets.rotate_secret(here.access, shown.id, now)
        return _to("The new secret counts from now on.", here, shown)
    return page("webhooks/rotate.html", form, webhook=shown)


@pages.route("/accounts/<slug>/webhooks/<webhook_id>/remove", methods=["GET", "POST"])
@in_account(Right.MANAGE_WEBHOOKS)
def remove_webhook(here: Here, webhook_id: str) -> ResponseReturnValue:
    """Say what is lost, and remove an endpoint."""
    shown, form = _found(here, webhook_id), Form()
    if form.validate_on_submit():
        manage.remove_webhook(here.access, shown.id, portal().clock.now())
        return done("The webhook is removed.", "webhooks", slug=here.account.slug)
    counts = find.counts(here.access, shown.id)
    return page("webhooks/remove.html", form, webhook=shown, counts=counts)


@pages.post("/accounts/<slug>/webhooks/<webhook_id>/test")
@in_account(Right.MANAGE_WEBHOOKS)
def test_webhook(here: Here, webhook_id: str) -> ResponseReturnValue:
    """Send a test, and show what comes of it."""
    shown = _found(here, webhook_id)
    try:
        delivery = replay.send_test(here.access, shown.id, portal().clock.now())
    except Conflict as refusal:
        flash(refusal.detail, "warning")
        return redirect(_address(here, shown))
    return _to_delivery("The test is on its way.", here, shown, delivery.id)


@pages.post("/accounts/<slug>/webhooks/<webhook_id>/replay")
@in_account(Right.MANAGE_WEBHOOKS)
def replay_webhook(here: Here, webhook_id: str) -> ResponseReturnValue:
    """Send all again that was given up."""
    shown, now, form = _found(here, webhook_id), portal().clock.now(), ReplayForm()
    days = int(text_of(form.days)) if form.validate() else 1
    # An event may be older than its delivery, which is what is kept.
    since = now - timedelta(days=days if days < max(map(int, REPLAYED)) else 36_500)
    try:
        count = replay.replay_failed(here.access, shown.id, since, now)
    except Conflict as refusal:
        flash(refusal.detail, "warning")
        return redirect(_address(here, shown))
    said = f"{count} event{'' if count == 1 else 's'} will be sent again." if count else ""
    return _to(said or "Nothing failed in that time.", here, shown)


@pages.get("/accounts/<slug>/webhooks/<webhook_id>/deliveries/<delivery_id>")
@in_account(Right.MANAGE_WEBHOOKS)
def webhook_delivery(here: Here, webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Show what is sent, each attempt, and what was answered."""
    shown = _found(here, webhook_id)
    (number,) = numbers_of("delivery", delivery_id, 1)
    logged = log.read_delivery(here.access, shown.id, number)
    return page("webhooks/delivery.html", webhook=shown, logged=logged)


@pages.post("/accounts/<slug>/webhooks/<webhook_id>/deliveries/<delivery_id>/replay")
@in_account(Right.MANAGE_WEBHOOKS)
def replay_delivery(here: Here, webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Send one event again."""
    shown = _found(here, webhook_id)
    (number,) = numbers_of("delivery", delivery_id, 1)
    try:
        replay.replay(here.access, shown.id, number, portal().clock.now())
    except Conflict as refusal:
        flash(refusal.detail, "warning")
        return redirect(_address(here, shown))
    return _to_delivery("It is on its way again.", here, shown, number)


def _found(here: Here, webhook_id: str) -> Webhook:
    (number,) = numbers_of("webhook", webhook_id, 1)
    return find.find_webhook(here.access, number)


def _names(here: Here, shown: Webhook) -> dict[str, str]:
    return {"slug": here.account.slug, "webhook_id": reference("webhook", shown.id)}


def _address(here: Here, shown: Webhook) -> str:
    return url_for("pages.webhook", **_names(here, shown))  # type: ignore[arg-type]


def _to(message: str, here: Here, shown: Webhook) -> ResponseReturnValue:
    return done(message, "webhook", **_names(here, shown))


def _to_delivery(message: str, here: Here, shown: Webhook, number: int) -> ResponseReturnValue:
    delivery = reference("delivery", number)
    return done(message, "webhook_delivery", **_names(here, shown), delivery_id=delivery)
