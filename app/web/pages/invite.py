"""Inviting: one address at once, many after they were checked; sent again, or taken back."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from app.domain.invite_list import entries_in
from app.domain.reference import numbers_of, reference
from app.domain.refusals import InvalidRequest
from app.domain.role import Right, Role
from app.services.workspaces import invite as invitations
from app.services.workspaces.check_list import check_list
from app.web.pages.form import Form, options, refusals_beside
from app.web.pages.invite_list import listed, written
from app.web.pages.members import GIVEN_ROLES
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

LONGEST = 450_000


class InviteForm(Form):
    """Addresses, however they were pasted or uploaded, and the role they will have."""

    emails = TextAreaField(
        "E-mail addresses",
        [Length(max=LONGEST)],
        description="One or many, up to 10,000: lines, commas, or rows of a spreadsheet. Several "
        "are checked first, line by line, and sent when you say so.",
        render_kw={"rows": 5, "spellcheck": "false", "autocapitalize": "off"},
    )
    table = FileField(
        "Or a file (CSV or text)",
        description="With a heading, the columns email and role are read.",
        render_kw={"accept": ".csv,.tsv,.txt,text/csv,text/plain"},
    )
    role = SelectField(
        "They join as",
        choices=options(GIVEN_ROLES),
        description="Whoever has no role of their own in the list.",
    )

    def text(self) -> str:
        """What was pasted, and what was uploaded; the file alone when nothing was pasted."""
        pasted = self.emails.data or ""
        file = self.table.data
        uploaded = _decoded(file.read(LONGEST * 2)) if file else ""
        return f"{pasted}\n{uploaded}" if pasted.strip() and uploaded else pasted or uploaded


@pages.route("/accounts/<slug>/invite", methods=["GET", "POST"])
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def invite(here: Here) -> ResponseReturnValue:
    """Invite one address at once; show what is wrong with a list before it is sent."""
    form = InviteForm(emails=_to_mend(here))
    if form.validate_on_submit():
        with refusals_beside(form):
            return _take(here, form)
    return page("members/invite.html", form)


def _take(here: Here, form: InviteForm) -> ResponseReturnValue:
    text, role, now = form.text(), Role(form.role.data), portal().clock.now()
    entries = entries_in(text)
    slug = here.account.slug
    if len(entries) > 1 or entries[0].role:
        made = check_list(here.access, text, role, now)
        named = reference("list", made.id)
        return redirect(url_for("pages.invite_list", slug=slug, reference=named), 303)
    report = invitations.invite(here.access, [entries[0].text], role, now)
    for _, reason in report.refused:
        raise InvalidRequest.of("emails", reason)
    return done("1 invitation on the way.", "members", slug=slug)


def _to_mend(here: Here) -> str | None:
    """The text of a list that was checked and shall be mended."""
    named = request.args.get("list") if request.method == "GET" else None
    return written(listed(here, named)) if named else None


def _decoded(data: bytes) -> str:
    """Read a file as spreadsheets write them: in UTF-8, UTF-16, or an old Western code page."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


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
