"""The danger zone of a workspace: handing it to somebody else, and deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.typing import ResponseReturnValue
from wtforms import EmailField, StringField
from wtforms.validators import DataRequired

from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.workspaces import delete, ownership
from app.services.workspaces.waiting import offer_in
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    pass


class OfferForm(Form):
    """The member to whom ownership is offered."""

    email = EmailField(
        "Member's e-mail",
        [DataRequired("Write the address of a member.")],
        render_kw={"autocomplete": "off"},
    )


class DeleteForm(Form):
    """The name of the workspace, typed to show that it is meant."""

    name = StringField(
        "Type the workspace's name to confirm",
        [DataRequired("Type the name.")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


@pages.get("/accounts/<slug>/danger")
@in_account(Right.TRANSFER_OWNERSHIP, workspace=True)
def danger(here: Here) -> ResponseReturnValue:
    """Show what can be given away or deleted."""
    return _zone(OfferForm(), here.access)


@pages.post("/accounts/<slug>/ownership/offer")
@in_account(Right.TRANSFER_OWNERSHIP, workspace=True)
def offer_ownership(here: Here) -> ResponseReturnValue:
    """Offer the workspace to a member."""
    form = OfferForm()
    if form.validate_on_submit():
        with refusals_beside(form, NotFound):
            now = portal().clock.now()
            if ownership.offer_ownership(here.access, text_of(form.email), now):
                return done("The offer is made.", "danger", slug=here.account.slug)
            return done("The workspace has a new owner.", "overview", slug=here.account.slug)
    return _zone(form, here.access)


@pages.post("/accounts/<slug>/ownership/withdraw")
@in_account(workspace=True)
def withdraw_offer(here: Here) -> ResponseReturnValue:
    """Take the offer back, as the owner; or decline it, as the one to whom it was made."""
    ownership.withdraw_offer(here.access)
    if here.access.may(Right.TRANSFER_OWNERSHIP):
        return done("The offer is withdrawn.", "danger", slug=here.account.slug)
    return done("You declined the offer.", "overview", slug=here.account.slug)


@pages.post("/accounts/<slug>/ownership/accept")
@in_account(workspace=True)
def accept_ownership(here: Here) -> ResponseReturnValue:
    """Become the owner."""
    ownership.accept_ownership(here.access, portal().clock.now())
    return done(
        f"You are now the owner of {here.account.name}.", "overview", slug=here.account.slug
    )


@pages.route("/accounts/<slug>/delete", methods=["GET", "POST"])
@in_account(Right.DELETE_WORKSPACE, workspace=True)
def delete_workspace(here: Here) -> ResponseReturnValue:
    """List what is lost, and delete when the name is typed."""
    form = DeleteForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            delete.delete_workspace(here.access, text_of(form.name), portal().clock.now())
            return done(
                f"{here.account.name} is deleted. You can bring it back for 30 days.", "home"
            )
    return page(
        "danger/delete.html", form, loss=delete.what_is_lost(here.access, portal().clock.now())
    )


def _zone(form: OfferForm, access: Access) -> ResponseReturnValue:
    return page("danger/danger.html", form, offer=offer_in(access))
