"""Inviting: one address or many at once, sent again, or taken back."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.domain.address import addresses_in
from app.domain.reference import numbers_of
from app.domain.role import Right, Role
from app.services.workspaces import invite as invitations
from app.web.pages.form import Form, options, refusals_beside
from app.web.pages.members import GIVEN_ROLES
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.pages.wording import count
from app.web.portal import portal

LONGEST = 300_000


class InviteForm(Form):
    """Addresses, however they were pasted, and the role they will have."""

    emails = TextAreaField(
        "E-mail addresses",
        [DataRequired("Write at least one address."), Length(max=LONGEST)],
        description="One or many, up to 1,000: lines, commas, or rows of a spreadsheet (CSV).",
        render_kw={"rows": 5, "spellcheck": "false", "autocapitalize": "off"},
    )
    role = SelectField("They join as", choices=options(GIVEN_ROLES))

    def addresses(self) -> list[str]:
        """What was pasted, address by address: lines, a table's cells, `Ada <ada@acme.com>`."""
        return list(dict.fromkeys(addresses_in(self.emails.data or "")))


@pages.route("/accounts/<slug>/invite", methods=["GET", "POST"])
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def invite(here: Here) -> ResponseReturnValue:
    """Invite; what could not be sent comes back with its reason, ready to be mended."""
    form = InviteForm()
    report = None
    if form.validate_on_submit():
        with refusals_beside(form):
            now = portal().clock.now()
            report = invitations.invite(here.access, form.addresses(), Role(form.role.data), now)
            if not report.refused:
                said = f"{count(len(report.invited), 'invitation')} on the way."
                return done(said, "members", slug=here.account.slug)
            form.emails.data = "\n".join(email for email, _ in report.refused)
    return page("members/invite.html", form, report=report)


@pages.post("/accounts/<slug>/invitations/<reference>/resend")
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def resend_invitation(here: Here, reference: str) -> ResponseReturnValue:
    """Send an invitation once more; the link of the former message ends."""
    (number,) = numbers_of("invitation", reference, 1)
    invitation = invitations.resend(here.access, number, portal().clock.now())
    return done(f"Sent to {invitation.email} once more.", "members", slug=here.account.slug)


@pages.post("/accounts/<slug>/invitations/<reference>/revoke")
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def revoke_invitation(here: Here, reference: str) -> ResponseReturnValue:
    """Take an invitation back."""
    (number,) = numbers_of("invitation", reference, 1)
    invitation = invitations.revoke(here.access, number, portal().clock.now())
    return done(f"{invitation.email} is no longer invited.", "members", slug=here.account.slug)
