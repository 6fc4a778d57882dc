"""Buying, for an account's owner: a plan, or a top-up pack, and the way on to paying for it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.domain.refusals import NotFound
from app.domain.role import Right
from app.services.billing.change_plan import FREE, cancel_plan, change_plan
from app.services.billing.for_sale import PlanOffer, pack_offers, plan_offers
from app.services.billing.providers import Offer, offers
from app.services.billing.purchase import buy_pack, buy_plan
from app.services.billing.read import plan_of
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.pages.payments import way_on
from app.web.portal import portal


class PayForm(Form):
    """Which way to pay."""

    provider = RadioField("Pay by", [InputRequired("Choose how to pay.")])

    def offer(self, found: list[Offer]) -> None:
        """Offer these ways; the first is chosen until somebody chooses another."""
        self.provider.choices = options((each.key, each.title) for each in found)
        if self.provider.data is None and found:
            self.provider.data = found[0].key


class TopUpForm(PayForm):
    """Which pack to buy."""

    pack = RadioField("How many credits", [InputRequired("Choose a pack.")])


@pages.get("/accounts/<slug>/billing/plans")
@in_account(Right.MANAGE_BILLING)
def plans(here: Here) -> ResponseReturnValue:
    """Show the plans, and what changing to each of them means."""
    now = portal().clock.now()
    return page(
        "billing/plans.html",
        present=plan_of(here.account, now),
        plans=plan_offers(here.access, now),
        offers=offers(now),
    )


@pages.route("/accounts/<slug>/billing/plans/<key>", methods=["GET", "POST"])
@in_account(Right.MANAGE_BILLING)
def plan(here: Here, key: str) -> ResponseReturnValue:
    """Pay for a plan, or for what is missing of the present one."""
    now, form = portal().clock.now(), PayForm()
    wanted, found = _wanted(here, key), offers(now)
    form.offer(found)
    if form.validate_on_submit():
        with refusals_beside(form):
            back = _back(here)
            return way_on(here, buy_plan(here.access, key, text_of(form.provider), back, now))
    return page(
        "billing/plan.html", form, plan=wanted, offers=found, present=plan_of(here.account, now)
    )


@pages.post("/accounts/<slug>/billing/plans/<key>/later")
@in_account(Right.MANAGE_BILLING)
def change_later(here: Here, key: str) -> ResponseReturnValue:
    """Let a smaller plan begin with the next period."""
    now, wanted = portal().clock.now(), _wanted(here, key)
    if key == FREE:
        cancel_plan(here.access, now)
    else:
        change_plan(here.access, key, now, at_period_end=True)
    return done(f"{wanted.name} begins with the next period.", "billing", slug=here.account.slug)


@pages.route("/accounts/<slug>/billing/top-up", methods=["GET", "POST"])
@in_account(Right.MANAGE_BILLING)
def top_up(here: Here) -> ResponseReturnValue:
    """Buy a pack of credits."""
    now, form = portal().clock.now(), TopUpForm()
    packs, found = pack_offers(now), offers(now)
    form.offer(found)
    form.pack.choices = options((each.key, f"{each.name} for {each.price}") for each in packs)
    if form.validate_on_submit():
        with refusals_beside(form):
            chosen, way = text_of(form.pack), text_of(form.provider)
            return way_on(here, buy_pack(here.access, chosen, way, _back(here), now))
    return page("billing/top_up.html", form, packs=packs, offers=found)


def _wanted(here: Here, key: str) -> PlanOffer:
    found = plan_offers(here.access, portal().clock.now())
    wanted = next((each for each in found if each.key == key), None)
    if wanted is None:
        raise NotFound("There is no such plan for this account.")
    return wanted


def _back(here: Here) -> str:
    """Where the payer comes back to; the engine puts the attempt's key in."""
    return f"{portal().settings.public_url}/accounts/{here.account.slug}/billing/payments/{{key}}"
