"""Actions on an app: generate, refine and deploy, with the price first, and what comes of them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField, SelectField, TextAreaField

from app.domain.action_run import LONGEST_PROMPT, ActionKind, Suggestion, prompt_from, suggest
from app.domain.refusals import (
    InsufficientCredits,
    InvalidRequest,
    LimitReached,
    NotFound,
    RefusedByPlugin,
    WorkspaceSuspended,
)
from app.domain.role import Right
from app.services.actions import read
from app.services.actions.cancel import cancel, may_cancel
from app.services.actions.price import Quote, quotes
from app.services.actions.runners import Offered, offered
from app.services.actions.start import Wanted, key_from, start
from app.services.apps.versions import history_of
from app.services.credits.read import pool
from app.services.sites.address import address_of
from app.store.sites import site_of_app
from app.web.pages.apps import found
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import Here, begins_at, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.action_runs import ActionRun
    from app.store.app_files import AppVersion
    from app.store.apps import App

ACTIONS = "/accounts/<slug>/apps/<reference>/actions"
SHOWN = 50
OF_THE_POOL = (InsufficientCredits, LimitReached, WorkspaceSuspended, RefusedByPlugin)


class ActionForm(Form):
    """What is wanted, in which size, by whom."""

    key = HiddenField()
    prompt = TextAreaField(
        "What do you want?",
        description="In your own words: what it does, who uses it, how it looks.",
        render_kw={"rows": 6, "maxlength": LONGEST_PROMPT},
    )
    size = RadioField("How much may it make?", validate_choice=False)
    version = SelectField("Version", validate_choice=False)
    runner = SelectField("Made by", validate_choice=False)


@pages.get(ACTIONS)
@in_account()
def app_actions(here: Here, reference: str) -> ResponseReturnValue:
    """List an app's actions, the newest first."""
    shown = found(here.account, here.access, reference)
    before = begins_at()
    runs = read.actions_of(here.access, shown.id, SHOWN + 1, before)
    more = runs[SHOWN - 1].id if len(runs) > SHOWN else None
    return page("actions/actions.html", app=shown, runs=runs[:SHOWN], more=more)


@pages.route(ACTIONS + "/new/<kind>", methods=["GET", "POST"])
@in_account(Right.SPEND)
def new_action(here: Here, reference: str, kind: str) -> ResponseReturnValue:
    """Ask what is wanted, say what it costs, and start it."""
    shown = found(here.account, here.access, reference)
    if kind not in list(ActionKind):
        raise NotFound
    wanted, now = ActionKind(kind), portal().clock.now()
    versions = history_of(here.access, shown.id, SHOWN)
    files = versions[0].file_count if versions else 0
    form = _form(wanted, versions)
    who = offered(wanted, here.account.id, now)
    form.runner.choices = options((one.key, one.title) for one in who.ready)
    costs = quotes(wanted, here.access, shown.id, now)
    if form.validate_on_submit():
        with refusals_beside(form, *OF_THE_POOL):
            suggested = _look(wanted, form, files)
            if "start" not in request.form and suggested is not None:
                form.size.data = suggested.size.action
                return _show(here, shown, wanted, form, who, costs, suggested)
            asked = _asked(wanted, form, costs, versions)
            try:
                row = start(here.access, shown.id, asked, key_from(text_of(form.key)), now).value
            except InsufficientCredits as refusal:
                g.short = refusal.facts
                raise
            return redirect(_address(here, row))
    if not form.is_submitted() and (former := begins_at("again")):
        form.prompt.data = _found(here, reference, former)[1].prompt
    return _show(here, shown, wanted, form, who, costs, None)


@pages.get(ACTIONS + "/<int:number>")
@in_account()
def action(here: Here, reference: str, number: int) -> ResponseReturnValue:
    """Show an action: how it stands, what it says, what it made and cost."""
    shown, row = _found(here, reference, number)
    seen = read.follow(here.access, row.id, 0)
    return page(
        "actions/action.html",
        app=shown,
        run=row,
        steps=seen.steps,
        last=seen.last,
        site=_site(shown, row),
        may_cancel=not row.state.is_over and may_cancel(here.access, row),
    )


