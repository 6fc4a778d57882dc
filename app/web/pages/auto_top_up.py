"""Automatic top-up: which pack is bought by itself, when, and how often in a month at most."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.domain.role import Right
from app.services.billing.auto_top_up import (
    AutoTopUpView,
    auto_top_up_of,
    set_auto_top_up,
    stop_auto_top_up,
)
from app.services.billing.for_sale import PackOffer, pack_offers
from app.services.billing.providers import offers
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

MOST_PACKS, MOST_CREDITS = 1_000, 10**9


class AutoTopUpForm(Form):
    """What to buy, when, and how often."""

    threshold = IntegerField(
        "When fewer credits are left than",
        [InputRequired("Write a number of credits."), NumberRange(1, MOST_CREDITS)],
        render_kw={"min": 1, "inputmode": "numeric"},
    )
    pack = SelectField("Buy")
    most = IntegerField(
        "At most so many packs in a calendar month",
        [InputRequired("Write how many."), NumberRange(1, MOST_PACKS)],
        description="Then it waits for the next month. You can always buy by hand.",
        render_kw={"min": 1, "max": MOST_PACKS, "inputmode": "numeric"},
    )
    provider = RadioField("Pay by", [InputRequired("Choose how to pay.")])


@pages.route("/accounts/<slug>/billing/auto-top-up", methods=["GET", "POST"])
@in_account(Right.MANAGE_BILLING)
def auto_top_up(here: Here) -> ResponseReturnValue:
    """Set automatic top-up."""
    now, form = portal().clock.now(), AutoTopUpForm()
    packs, present = pack_offers(now), auto_top_up_of(here.access, now)
    found = [each for each in offers(now) if each.charges_absent]
    form.pack.choices = options((each.key, f"{each.name} for {each.price}") for each in packs)
    form.provider.choices = options((each.key, each.title) for each in found)
    if not form.is_submitted():
        form.provider.data = found[0].key if found else None
        _fill(form, present, packs)
    if form.validate_on_submit():
        with refusals_beside(form):
            _set(here, form, packs)
            return done("Automatic top-up is on.", "billing", slug=here.account.slug)
    return page("billing/auto_top_up.html", form, present=present, offers=found)


@pages.post("/accounts/<slug>/billing/auto-top-up/stop")
@in_account(Right.MANAGE_BILLING)
def stop_automatic_top_up(here: Here) -> ResponseReturnValue:
    """Switch automatic top-up off."""
    stop_auto_top_up(here.access, portal().clock.now())
    return done("Automatic top-up is off.", "billing", slug=here.account.slug)


def _set(here: Here, form: AutoTopUpForm, packs: list[PackOffer]) -> None:
    chosen = text_of(form.pack)
    (price,) = (each.price.amount for each in packs if each.key == chosen)
    cap, threshold = int(form.most.data or 0) * price, int(form.threshold.data or 0)
    now = portal().clock.now()
    set_auto_top_up(here.access, threshold, chosen, text_of(form.provider), cap, now)


def _fill(form: AutoTopUpForm, present: AutoTopUpView | None, packs: list[PackOffer]) -> None:
    """Begin with what was set, else with what is usual."""
    form.threshold.data, form.most.data = 100, 2
    if present is None:
        return
    form.threshold.data, form.pack.data = present.threshold, present.pack
    form.provider.data = present.provider
    for each in packs:
        if each.key == present.pack:
            form.most.data = max(1, present.cap.amount // each.price.amount)
