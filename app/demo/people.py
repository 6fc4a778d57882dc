"""DEMO, who is in the story: people, workspaces, members, apps, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.reference import reference
from app.domain.role import Access, Role
from app.services.apps.edit import create_app
from app.services.people.sign_up import create_person
from app.services.plugins.configure import set_setting, switch
from app.services.sso.domains.claim import claim_domain, vouch_for_domain
from app.services.workspaces.access import access_to
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.services.workspaces.subscribe import give_subscription

PASSWORD = "open the coffer"  # noqa: S105 - printed for everyone to see
ALICE, BOB, CAROL, DANA, CHARLIE, OLGA = (
    "alice@acme.example",
    "bob@acme.example",
    "carol@acme.example",
    "dana@acme.example",
    "charlie@elsewhere.example",
    "olga@coffer.example",
)
NAMES = {
    ALICE: "Alice Archer",
    BOB: "Bob Bauer",
    CAROL: "Carol Chen",
    DANA: "Dana Díaz",
    CHARLIE: "Charlie Cole",
    OLGA: "Olga Olsen",
}

# The account number is the one that banks print in examples.
BANK = {"account_holder": "Coffer Demonstration", "iban": "DE89370400440532013000"}


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace of the story. `weights` say how much of the work each person does."""

    slug: str
    name: str
    owner: str
    others: dict[str, Role]
    apps: tuple[tuple[str, str], ...]
    weights: dict[str, int]
    busy: int


TEAMS = (
    Team(
        "acme",
        "Acme",
        ALICE,
        {CAROL: Role.ADMIN, BOB: Role.MEMBER, DANA: Role.MEMBER},
        (
            ("Storefront", "The shop that customers see."),
            ("Support agent", "Answers customers' first questions."),
            ("Back office", "Orders, stock and invoices."),
        ),
        {ALICE: 2, BOB: 7, CAROL: 2, DANA: 1},
        busy=6,
    ),
    Team(
        "acme-research",
        "Acme Research",
        CAROL,
        {ALICE: Role.MEMBER},
        (("Field notes", "Interviews, tagged and summed up."),),
        {CAROL: 4, ALICE: 1},
        busy=2,
    ),
    Team(
        "night-shift",
        "Night Shift",
        BOB,
        {},
        (("Bakery planner", "Who bakes what, and when."),),
        {BOB: 1},
        busy=1,
    ),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """What the history needs of them: the ids of each team's apps."""

    apps: dict[str, list[str]]
    accesses: dict[str, Access]


def gather(began: datetime) -> Cast:
    """Let everyone sign up, and each team begin, a few minutes apart."""
    ids = {email: _sign_up(email, name, began) for email, name in NAMES.items()}
    cast = Cast({}, {})
    for number, team in enumerate(TEAMS):
        now = began + timedelta(minutes=20 * (number + 1))
        start_workspace(team.owner, team.slug, team.name, "business", now, now)
        for email, role in team.others.items():
            add_member(team.slug, email, role, now)
        _, access = access_to(ids[team.owner], team.slug)
        made = [create_app(access, name, about, now) for name, about in team.apps]
        cast.apps[team.slug] = [reference("app", app.id) for app in made]
        cast.accesses[team.slug] = access
    return cast


def _sign_up(email: str, name: str, began: datetime) -> int:
    operator = email == OLGA
    return create_person(email, name, PASSWORD, began, verified=True, operator=operator).id


def leave_open(cast: Cast, now: datetime) -> None:
    """Leave a newcomer something to do: an invitation, a workspace to open, a domain to prove.

    Whoever signs up with an address of acme.example joins Acme. Olga runs the portal: what is
    bought is paid by bank transfer, and she marks it paid.
    """
    for setting, value in BANK.items():
        set_setting("billing_invoice", setting, value)
    for plugin in ("billing_invoice", "journal", "sso_saml"):
        switch(plugin, on=True)
    vouch_for_domain(cast.accesses["acme"], "acme.example", now)
    claim_domain(cast.accesses["acme"], "acme-labs.example", now)
    invite(cast.accesses["acme"], [CHARLIE, "erin@acme.example"], Role.MEMBER, now)
    give_subscription(CHARLIE, "business", now)
