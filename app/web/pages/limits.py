"""Limits: guard-rails on the pool, how far each is used, and setting, changing, removing them."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.domain.limit import LARGEST_LIMIT, LimitEffect, LimitPer, LimitWho
from app.domain.reference import reference
from app.domain.refusals import NotFound
from app.domain.role import Right
from app.services.apps.listing import apps_in
from app.services.limits.listing import LimitView, limit_in, limits_in
from app.services.limits.set_limit import WantedLimit, change_limit, remove_limit, set_limit
from app.services.workspaces.members import list_members
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

EFFECTS = [("alert", "Tell the owner and the admins"), ("block", "Stop: nothing more is spent")]
PERS = [("day", "A day (midnight to midnight, UTC)"), ("cycle", "A cycle (until the pool renews)")]
EACH, ALL = "each_member", "account"


class ChangeLimitForm(Form):
    """How many credits, per what, and what happens."""

    credits = IntegerField(
        "Credits",
        [
            InputRequired("Write a number of credits."),
            NumberRange(1, LARGEST_LIMIT, f"Write a whole number from 1 to {LARGEST_LIMIT:,}."),
        ],
        render_kw={"min": 1, "inputmode": "numeric"},
    )
    per = SelectField("In", choices=options(PERS))
    effect = RadioField("When it is reached", choices=options(EFFECTS), default="alert")


class LimitForm(ChangeLimitForm):
    """A new limit: whom it is about, too."""

    who = SelectField("Whom it is about")


@pages.route("/accounts/<slug>/limits", methods=["GET", "POST"])
@in_account(Right.MANAGE_ALERTS)
def limits(here: Here) -> ResponseReturnValue:
    """List the limits with how far each is used, and set one."""
    now, form = portal().clock.now(), LimitForm()
    form.who.choices = options(_whom(here))
    _only_alerts(here, form)
    if form.validate_on_submit():
        with refusals_beside(form, NotFound):
            set_limit(here.access, _wanted(form), now)
            return done("The limit holds from now on.", "limits", slug=here.account.slug)
    return page("limits/limits.html", form, found=limits_in(here.access, now))


@pages.route("/accounts/<slug>/limits/<limit_id>", methods=["GET", "POST"], endpoint="limit")
@in_account(Right.MANAGE_ALERTS)
def one_limit(here: Here, limit_id: str) -> ResponseReturnValue:
    """Change a limit."""
    found, form = _found(here, limit_id), ChangeLimitForm()
    _only_alerts(here, form)
    if not form.is_submitted():
        form.credits.data, form.per.data = found.credits, found.per.value
        form.effect.data = found.effect.value
    if form.validate_on_submit():
        with refusals_beside(form):
            _change(here, found, form)
            return done("The limit is changed.", "limits", slug=here.account.slug)
    return page("limits/limit.html", form, one=found)


@pages.route("/accounts/<slug>/limits/<limit_id>/remove", methods=["GET", "POST"])
@in_account(Right.MANAGE_ALERTS)
def remove_one_limit(here: Here, limit_id: str) -> ResponseReturnValue:
    """Say what ends with a limit, and remove it."""
    found, form = _found(here, limit_id), Form()
    if form.validate_on_submit():
        remove_limit(here.access, found.id, portal().clock.now())
        return done("The limit is removed.", "limits", slug=here.account.slug)
    return page("limits/remove.html", form, one=found)


def _found(here: Here, limit_id: str) -> LimitView:
    kind, _, number = limit_id.partition("_")
    if kind != "limit" or not number.isascii() or not number.isdigit():
        raise NotFound
    found = limit_in(here.access, int(number[:18]), portal().clock.now())
    if not found.may_change:
        here.access.require(Right.MANAGE_BILLING_LIMITS)
    return found


def _only_alerts(here: Here, form: ChangeLimitForm) -> None:
    if not here.access.may(Right.MANAGE_BILLING_LIMITS):
        form.effect.choices = options(EFFECTS[:1])


def _change(here: Here, found: LimitView, form: ChangeLimitForm) -> None:
    change_limit(
        here.access,
        found.id,
        portal().clock.now(),
        credits=int(form.credits.data or 0),
        effect=LimitEffect(str(form.effect.data)),
        per=LimitPer(text_of(form.per)),
    )


def _whom(here: Here) -> list[tuple[str, str]]:
    """Everybody and everything that a limit can be about, by what is sent for it."""
    apps = [(reference("app", app.id), f"The app {app.name}") for app in apps_in(here.access)]
    if here.account.kind != "workspace":
        return [(ALL, "The whole account"), *apps]
    members = list_members(here.access).items
    people = [(each.person.email, f"{each.person.name}, {each.person.email}") for each in members]
    return [(EACH, "Each member"), (ALL, "The whole workspace"), *apps, *people]


def _wanted(form: LimitForm) -> WantedLimit:
    about = text_of(form.who)
    rest = (LimitEffect(str(form.effect.data)), int(form.credits.data or 0))
    per = LimitPer(text_of(form.per))
    if about in (EACH, ALL):
        return WantedLimit(LimitWho(about), *rest, per)
    if "@" in about:
        return WantedLimit(LimitWho.MEMBER, *rest, per, member=about)
    return WantedLimit(LimitWho.APP, *rest, per, app=about)
