"""The domains of a workspace: add one, prove it by DNS, and give it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired

from app.domain.domain_claim import THERE, record_of
from app.domain.refusals import Conflict, DomainNotVerified
from app.domain.role import Right
from app.extensions import limiter
from app.services.sso.domains.approval import require_approval
from app.services.sso.domains.claim import claim_domain
from app.services.sso.domains.listing import find_domain, list_domains
from app.services.sso.domains.read_domain import shown_domain
from app.services.sso.domains.remove import remove_domain as remove
from app.services.sso.domains.verify import verify_domain as verify
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.domains import DomainClaim

QUESTIONS_TO_DNS = "30/minute"


class DomainForm(Form):
    """The name of a domain."""

    domain = StringField(
        "Domain",
        [DataRequired("Write the name of a domain.")],
        description="What stands behind the @ in your people's addresses, such as acme.com. "
        "Addresses of sub-domains don't count; add those as domains of their own.",
        render_kw={
            "maxlength": 254,
            "autocomplete": "off",
            "spellcheck": "false",
            "autocapitalize": "off",
            "inputmode": "url",
        },
    )


class DomainView(NamedTuple):
    """A claim with its name as people read it, and the text of its TXT record."""

    claim: DomainClaim
    name: str
    record: str


@pages.route("/accounts/<slug>/domains", methods=["GET", "POST"])
@in_account(Right.MANAGE_SSO, workspace=True)
def domains(here: Here) -> ResponseReturnValue:
    """List the domains with what to do next for each, and add one."""
    form = DomainForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            public, now = portal().settings.public_domains, portal().clock.now()
            added = claim_domain(here.access, text_of(form.domain), now, public=public)
            said = f"{shown_domain(added.domain)} is added. Now publish its TXT record."
            return done(said, "domains", slug=here.account.slug)
    found = [_view(claim) for claim in list_domains(here.access)]
    return page("domains/domains.html", form, found=found, there=THERE)


@pages.post("/accounts/<slug>/domains/<domain>/verify")
@in_account(Right.MANAGE_SSO, workspace=True)
@limiter.limit(QUESTIONS_TO_DNS)
def verify_domain(here: Here, domain: str) -> ResponseReturnValue:
    """Ask DNS now, and say what it answered."""
    try:
        claim = verify(here.access, domain, portal().resolver, portal().clock.now())
    except (DomainNotVerified, Conflict) as refusal:
        flash(refusal.detail, "warning")
    else:
        flash(*_outcome(claim))
    return redirect(url_for("pages.domains", slug=here.account.slug))


@pages.post("/accounts/<slug>/domains/<domain>/approval")
@in_account(Right.MANAGE_SSO, workspace=True)
def domain_approval(here: Here, domain: str) -> ResponseReturnValue:
    """Say whether who had an account asks first, or joins at once."""
    needed = request.form.get("needed") == "yes"
    claim = require_approval(here.access, domain, needed=needed)
    how = "ask first" if needed else "join at once"
    return done(f"People of {shown_domain(claim.domain)} {how}.", "domains", slug=here.account.slug)


@pages.route("/accounts/<slug>/domains/<domain>/remove", methods=["GET", "POST"])
@in_account(Right.MANAGE_SSO, workspace=True)
def remove_domain(here: Here, domain: str) -> ResponseReturnValue:
    """Say what ends with a domain and what stays, and give it up."""
    claim = find_domain(here.access, domain)
    form = Form()
    if form.validate_on_submit():
        remove(here.access, domain, portal().clock.now())
        said = f"{shown_domain(claim.domain)} is removed."
        return done(said, "domains", slug=here.account.slug)
    return page("domains/remove.html", form, view=_view(claim))


def _view(claim: DomainClaim) -> DomainView:
    return DomainView(claim, shown_domain(claim.domain), record_of(claim.secret))


def _outcome(claim: DomainClaim) -> tuple[str, str]:
    name = shown_domain(claim.domain)
    if claim.finding == THERE:
        return f"{name} is verified.", "success"
    return f"{name} stays verified. {claim.finding}", "info"
