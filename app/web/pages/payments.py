"""The payments of an account, for its owner: how each stands, and what can be done about it."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.domain.payment import REFUND_WITHIN, UNRESOLVED, AttemptState, Purpose
from app.domain.role import Right
from app.services.billing.attempt import AttemptView
from app.services.billing.for_sale import can_open_workspace, plans_for_workspaces
from app.services.billing.history import money_history
from app.services.billing.look_after import give_up, payment, payments_of
from app.services.billing.manage import manage_page, pay_by
from app.services.billing.providers import offers, title_of
from app.services.billing.read import plan_of
from app.services.billing.refund import refund_pack
from app.web.login import current_person
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.onward import lead_to_address
from app.web.pages.page import SMALL_ID, Here, begins_at, done, in_account, page, pages
from app.web.portal import portal

SHOWN = 25
RETURNED = {
    AttemptState.PROCESSED: "The money went back, and the credits left the pool.",
    AttemptState.DECLINED: "The money could not be sent back. The credits are in the pool again.",
    AttemptState.CANCELLED: "The refund was given up. The credits are in the pool again.",
}
ON_ITS_WAY = "The refund is on its way. The credits left the pool."


class WayForm(Form):
    """By which way the next periods are paid."""

    provider = RadioField("Pay by", [InputRequired("Choose how to pay.")])


def way_on(here: Here, attempt: AttemptView) -> ResponseReturnValue:
    """Lead on from an attempt that has just begun: to the provider, or to how it stands."""
    if attempt.visit and attempt.state in UNRESOLVED:
        return lead_to_address(attempt.visit, f"Paying {attempt.money}", "Go on to pay")
    return redirect(url_for("pages.payment_page", slug=here.account.slug, key=attempt.key))


@pages.get("/accounts/<slug>/billing/payments")
@in_account(Right.MANAGE_BILLING)
def payments(here: Here) -> ResponseReturnValue:
    """List payments and what happened with money, the latest first."""
    before = begins_at(largest=SMALL_ID)
    found = payments_of(here.access, before=before, limit=SHOWN + 1)
    return page(
        "billing/payments.html",
        payments=found[:SHOWN],
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
        before=before,
        lines=[] if before else money_history(here.access, limit=SHOWN),
        titles={each.key: each.title for each in offers(portal().clock.now())},
    )


@pages.get("/accounts/<slug>/billing/payments/<key>")
@in_account(Right.MANAGE_BILLING)
def payment_page(here: Here, key: str) -> ResponseReturnValue:
    """Show how a payment stands, asking the provider first while its end is not known."""
    now = portal().clock.now()
    found = payment(here.access, key, now)
    bought = found.purpose in (Purpose.TOP_UP, Purpose.AUTO_TOP_UP)
    processed = found.state is AttemptState.PROCESSED
    return page(
        "billing/payment.html",
        payment=found,
        title=title_of(found.provider, now),
        waits=found.state in UNRESOLVED,
        opens_workspace=processed and _is_for_a_workspace(here, found),
        returnable=processed and bought and now - found.changed_at <= REFUND_WITHIN,
    )


@pages.post("/accounts/<slug>/billing/payments/<key>/give-up")
@in_account(Right.MANAGE_BILLING)
def give_up_payment(here: Here, key: str) -> ResponseReturnValue:
    """Give up a payment that is pending."""
    found = give_up(here.access, key, portal().clock.now())
    words = "The payment is given up." if found.state is AttemptState.CANCELLED else "Too late."
    return done(words, "payment_page", slug=here.account.slug, key=key)


@pages.post("/accounts/<slug>/billing/payments/<key>/refund")
@in_account(Right.MANAGE_BILLING)
def give_pack_back(here: Here, key: str) -> ResponseReturnValue:
    """Give an unused pack back for its money."""
    state = refund_pack(here.access, key, portal().clock.now())
    words = RETURNED.get(state, ON_ITS_WAY)
    return done(words, "payment_page", slug=here.account.slug, key=key)


@pages.route("/accounts/<slug>/billing/way", methods=["GET", "POST"])
@in_account(Right.MANAGE_BILLING)
def way_to_pay(here: Here) -> ResponseReturnValue:
    """Choose by which way the next periods are paid."""
    now, form = portal().clock.now(), WayForm()
    found, present = offers(now), plan_of(here.account, now)
    form.provider.choices = options((each.key, each.title) for each in found)
    if form.provider.data is None:
        form.provider.data = present.provider
    if form.validate_on_submit():
        with refusals_beside(form):
            pay_by(here.access, text_of(form.provider), now)
            words = "The next periods are paid that way."
            return done(words, "billing", slug=here.account.slug)
    return page("billing/way.html", form, offers=found, present=present)


@pages.post("/accounts/<slug>/billing/means")
@in_account(Right.MANAGE_BILLING)
def means_of_payment(here: Here) -> ResponseReturnValue:
    """Lead to the provider's page on which a card is changed, where there is one."""
    now, slug = portal().clock.now(), here.account.slug
    provider = plan_of(here.account, now).provider or ""
    back = f"{portal().settings.public_url}/accounts/{slug}/billing"
    address = manage_page(here.access, provider, back, now)
    if address is None:
        return done("There is nothing to change for this way to pay.", "billing", slug=slug)
    return lead_to_address(address, "Your means of payment", "Go on to change it")


def _is_for_a_workspace(here: Here, found: AttemptView) -> bool:
    opening = {each.key for each in plans_for_workspaces(portal().clock.now())}
    is_own = here.account.kind == "personal" and found.plan in opening
    return is_own and can_open_workspace(current_person().id)
