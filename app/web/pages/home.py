"""Home: one's accounts, what waits for an answer, and what to do next."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_login import login_required
from wtforms import StringField
from wtforms.validators import DataRequired

from app.domain.reference import numbers_of
from app.services.billing.for_sale import can_open_workspace, plans_for_workspaces
from app.services.billing.providers import offers
from app.services.sso import join_offers
from app.services.workspaces import delete, waiting
from app.services.workspaces.open import open_workspace
from app.store.accounts import personal_account
from app.web.login import current_person
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import done, page, pages
from app.web.portal import portal


class NewWorkspaceForm(Form):
    """A name, and an address when the one made from the name doesn't please."""

    name = StringField(
        "Name", [DataRequired("Give the workspace a name.")], render_kw={"maxlength": 100}
    )
    slug = StringField(
        "Address",
        description="Optional. Small letters, digits and hyphens; made from the name when empty.",
        render_kw={"maxlength": 40, "spellcheck": "false", "autocapitalize": "off"},
    )


@pages.get("/")
@login_required  # type: ignore[untyped-decorator]
def home() -> ResponseReturnValue:
    """Show what somebody can do here."""
    now, me = portal().clock.now(), current_person()
    return page(
        "home/home.html",
        invitations=waiting.invitations_to(me.id, now),
        offers=waiting.offers_to(me.id),
        deleted=delete.restorable(me.id, now),
        open_to_me=join_offers.offer_to_join(me.id, now),
    )


@pages.post("/invitations/<reference>/accept")
@login_required  # type: ignore[untyped-decorator]
def accept_waiting(reference: str) -> ResponseReturnValue:
    """Join from the home page; a confirmed address stands for the link of the message."""
    (number,) = numbers_of("invitation", reference, 1)
    joined = waiting.accept_waiting(number, current_person().id, portal().clock.now())
    account = joined.account
    return done(f"Welcome to {account.name}.", "overview", slug=account.slug)


@pages.route("/workspaces/new", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
def new_workspace() -> ResponseReturnValue:
    """Open a workspace on a free Business subscription."""
    form = NewWorkspaceForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            slug, now = form.slug.data or None, portal().clock.now()
            account = open_workspace(current_person().id, text_of(form.name), slug, now)
            return done(f"{account.name} is open.", "overview", slug=account.slug)
    return page("home/new_workspace.html", form, **_ways_to_a_workspace())


def _ways_to_a_workspace() -> dict[str, object]:
    """What leads to a workspace: a subscription that is free, one to buy, or a team to join."""
    now, me = portal().clock.now(), current_person()
    can_open = can_open_workspace(me.id)
    return {
        "can_open": can_open,
        "for_sale": plans_for_workspaces(now) if not can_open and offers(now) else [],
        "own": personal_account(me.id),
        "open_to_me": join_offers.offer_to_join(me.id, now),
    }


@pages.post("/accounts/<slug>/join")
@login_required  # type: ignore[untyped-decorator]
def accept_to_join(slug: str) -> ResponseReturnValue:
    """Join the workspace that one's address belongs to."""
    now = portal().clock.now()
    account = join_offers.accept_to_join(current_person().id, slug, now).account
    return done(f"Welcome to {account.name}.", "overview", slug=account.slug)


@pages.post("/accounts/<slug>/join/decline")
@login_required  # type: ignore[untyped-decorator]
def decline_to_join(slug: str) -> ResponseReturnValue:
    """Be offered that workspace no more."""
    join_offers.decline_to_join(current_person().id, slug, portal().clock.now())
    return done("You won't be offered this again. An invitation still lets you in.", "home")


@pages.post("/accounts/<slug>/restore")
@login_required  # type: ignore[untyped-decorator]
def restore_workspace(slug: str) -> ResponseReturnValue:
    """Undo the deletion of a workspace."""
    account = delete.restore_workspace(current_person().id, slug, portal().clock.now())
    return done(f"{account.name} is back.", "overview", slug=account.slug)
