"""People for the operator: looked for among all, and one of them with what can be done."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.domain.reason import LONGEST_REASON
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.services.desk import people as verbs
from app.services.desk.find_people import PeopleSought, PersonState, find_people, person_file
from app.services.desk.see_as import end_seeing, see_as
from app.services.people.two_factor import reset_two_factor
from app.web.login import current_person, current_seeing, current_sign_in
from app.web.pages.admin.accounts import one_of, sought_text
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.confirm import proof_wanted
from app.web.pages.form import Form, options, refusals_beside, text_of
from app.web.pages.page import begins_at, done, pages
from app.web.portal import portal

STATES = {
    PersonState.OPERATOR: "Operators",
    PersonState.BLOCKED: "Blocked",
    PersonState.UNVERIFIED: "Address not confirmed",
    PersonState.TWO_FACTOR: "With two factors",
}


class PeopleForm(Form):
    """What to look for."""

    class Meta:
        csrf = False

    text = StringField("Name or e-mail", [Length(max=254)])
    state = SelectField(
        "State",
        default="",
        choices=options([("", "Everybody"), *STATES.items()]),
        validate_choice=False,
    )


class BlockForm(Form):
    """Why somebody is kept from signing in."""

    reason = StringField(
        "Reason",
        [DataRequired("Say why."), Length(max=LONGEST_REASON)],
        description="Operators read it here and in the audit log.",
    )


class SeeAsForm(Form):
    """Why an operator looks as somebody else."""

    reason = StringField(
        "Reason",
        [DataRequired("Say why."), Length(max=LONGEST_REASON)],
        description="They read it in a mail, and the owners of what you open in the audit log.",
    )


@pages.get("/admin/people")
@for_operators
def admin_people() -> ResponseReturnValue:
    """List the people who fit, the newest first."""
    form = PeopleForm(request.args)
    sought = PeopleSought(sought_text(form.text), one_of(PersonState, form.state.data))
    found = find_people(sought if form.validate() else PeopleSought(), before=begins_at())
    chosen = {name: value for name, value in request.args.items() if value and name in form}
    return admin_page("admin/people.html", form, found=found, chosen=chosen, before=begins_at())


@pages.get("/admin/people/<int:number>")
@for_operators
def admin_person(number: int) -> ResponseReturnValue:
    """Show everything about one person."""
    here = portal()
    found = person_file(number, here.clock.now(), here.settings.session_days)
    return admin_page("admin/person.html", Form(), found=found, me=current_person())


@pages.post("/admin/people/<int:number>/sessions/end")
@for_operators
def admin_person_end_sessions(number: int) -> ResponseReturnValue:
    """Sign a person out everywhere, or out of one session."""
    only = request.form.get("session", type=int)
    if "session" in request.form and only is None:
        raise NotFound
    verbs.end_sessions_of(number, portal().clock.now(), only=only)
    words = "The session is ended." if only else "They are signed out everywhere."
    return done(words, "admin_person", number=number)


@pages.route("/admin/people/<int:number>/block", methods=["GET", "POST"])
@for_operators
def admin_person_block(number: int) -> ResponseReturnValue:
    """Keep a person from signing in."""
    here, form = portal(), BlockForm()
    found = person_file(number, here.clock.now(), here.settings.session_days)
    if form.validate_on_submit():
        with refusals_beside(form):
            verbs.block(number, text_of(form.reason), current_person().id, here.clock.now())
            return done("They can't sign in any more.", "admin_person", number=number)
    return admin_page("admin/person_block.html", form, found=found)


@pages.post("/admin/people/<int:number>/unblock")
@for_operators
def admin_person_unblock(number: int) -> ResponseReturnValue:
    """Let a person sign in again."""
    verbs.unblock(number, portal().clock.now())
    return done("They can sign in again.", "admin_person", number=number)


@pages.post("/admin/people/<int:number>/two-factor/reset")
@for_operators
@proof_wanted("admin_people")
def admin_person_reset_two_factor(number: int) -> ResponseReturnValue:
    """Switch two-factor sign-in off for who lost the device."""
    here = portal()
    found = person_file(number, here.clock.now(), here.settings.session_days)
    reset_two_factor(found.person.email, here.clock.now())
    return done("Two-factor sign-in is off; a mail tells them.", "admin_person", number=number)


@pages.route("/admin/people/<int:number>/operator", methods=["GET", "POST"])
@for_operators
@proof_wanted("admin_people")
def admin_person_operator(number: int) -> ResponseReturnValue:
    """Make somebody an operator, or take that from them."""
    here, form = portal(), Form()
    found = person_file(number, here.clock.now(), here.settings.session_days)
    if form.validate_on_submit():
        with refusals_beside(form):
            if request.form.get("make") == "yes":
                verbs.make_operator(number, here.clock.now())
                return done(f"{found.person.name} is an operator.", "admin_person", number=number)
            if request.form.get("make") == "no":
                verbs.unmake_operator(number, here.clock.now())
                return done(f"{found.person.name} is no operator any more.", "admin_people")
            raise InvalidRequest.of("make", "Say which: load the page again.")
    return admin_page("admin/person_operator.html", form, found=found)


@pages.route("/admin/people/<int:number>/see-as", methods=["GET", "POST"])
@for_operators
@proof_wanted("admin_people")
def admin_see_as(number: int) -> ResponseReturnValue:
    """Look at pages as somebody else, for a quarter of an hour."""
    here, form = portal(), SeeAsForm()
    found = person_file(number, here.clock.now(), here.settings.session_days)
    if found.person.is_operator:
        raise Conflict("Nobody can look as an operator: an operator sees everything.")
    if form.validate_on_submit():
        with refusals_beside(form):
            me, session = current_person().id, current_sign_in().id
            see_as(me, session, number, text_of(form.reason), here.clock.now())
            return redirect(url_for("pages.home"))
    return admin_page("admin/person_see_as.html", form, found=found)


@pages.post("/see-as/end")
@login_required  # type: ignore[untyped-decorator]
def end_see_as() -> ResponseReturnValue:
    """End looking as somebody else, and go back to that person's page."""
    seeing = current_seeing()
    if seeing is None:
        return redirect(url_for("pages.home"))
    end_seeing(current_sign_in().id, portal().clock.now())
    return done("You see this as yourself again.", "admin_person", number=seeing.person_id)
