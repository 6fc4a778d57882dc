"""One account for the operator: all that is known of it, and what can be done by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time

from flask.typing import ResponseReturnValue
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.domain.command import LARGEST_AMOUNT
from app.domain.grant import Source
from app.domain.reason import LONGEST_REASON
from app.services.desk import adjust
from app.services.desk.account_file import account_file, any_account, plans_that_fit
from app.services.workspaces.delete import restore_workspace
from app.web.login import current_person
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import done, pages
from app.web.portal import portal

CREDITS = [
    InputRequired("Write how many credits."),
    NumberRange(1, LARGEST_AMOUNT, f"Write a whole number from 1 to {LARGEST_AMOUNT:,}."),
]
GIVE = {
    "adjustment": "Give credits, as an adjustment",
    "top_up": "Give credits, as a top-up",
    "take": "Take free credits away, as an adjustment",
}


class ReasonForm(Form):
    """Why something is done by hand."""

    reason = StringField(
        "Reason",
        [DataRequired("Say why."), Length(max=LONGEST_REASON)],
        description="It stands in the account's history and audit log, where its owner reads it.",
    )


class CreditsForm(ReasonForm):
    """How many credits come or go."""

    what = RadioField("What", choices=options(GIVE.items()), default="adjustment")
    credits = IntegerField("Credits", CREDITS, render_kw={"min": 1, "inputmode": "numeric"})
    expires = DateField(
        "Given credits expire at the end of (UTC)",
        [Optional()],
        description="Leave it empty, and they never expire.",
    )

    def expires_at(self) -> datetime | None:
        """The instant at which the chosen day ends; None is never."""
        if self.expires.data is None:
            return None
        return datetime.combine(self.expires.data, time.max, UTC).replace(microsecond=0)


class PlanForm(ReasonForm):
    """Which plan to put the account on."""

    plan = SelectField("Plan", validate_choice=False)


class RefundForm(ReasonForm):
    """How much of a deduction to give back."""

    credits = IntegerField(
        "Credits", [Optional(), CREDITS[1]], description="Leave it empty to give all of it back."
    )


@pages.get("/admin/accounts/<slug>")
@for_operators
def admin_account(slug: str) -> ResponseReturnValue:
    """Show everything about one account."""
    found = account_file(slug, portal().clock.now())
    return admin_page("admin/account.html", Form(), found=found)


@pages.route("/admin/accounts/<slug>/credits", methods=["GET", "POST"])
@for_operators
def admin_account_credits(slug: str) -> ResponseReturnValue:
    """Give credits or take them away."""
    now, form = portal().clock.now(), CreditsForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            words = _moved(slug, form, now)
            return done(words, "admin_account", slug=slug)
    found = account_file(slug, now)
    return admin_page("admin/account_credits.html", form, found=found)


@pages.route("/admin/accounts/<slug>/plan", methods=["GET", "POST"])
@for_operators
def admin_account_plan(slug: str) -> ResponseReturnValue:
    """Put the account on a plan without a payment."""
    now, form = portal().clock.now(), PlanForm()
    found = account_file(slug, now)
    fitting = plans_that_fit(found.account, now)
    form.plan.choices = options((each.key, each.name) for each in fitting)
    if form.validate_on_submit():
        with refusals_beside(form):
            cycle = adjust.put_on_plan(slug, text_of(form.plan), text_of(form.reason), now)
            later = cycle.next_plan is not None
            words = "takes over at the period's end" if later else "holds from now on"
            return done(
                f"The plan {cycle.next_plan or cycle.plan} {words}.", "admin_account", slug=slug
            )
    return admin_page("admin/account_plan.html", form, found=found, plans=fitting)


@pages.route("/admin/accounts/<slug>/refunds/<transaction>", methods=["GET", "POST"])
@for_operators
def admin_account_refund(slug: str, transaction: str) -> ResponseReturnValue:
    """Give a deduction back to the very grants that paid it."""
    now, form = portal().clock.now(), RefundForm()
    line = adjust.refundable(slug, transaction, now)
    if form.validate_on_submit():
        with refusals_beside(form):
            credits, reason = form.credits.data, text_of(form.reason)
            back = adjust.refund_deduction(slug, transaction, credits, reason, now)
            return done(f"{back.credits:,} credits are back.", "admin_account", slug=slug)
    account = any_account(slug)
    return admin_page("admin/account_refund.html", form, line=line, of=account)


@pages.post("/admin/accounts/<slug>/restore")
@for_operators
def admin_account_restore(slug: str) -> ResponseReturnValue:
    """Bring a deleted workspace back."""
    restored = restore_workspace(current_person().id, slug, portal().clock.now())
    return done(f"{restored.name} is back, with everybody in it.", "admin_account", slug=slug)


def _moved(slug: str, form: CreditsForm, now: datetime) -> str:
    credits, reason = form.credits.data or 0, text_of(form.reason)
    if form.what.data == "take":
        adjust.take_credits(slug, credits, reason, now)
        return f"{credits:,} credits are taken away."
    source = Source(form.what.data)
    adjust.give_credits(slug, credits, source, form.expires_at(), reason, now)
    return f"{credits:,} credits entered the pool."
