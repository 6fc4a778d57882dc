"""The site of an app: where it is, its releases, and what its visitors may cause."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from wtforms import IntegerField
from wtforms.validators import InputRequired

from app.domain.refusals import NotFound
from app.domain.role import Right
from app.services.sites.change import make_live, take_down
from app.services.sites.show import SiteView, site_view, spent_by_visitors
from app.services.sites.visitors import VisitorsAi, let_visitors_call
from app.store.apps import App
from app.web.pages.apps import found
from app.web.pages.form import Form, refusals_beside
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

A_NUMBER = InputRequired("Write a whole number.")


class VisitorsForm(Form):
    """What visitors may cause by calls of AI models."""

    credits = IntegerField(
        "Credits a day, for all visitors",
        [A_NUMBER],
        description="The day begins at midnight UTC. 0 switches it off.",
        render_kw={"min": 0},
    )
    per_visitor = IntegerField(
        "Credits a day, for one visitor",
        [A_NUMBER],
        description="Visitors are told apart by their address; an office may share one.",
        render_kw={"min": 1},
    )
    calls = IntegerField("Calls a minute, for one visitor", [A_NUMBER], render_kw={"min": 1})


@pages.get("/accounts/<slug>/apps/<reference>/site")
@in_account()
def site(here: Here, reference: str) -> ResponseReturnValue:
    """Show where the app is, and its releases."""
    app = found(here.account, here.access, reference)
    return _show(here, app, VisitorsForm(formdata=None, obj=_view(here, app).visitors))


@pages.post("/accounts/<slug>/apps/<reference>/site/releases/<int(max=2147483647):number>/live")
@in_account(Right.USE_APPS)
def put_back(here: Here, reference: str, number: int) -> ResponseReturnValue:
    """Let visitors see an earlier release."""
    app = found(here.account, here.access, reference)
    make_live(here.access, app.id, number, portal().clock.now())
    return _to_site(f"Visitors see release {number} from now on. That cost nothing.", here, app)


@pages.route("/accounts/<slug>/apps/<reference>/site/take-down", methods=["GET", "POST"])
@in_account(Right.USE_APPS)
def take_off_the_web(here: Here, reference: str) -> ResponseReturnValue:
    """Say what taking an app off the web does, and do it."""
    app = found(here.account, here.access, reference)
    view, form = _view(here, app), Form()
    if form.validate_on_submit():
        take_down(here.access, app.id, portal().clock.now())
        return _to_site(f"{app.name} is off the web.", here, app)
    return page("site/take_down.html", form, app=app, site=view)


@pages.post("/accounts/<slug>/apps/<reference>/site/visitors")
@in_account(Right.USE_APPS)
def visitors_ai(here: Here, reference: str) -> ResponseReturnValue:
    """Set what visitors may cause."""
    app = found(here.account, here.access, reference)
    here.access.require_app(app.created_by_id)
    form = VisitorsForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            figures = (form.credits.data, form.per_visitor.data, form.calls.data)
            wanted = VisitorsAi(*(figure or 0 for figure in figures))
            let_visitors_call(here.access, app.id, wanted, portal().clock.now())
            return _to_site("Saved.", here, app)
    return _show(here, app, form)


def _view(here: Here, app: App) -> SiteView:
    view = site_view(here.access, app.id, portal().settings)
    if view is None:
        raise NotFound("This app was never put on the web. Deploy it first.")
    return view


def _show(here: Here, app: App, form: VisitorsForm) -> ResponseReturnValue:
    mine = app.created_by_id == here.access.person_id
    return page(
        "site/site.html",
        form,
        app=app,
        site=_view(here, app),
        spent=spent_by_visitors(here.access, app.id, portal().clock.now()),
        may_let=here.access.may(Right.DELETE_OWN_APPS if mine else Right.DELETE_ANY_APPS),
        is_apart=bool(portal().settings.sites_host),
    )


def _to_site(said: str, here: Here, app: App) -> ResponseReturnValue:
    return done(said, "site", slug=here.account.slug, reference=f"app_{app.id}")
