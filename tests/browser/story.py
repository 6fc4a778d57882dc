"""The demonstration's story, told up to a fixed instant, with extremes that no screen likes."""

from datetime import UTC, datetime
from unittest.mock import patch

from flask import Flask

from app.demo.people import ALICE, OLGA, PASSWORD
from app.demo.show import tell
from app.domain.grant import Source
from app.domain.role import Role
from app.domain.trigger import Trigger
from app.hookspecs import Check
from app.services.apps.edit import create_app
from app.services.credits.caller import caller_of
from app.services.credits.grant import grant_credits
from app.services.credits.spend import Spending, deduct
from app.services.people.sign_up import create_person
from app.services.plugins.configure import switch
from app.services.sso.domains.claim import claim_domain
from app.services.sso.given import Given
from app.services.sso.record import Flight, Visitor, note_flight
from app.services.sso.set_up import add_as_operator
from app.services.tokens.make_token import make_app_key, make_personal_token
from app.services.workspaces.access import access_to
from app.services.workspaces.check_list import check_list
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.store.accounts import account_by_slug
from app.store.cycle_runs import begin_run, note_failed
from app.store.database import current_engine, write_connection
from app.store.people import person_by_email
from app.store.sso_records import RecordKind
from tests.plugins.saml.idp import Idp

NOW = datetime(2026, 6, 17, 15, 20, tzinfo=UTC)
SHIFT = round((NOW - datetime.now(UTC)).total_seconds())

# Everything as long as it may be, and without a space at which a line could break.
WIDE = "Wolfeschlegelsteinhausenbergerdorff" * 2
WIDE_DOMAIN = f"{'sub-domain.' * 8}example"
WIDE_EMAIL = f"{'long-' * 12}name@{WIDE_DOMAIN}"
WIDE_SLUG = "wide-" * 7 + "wide"
NEW, NEW_SLUG = "newcomer@fresh.example", "fresh"
OPERATOR = OLGA
PLENTY = 999_999_999


IDP = "0123456789abcdef01234567"


def fill_with_story(_: Flask) -> None:
    """Tell the story, then open a workspace of extremes and one in which nothing happened."""
    token = tell(NOW)
    alice = person_by_email(ALICE)
    assert alice is not None
    make_personal_token(alice.id, "Laptop", NOW, 30)
    for slug in ("acme", "acme-research"):
        _, access = access_to(alice.id, slug)
        if access.role is Role.OWNER:
            make_app_key(access, 1, "Production", NOW)
    _extremes(token)
    _identity_provider()
    create_person(NEW, "Nina New", PASSWORD, NOW)
    start_workspace(NEW, NEW_SLUG, "Fresh", "business", NOW, NOW)
    with write_connection(current_engine()) as connection:
        run = begin_run(connection, Trigger.SCHEDULER, NOW, 1_000, NOW)
        note_failed(connection, run, f"pool 7: KeyError: {WIDE}", NOW)


def _extremes(token: str) -> None:
    wide = create_person(WIDE_EMAIL, WIDE, PASSWORD, NOW, verified=True)
    start_workspace(WIDE_EMAIL, WIDE_SLUG, WIDE, "business", NOW, NOW)
    other = f"o-{WIDE_EMAIL[2:]}"
    create_person(other, WIDE, PASSWORD, NOW, verified=True)
    add_member(WIDE_SLUG, other, Role.MEMBER, NOW)
    _, access = access_to(wide.id, WIDE_SLUG)
    app = create_app(access, WIDE, WIDE * 5, NOW)
    make_app_key(access, app.id, WIDE, NOW)
    make_personal_token(wide.id, WIDE, NOW, 30)
    claim_domain(access, WIDE_DOMAIN, NOW)
    check_list(access, f"{WIDE_EMAIL}\n{WIDE}\nj-{WIDE_EMAIL[2:]}, admin", Role.MEMBER, NOW)
    invite(access, [f"i-{WIDE_EMAIL[2:]}"], Role.ADMIN, NOW)
    grant_credits(WIDE_SLUG, PLENTY, Source.TOP_UP, None, WIDE * 3, NOW)
    task = Spending(WIDE_SLUG, WIDE_EMAIL, f"app_{app.id}", "agent.schedule", 99_999)
    deduct(caller_of(token, NOW), task, "wide", NOW)


def _identity_provider() -> None:
    """Acme's people sign in elsewhere; one of them was refused."""
    acme = account_by_slug("acme")
    assert acme is not None
    switch("sso_saml", on=True)
    given = Given(f"Login {WIDE}", Idp().metadata(), values={"email_attribute": WIDE})
    with patch("app.services.sso.set_up.new_public_id", return_value=IDP):
        row = add_as_operator(acme.id, "saml", given, NOW)
    checks = (
        Check("xml", passed=True, words="The answer is plain XML of a usual size."),
        Check("domain", passed=False, words=f"{WIDE}.example is not a verified domain of Acme."),
    )
    flight = Flight(RecordKind.TEST, checks, "", WIDE, WIDE_EMAIL, {WIDE: (WIDE,)})
    note_flight(row.id, flight, Visitor("Firefox", "192.0.2.1"), NOW)
