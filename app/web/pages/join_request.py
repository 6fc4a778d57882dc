"""Asking to join a workspace by one's address, and the answer of its owner or an admin."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_login import login_required
from wtforms import TextAreaField
from wtforms.validators import Length

from app.domain.join_request import LONGEST_REASON
from app.domain.reference import numbers_of
from app.domain.role import Right
from app.services.sso import join_requests
from app.web.login import current_person
from app.web.pages.form import Form, refusals_beside
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal


class DeclineForm(Form):
    """Why somebody is not let in."""

    reason = TextAreaField(
        "Reason",
        [Length(max=LONGEST_REASON)],
        description="Optional. They read it in the message.",
        render_kw={"rows": 3, "maxlength": LONGEST_REASON},
    )


@pages.post("/accounts/<slug>/join/ask")
@login_required  # type: ignore[untyped-decorator]
def ask_to_join(slug: str) -> ResponseReturnValue:
    """Ask to be let in."""
    asked = join_requests.ask_to_join(current_person().id, slug, portal().clock.now())
    return done(f"{asked.account.name} was asked. You get a message with the answer.", "home")


@pages.post("/accounts/<slug>/join/take-back")
@login_required  # type: ignore[untyped-decorator]
def take_request_back(slug: str) -> ResponseReturnValue:
    """Ask no longer."""
    join_requests.take_back(current_person().id, slug, portal().clock.now())
    return done("You no longer ask to join.", "home")


@pages.post("/accounts/<slug>/requests/<reference>/approve")
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def approve_request(here: Here, reference: str) -> ResponseReturnValue:
    """Let somebody in who asked."""
    (number,) = numbers_of("request", reference, 1)
    place = join_requests.approve_request(here.access, number, portal().clock.now())
    return done(f"{place.person.name} is a member now.", "members", slug=here.account.slug)


@pages.route("/accounts/<slug>/requests/<reference>/decline", methods=["GET", "POST"])
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def decline_request(here: Here, reference: str) -> ResponseReturnValue:
    """Say no to somebody who asked."""
    (number,) = numbers_of("request", reference, 1)
    asked, form = join_requests.find_request(here.access, number), DeclineForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            now = portal().clock.now()
            join_requests.decline_request(here.access, number, form.reason.data or "", now)
            return done(f"{asked.person.name} was declined.", "members", slug=here.account.slug)
    return page("members/decline_request.html", form, asked=asked)
