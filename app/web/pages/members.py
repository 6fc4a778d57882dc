"""The members of a workspace: who they are, what their role is, and how one's place ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from app.domain.role import Right, Role
from app.services.sso.join_requests import list_requests
from app.services.workspaces import end_access, members, roles
from app.services.workspaces.consequences import Ending, if_ended
from app.services.workspaces.find_member import find_member, how_many
from app.services.workspaces.invite import list_invitations
from app.web.login import current_person
from app.web.pages.form import Form, options, refusals_beside
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.pages.wording import ROLES
from app.web.portal import portal

if TYPE_CHECKING:
    pass

PAGE = 50
GIVEN_ROLES = [(role.value, ROLES[role.value]) for role in (Role.MEMBER, Role.ADMIN)]


class RoleForm(Form):
    """The role of somebody; there is one owner, who is changed elsewhere."""

    role = SelectField("Role", choices=options(GIVEN_ROLES))


@pages.get("/accounts/<slug>/members", endpoint="members")
@in_account(workspace=True)
def list_members(here: Here) -> ResponseReturnValue:
    """Show the members page by page, or those whose name or address fits a search."""
    search = request.args.get("search", "").strip()[:100]
    cursor = request.args.get("after")
    manages = here.access.may(Right.MANAGE_MEMBERS)
    return page(
        "members/members.html",
        found=members.list_members(here.access, search, PAGE, cursor),
        total=how_many(here.access),
        invited=list_invitations(here.access, PAGE, request.args.get("invited"))
        if manages
        else None,
        requests=list_requests(here.access) if manages else [],
        search=search,
        is_first=cursor is None,
    )


@pages.route("/accounts/<slug>/members/<email>", methods=["GET", "POST"])
@in_account(workspace=True)
def member(here: Here, email: str) -> ResponseReturnValue:
    """Show one member, and change their role."""
    place = find_member(here.access, email)
    here.access.require_over(place.role)
    form = RoleForm(role=place.role.value)
    if form.validate_on_submit():
        with refusals_beside(form):
            roles.change_role(here.access, email, Role(form.role.data), portal().clock.now())
            said = f"{place.person.name} is now {ROLES[form.role.data].lower()}."
            return done(said, "members", slug=here.account.slug)
    return page("members/member.html", form, place=place)


@pages.route("/accounts/<slug>/members/<email>/remove", methods=["GET", "POST"])
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def remove(here: Here, email: str) -> ResponseReturnValue:
    """Say what removing a member ends and what it leaves, and do it."""
    place = find_member(here.access, email)
    here.access.require_over(place.role)
    form = Form()
    if form.validate_on_submit():
        end_access.remove(here.access, email, portal().clock.now())
        return done(f"{place.person.name} was removed.", "members", slug=here.account.slug)
    return page("members/remove.html", form, place=place, ending=_ending(here, email))


@pages.route("/accounts/<slug>/leave", methods=["GET", "POST"])
@in_account(workspace=True)
def leave(here: Here) -> ResponseReturnValue:
    """Say what leaving ends, and do it."""
    form = Form()
    if form.validate_on_submit():
        with refusals_beside(form):
            end_access.leave(here.access, portal().clock.now())
            return done(f"You left {here.account.name}.", "home")
    return page("members/leave.html", form, ending=_ending(here, current_person().email))


def _ending(here: Here, email: str) -> Ending:
    return if_ended(here.access, email, portal().clock.now())
