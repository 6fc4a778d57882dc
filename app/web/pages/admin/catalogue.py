"""The catalogue for the operator: what is sold, and its edits, each with a preview first."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateTimeLocalField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.domain.catalogue_change import effective_from
from app.domain.period import Renews
from app.services.ai.models import offered_models
from app.services.desk import catalogue as verbs
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.admin.sure import SureForm
from app.web.pages.form import options, refusals_beside, text_of
from app.web.pages.page import done, pages
from app.web.portal import portal

WHOLE = InputRequired("Write a whole number.")
KEY = StringField(
    "Key", [DataRequired("Write a key.")], description="Small letters, digits, hyphens. For ever."
)
FROM_NEXT_PERIOD = (
    "Credits and cap hold for each one from its next period on; what was allocated stays. "
    "The price is asked for from the next payment on."
)
CURRENCY = StringField(
    "Currency", [DataRequired("Write a currency.")], description="ISO 4217: EUR, USD, …"
)


class PackForm(SureForm):
    """What a pack is."""

    name = StringField("Name", [DataRequired("Write a name."), Length(max=100)])
    credits = IntegerField("Credits", [WHOLE], render_kw={"min": 1, "inputmode": "numeric"})
    price = StringField("Price", [DataRequired("Write a price.")], description="Such as 25.00")
    currency = CURRENCY

    def terms(self) -> verbs.PackTerms:
        """What was typed."""
        money = (text_of(self.price), text_of(self.currency))
        return verbs.PackTerms(text_of(self.name), self.credits.data or 0, *money)


class NewPackForm(PackForm):
    """What a new pack is."""

    key = KEY


class PlanForm(PackForm):
    """What a plan is."""

    rollover_cap = IntegerField(
        "Rollover cap",
        [Optional()],
        description="At most so many credits when a cycle opens. Empty: nothing is carried over.",
    )

    def terms(self) -> verbs.PlanTerms:  # type: ignore[override]
        """What was typed."""
        credits = (self.credits.data or 0, self.rollover_cap.data)
        money = (text_of(self.price), text_of(self.currency))
        return verbs.PlanTerms(text_of(self.name), *credits, *money)


class NewPlanForm(PlanForm):
    """What a new plan is."""

    key = KEY
    renews = SelectField("Renews", choices=options((each.value, each.value) for each in Renews))
    workspaces = BooleanField("For workspaces")


class PriceForm(SureForm):
    """What an action costs, and from when on."""

    credits = IntegerField("Credits", [WHOLE], render_kw={"min": 1, "inputmode": "numeric"})
    start = DateTimeLocalField(
        "From (UTC)", [Optional()], description="Leave it empty, and it holds at once."
    )

    def at(self) -> datetime | None:
        """The instant from which on it holds; None is now."""
        return self.start.data.replace(tzinfo=UTC) if self.start.data else None


class NewPriceForm(PriceForm):
    """A new action and its price."""

    named = StringField(
        "Action", [DataRequired("Name the action.")], description="Such as ai.completion"
    )


@pages.get("/admin/catalogue")
@for_operators
def admin_catalogue() -> ResponseReturnValue:
    """Show plans, packs and prices."""
    now = portal().clock.now()
    found, models = verbs.whole_catalogue(now), offered_models(now)
    text = verbs.price_text
    return admin_page("admin/catalogue.html", found=found, models=models, price_text=text)


@pages.route("/admin/catalogue/plans/new", methods=["GET", "POST"])
@for_operators
def admin_catalogue_new_plan() -> ResponseReturnValue:
    """Add a plan."""
    form, now = NewPlanForm(), portal().clock.now()
    if form.validate_on_submit():
        with refusals_beside(form):
            terms, key, renews = form.terms(), text_of(form.key), Renews(text_of(form.renews))
            terms.read()
            if form.is_sure():
                verbs.add_plan(key, terms, renews, now, workspaces=bool(form.workspaces.data))
                return done(f"{terms.name} is on sale.", "admin_catalogue")
    words = ["It is on sale at once, as the biggest plan: coming to it from another is an upgrade."]
    return _edit("Add a plan", form, words)


@pages.route("/admin/catalogue/plans/<key>", methods=["GET", "POST"])
@for_operators
def admin_catalogue_plan(key: str) -> ResponseReturnValue:
    """Change a plan, or withdraw it from sale."""
    now, line = portal().clock.now(), verbs.plan_line(key)
    row = line.plan
    text = verbs.price_text(row.amount, row.currency)
    form = PlanForm(obj=row, data={"price": text})
    if form.validate_on_submit():
        with refusals_beside(form):
            form.terms().read()
            if form.is_sure():
                verbs.change_terms(key, form.terms(), now)
                return done(f"{row.name} is changed.", "admin_catalogue")
    words = [
        f"{_accounts(line.accounts)} on this plan. {FROM_NEXT_PERIOD}",
        f"{_accounts(line.coming)} to come to it when their period ends.",
    ]
    return _edit(f"Plan {row.name}", form, words, what="plan", row=row)


@pages.route("/admin/catalogue/packs/new", methods=["GET", "POST"])
@for_operators
def admin_catalogue_new_pack() -> ResponseReturnValue:
    """Add a pack."""
    form, now = NewPackForm(), portal().clock.now()
    if form.validate_on_submit():
        with refusals_beside(form):
            form.terms().read()
            if form.is_sure():
                verbs.add_pack(text_of(form.key), form.terms(), now)
                return done(f"{text_of(form.name)} is on sale.", "admin_catalogue")
    return _edit("Add a pack", form, ["It is on sale at once, for every account."])


@pages.route("/admin/catalogue/packs/<key>", methods=["GET", "POST"])
@for_operators
def admin_catalogue_pack(key: str) -> ResponseReturnValue:
    """Change a pack, or withdraw it from sale."""
    now, row = portal().clock.now(), verbs.known_pack(key)
    form = PackForm(obj=row, data={"price": verbs.price_text(row.amount, row.currency)})
    if form.validate_on_submit():
        with refusals_beside(form):
            form.terms().read()
            if form.is_sure():
                verbs.change_pack(key, form.terms(), now)
                return done(f"{row.name} is changed.", "admin_catalogue")
    words = ["What was bought stays as it was. Automatic top-ups pay the new price from now on."]
    return _edit(f"Pack {row.name}", form, words, what="pack", row=row)


@pages.post("/admin/catalogue/<any(plan, pack):what>/<key>/sale")
@for_operators
def admin_catalogue_sale(what: str, key: str) -> ResponseReturnValue:
    """Put a plan or pack on sale, or withdraw it."""
    on = request.form.get("on") == "yes"
    verbs.put_on_sale(what, key, portal().clock.now(), on=on)
    return done("It is on sale." if on else "It is withdrawn from sale.", "admin_catalogue")


@pages.route("/admin/catalogue/prices/new", methods=["GET", "POST"])
@for_operators
def admin_catalogue_new_price() -> ResponseReturnValue:
    """Add an action."""
    form, now = NewPriceForm(), portal().clock.now()
    if form.validate_on_submit():
        with refusals_beside(form):
            effective_from(form.at(), now)
            if form.is_sure():
                action, credits = text_of(form.named), form.credits.data or 0
                verbs.set_price(action, credits, form.at(), now, new=True)
                return done(f"{action} has a price.", "admin_catalogue")
    return _edit("Add an action", form, ["From then on it can be deducted and held for."])


@pages.route("/admin/catalogue/prices/<action>", methods=["GET", "POST"])
@for_operators
def admin_catalogue_price(action: str) -> ResponseReturnValue:
    """Show what an action costs, cost and will cost, and set a new price."""
    now = portal().clock.now()
    line, form = verbs.price_line(action, now), PriceForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            effective_from(form.at(), now)
            if form.is_sure():
                verbs.set_price(action, form.credits.data or 0, form.at(), now)
                return done(f"{action} has a new price.", "admin_catalogue_price", action=action)
    from_now = "From then on" if form.at() else "From now on"
    words = [
        (
            f"{from_now} each {action} costs {form.credits.data} credits instead of "
            f"{line.credits or 'nothing'}. Holds that run keep the price that they began with."
        )
    ]
    return _edit(f"Price of {action}", form, words, price=line)


@pages.post("/admin/catalogue/prices/<action>/<int(max=2147483647):version>/cancel")
@for_operators
def admin_catalogue_cancel_price(action: str, version: int) -> ResponseReturnValue:
    """Take a price back that has not taken effect yet."""
    verbs.cancel_price(action, version, portal().clock.now())
    return done("It will not take effect.", "admin_catalogue_price", action=action)


def _edit(heading: str, form: SureForm, words: list[str], **more: object) -> ResponseReturnValue:
    return admin_page("admin/catalogue_edit.html", form, heading=heading, words=words, **more)


def _accounts(count: int) -> str:
    return "1 account is" if count == 1 else f"{count:,} accounts are"
