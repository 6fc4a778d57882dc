"""Two installations: Acme's, with a history, and another one, on either database."""

import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.domain.grant import Source
from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.role import Role
from app.factory import build_without_doors
from app.services.apps.edit import create_app, delete_app
from app.services.apps.transfer import transfer_app
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture, refund
from app.services.credits.grant import grant_credits
from app.services.credits.settle import close_due_periods
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.services.workspaces.end_access import leave
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.store.accounts import personal_account
from app.store.database import add, db, transaction
from app.store.limits import LimitRow
from app.store.people import person_by_email
from tests.conftest import START
from tests.servers.fixtures import temporary_database

DIRECTIONS = [
    ("sqlite", "sqlite"),
    ("sqlite", "postgresql"),
    ("postgresql", "sqlite"),
    pytest.param(("postgresql", "postgresql"), marks=pytest.mark.slow),
]
ALICE, BOB, CAROL = ("alice@acme.test", "bob@acme.test", "carol@acme.test")
NOW = START + timedelta(days=40)


@contextmanager
def at(url, folder):
    """Work at an installation."""
    app = build_without_doors(database_url=url, instance=folder)
    app.extensions["coffer"].clock.set(NOW)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@dataclass
class Place:
    """An installation that tests go to and fro."""

    url: str
    folder: object

    def inside(self):
        return at(self.url, self.folder)


@pytest.fixture
def places(request, tmp_path, sqlite_template):
    """The installation that is left and the one that is come to, as `request.param` says."""
    with ExitStack() as stack:
        made = []
        for number, kind in enumerate(getattr(request, "param", DIRECTIONS[0])):
            folder = tmp_path / f"place{number}"
            folder.mkdir()
            if kind == "sqlite":
                shutil.copy(sqlite_template, folder / "coffer.db")
                url = f"sqlite:///{folder}/coffer.db"
            else:
                template = request.getfixturevalue("postgres_templates")("")
                server = request.getfixturevalue("postgres")
                url = stack.enter_context(temporary_database(server, template))
            made.append(Place(url, folder))
        yield SimpleNamespace(left=made[0], come=made[1], file=tmp_path / "acme.coffer")


def tell_story():
    """Let Acme work for forty days, with everything that a history can have in it."""
    for email in (ALICE, BOB, CAROL):
        create_person(email, email.partition("@")[0].title(), None, START, verified=True)
    start_workspace(ALICE, "acme", "Acme", "business", START, START)
    add_member("acme", BOB, Role.MEMBER, START)
    add_member("acme", CAROL, Role.ADMIN, START)
    _, access = access_to(person_id(ALICE), "acme")
    shop, other, gone = (create_app(access, name, "what", START) for name in ("Shop", "Lab", "Old"))
    caller = caller_of(make_service_token("platform", START)[1], START)
    grant_credits("acme", 1_000, Source.TOP_UP, None, "thanks", START)
    for number in range(30):
        when = START + timedelta(days=number, hours=1)
        who, app = (BOB, CAROL)[number % 2], (shop, other, gone)[number % 3]
        spending = Spending("acme", who, f"app_{app.id}", "deploy", 1, {"n": number})
        done = deduct(caller, spending, f"key {number}", when).value
        if number % 7 == 0:
            refund(caller, done.id, 1, "too much", None, when)
    spending = Spending("acme", BOB, None, "generate.standard", 3)
    held = place_hold(caller, spending, "hold", None, when).value
    capture(caller, held.id, None, when)
    leave(access_to(person_id(BOB), "acme")[1], when)
    delete_app(access, gone.id, when)
    transfer_app(person_id(ALICE), other.id, personal(ALICE), when)
    close_due_periods(NOW)
    place_hold(caller, Spending("acme", CAROL, None, "generate.standard"), "open", None, NOW)
    set_limit(access, shop)


def person_id(email):
    return person_by_email(email).id


def personal(email):
    return personal_account(person_id(email)).slug


def set_limit(access, app):
    with transaction():
        add(
            LimitRow(
                account_id=access.account_id,
                who=LimitWho.APP,
                app_id=app.id,
                effect=LimitEffect.BLOCK,
                credits=500,
                per=LimitPer.CYCLE,
                made_by=access.person_id,
                created_at=START,
            )
        )