@pages.get(ACTIONS + "/<int:number>/progress")
@in_account()
def action_progress(here: Here, reference: str, number: int) -> ResponseReturnValue:
    """Tell the page's script what an action said after the line that it knows."""
    _, row = _found(here, reference, number)
    after = begins_at("after") or 0
    seen = read.follow(here.access, row.id, after)
    steps = [{"kind": step.kind, "text": step.text} for step in seen.steps]
    answer = jsonify(state=row.state, over=row.state.is_over, steps=steps, last=seen.last or after)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post(ACTIONS + "/<int:number>/cancel")
@in_account()
def cancel_action(here: Here, reference: str, number: int) -> ResponseReturnValue:
    """Cancel an action, which then costs nothing."""
    _, row = _found(here, reference, number)
    if row.state.is_over:
        return redirect(_address(here, row))
    cancel(here.access, row.id, portal().clock.now())
    return done(
        "It is cancelled and costs nothing.",
        "action",
        slug=here.account.slug,
        reference=reference,
        number=number,
    )


def _form(kind: ActionKind, versions: list[AppVersion]) -> ActionForm:
    form = ActionForm(key=secrets.token_urlsafe(24))
    form.version.choices = options((str(one.number), f"Version {one.number}") for one in versions)
    if kind is ActionKind.REFINE:
        form.prompt.label.text = "What shall be different?"
        form.prompt.description = "In your own words. What you don't mention stays as it is."
    return form


def _look(kind: ActionKind, form: ActionForm, files: int) -> Suggestion | None:
    """Suggest a size for what is asked, once something is; there is nothing to choose to deploy."""
    if kind is ActionKind.DEPLOY:
        return None
    return suggest(kind, prompt_from(text_of(form.prompt), kind), files)


def _asked(
    kind: ActionKind, form: ActionForm, costs: tuple[Quote, ...], versions: list[AppVersion]
) -> Wanted:
    """What is asked for, at the price that the page showed."""
    action = text_of(form.size) or (costs[0].size.action if len(costs) == 1 else None)
    told = request.form.get(f"price-{action}", type=int)
    version = text_of(form.version) if kind is ActionKind.DEPLOY else ""
    if version and version not in {str(one.number) for one in versions}:
        raise InvalidRequest.of("version", "Choose one of these versions.")
    return Wanted(
        kind=kind,
        prompt=text_of(form.prompt),
        action=action,
        runner=text_of(form.runner) or None,
        base=int(version) if version else None,
        at_most=told,
    )


def _show(
    here: Here,
    shown: App,
    kind: ActionKind,
    form: ActionForm,
    who: Offered,
    costs: tuple[Quote, ...],
    suggested: Suggestion | None,
) -> ResponseReturnValue:
    latest = history_of(here.access, shown.id, 1)
    is_new = suggested is None and not form.size.data and kind is not ActionKind.DEPLOY
    return page(
        "actions/new.html",
        form,
        app=shown,
        kind=kind,
        who=who,
        quotes=costs,
        suggested=suggested,
        asks_first=is_new,
        files=latest[0].file_count if latest else 0,
        available=pool(here.account, portal().clock.now()).available,
        chosen=form.size.data or costs[0].size.action,
        short=g.get("short"),
    )


def _found(here: Here, reference: str, number: int) -> tuple[App, ActionRun]:
    shown = found(here.account, here.access, reference)
    row = read.find_run(here.access, number)
    if row.app_id != shown.id:
        raise NotFound
    return shown, row


def _site(shown: App, row: ActionRun) -> str | None:
    """The address where what was deployed is seen."""
    if row.kind is not ActionKind.DEPLOY or row.address is not None:
        return row.address
    site = site_of_app(shown.id)
    return None if site is None else address_of(portal().settings, site.name)


def _address(here: Here, row: ActionRun) -> str:
    values: dict[str, Any] = {"slug": here.account.slug, "reference": f"app_{row.app_id}"}
    return url_for("pages.action", number=row.id, **values)
