"""An invitation as the invited person sees it: to accept, signed in or by signing up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask.typing import ResponseReturnValue

from app.extensions import limiter
from app.services.workspaces import accept, waiting
from app.services.workspaces.invite import invitation_for
from app.web.login import current_person, is_signed_in
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import done, page, pages
from app.web.pages.sign_in import attempts
from app.web.pages.sign_up import NewPersonForm, sign_in_new
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.invitations import Invitation


@pages.route("/invitations/<token>", methods=["GET", "POST"])
@limiter.limit(attempts, methods=["POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Show an invitation to whoever holds its link, and let them join."""
    claims = portal().links.read("invitation", token, portal().clock.now())
    found = invitation_for(claims, portal().clock.now())
    if is_signed_in():
        return _to_a_person(found, claims)
    if waiting.is_known(found):
        return page("invitation/sign_in.html", invitation=found)
    return _to_someone_new(found, claims)


def _to_a_person(found: Invitation, claims: dict[str, Any]) -> ResponseReturnValue:
    if current_person().email != found.email:
        return page("invitation/other_person.html", invitation=found)
    form = Form()
    if form.validate_on_submit():
        with refusals_beside(form):
            accept.accept_invitation(claims, current_person().id, portal().clock.now())
            return done(f"Welcome to {found.account.name}.", "overview", slug=found.account.slug)
    return page("invitation/accept.html", form, invitation=found)


def _to_someone_new(found: Invitation, claims: dict[str, Any]) -> ResponseReturnValue:
    form = NewPersonForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            now = portal().clock.now()
            accept.sign_up_invited(claims, text_of(form.name), text_of(form.password), now)
            sign_in_new(found.email, text_of(form.password))
            return done(f"Welcome to {found.account.name}.", "overview", slug=found.account.slug)
    return page("invitation/sign_up.html", form, invitation=found)
