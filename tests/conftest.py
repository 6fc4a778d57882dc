"""Fixtures for all rooms. Alice owns Acme, Bob is a member, Carol an admin, Charlie is outside.

Every test that asks for `app` runs on SQLite and on a real PostgreSQL.
"""

import gc
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event

from app import create_app
from app.clock import Clock
from app.domain.role import Role
from app.extensions import limiter
from app.factory import flask_config, furnish, read_settings
from app.plugin_manager import finding
from app.services.catalogue import ship_catalogue
from app.services.people import hash_password
from app.services.people.sign_up import create_person
from app.services.plugins.installed import installed
from app.services.plugins.migrate import migrate_plugins
from app.services.tokens.make_token import make_personal_token, make_service_token
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.settings import Settings
from app.store.accounts import Account, account_by_slug
from app.store.database import db
from app.store.people import Person, person_by_email
from app.store.revision import run_migrations
from app.web.api.gate import COUNTER
from app.web.api.rate import RateLimit
from tests.servers.postgres import PostgresServer

pytest_plugins = ["tests.servers.fixtures"]

START = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
ALICE = ("alice@acme.test", "Alice Arden")
BOB = ("bob@acme.test", "Bob Birch")
CAROL = ("carol@acme.test", "Carol Cole")
CHARLIE = ("charlie@elsewhere.test", "Charlie Chase")


def new_installation(url: str, folder: Path) -> None:
    """Set a database up as `coffer init` does."""
    app = create_app(database_url=url, instance=folder)
    with app.app_context():
        run_migrations(app)
        ship_catalogue()
        migrate_plugins(installed())
        db.session.remove()
        db.engine.dispose()


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_collection_finish() -> None:
    """Look for garbage more rarely: what thousands of tests are made of stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def entry_points_read_once() -> Iterator[None]:
    """Read what is installed once for each search path: no test installs a package in mid-run."""

    @cache
    def read(group: str, _path: tuple[str, ...]) -> EntryPoints:
        return entry_points(group=group)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(finding, "entry_points", lambda group: read(group, tuple(sys.path)))
        yield


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with little work: that the real ones are slow is what they are for."""
    monkeypatch.setattr(hash_password, "hasher", QUICK)


# The fixtures whose people are in the database from the start, and what puts them there. The
# database is filled once and copied, since filling it takes longer than most tests.
SCENES: dict[str, Callable[[], object]] = {}


def scene_of(request: pytest.FixtureRequest) -> str:
    """Name the scene that the test asks for, if it is one of those that are copied."""
    return next((name for name in SCENES if name in request.fixturenames), "")


def new_scene(url: str, folder: Path, scene: str) -> None:
    """Set a database up, with a scene's people in it."""
    new_installation(url, folder)
    if not scene:
        return
    app = create_app(database_url=url, instance=folder)
    with app.app_context(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(hash_password, "hasher", QUICK)
        SCENES[scene]()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the run one SQLite database of each scene to copy from."""

    @cache
    def template(scene: str) -> Path:
        folder = tmp_path_factory.mktemp("sqlite-template")
        new_scene(f"sqlite:///{folder}/coffer.db", folder, scene)
        return folder / "coffer.db"

    return template


@pytest.fixture(scope="session")
def sqlite_template(sqlite_templates: Callable[[str], Path]) -> Path:
    """Give the run one empty SQLite database to copy from."""
    return sqlite_templates("")


@pytest.fixture(scope="session")
def postgres_templates(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Give the run one PostgreSQL database of each scene to copy from."""

    @cache
    def template(scene: str) -> str:
        folder = tmp_path_factory.mktemp("postgres-template")
        name = f"coffer_{scene}" if scene else "coffer"
        return postgres.create_template(name, lambda url: new_scene(url, folder, scene))

    return template


@pytest.fixture
def sqlite_url(
    request: pytest.FixtureRequest, sqlite_templates: Callable[[str], Path], tmp_path: Path
) -> str:
    """Give a test a SQLite database of its own."""
    shutil.copy(sqlite_templates(scene_of(request)), tmp_path / "coffer.db")
    return f"sqlite:///{tmp_path}/coffer.db"


@pytest.fixture
def postgresql_url(
    request: pytest.FixtureRequest,
    postgres: PostgresServer,
    postgres_templates: Callable[[str], str],
) -> Iterator[str]:
    """Give a test a PostgreSQL database of its own."""
    from tests.servers.fixtures import temporary_database

    with temporary_database(postgres, postgres_templates(scene_of(request))) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Run the test once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def settings() -> dict[str, object]:
    """Override in a module or class to run the application with other settings."""
    return {}


@pytest.fixture(scope="session")
def portals() -> dict[str, Flask]:
    """The portals that this process has built, by the kind of their database and the settings."""
    return {}


@pytest.fixture
def build(portals: dict[str, Flask], settings: dict[str, object]) -> Callable[..., Flask]:
    """Give the portal. Its doors take long to build and are the same for every installation.

    They are built once for each choice of settings, and stand before another installation in
    each test.
    """

    def give(**overrides: Any) -> Flask:
        kind = str(overrides["database_url"]).partition(":")[0] + repr(sorted(settings.items()))
        if kind not in portals:
            portals[kind] = create_app(**overrides)
        else:
            move(portals[kind], read_settings(**overrides))
        return portals[kind]

    return give


def move(app: Flask, settings: Settings) -> None:
    """Put a portal before another installation."""
    config = flask_config(settings)
    app.config.from_mapping(config)
    options = config["SQLALCHEMY_ENGINE_OPTIONS"]
    with app.app_context():
        db.engines[None] = create_engine(settings.database_url, **options)
    furnish(app, settings)
    app.extensions[COUNTER] = RateLimit(settings)
    limiter.reset()


# Of each kind of database an engine that has been connected, whose compiled statements all share.
SPEAKERS: dict[str, Engine] = {}


def speak(engine: Engine) -> None:
    """Let an engine use the statements that others have compiled, for databases of its kind.

    They are kept for a dialect; with one for each test, compiling the same ones anew would be
    most of a test's work.
    """
    if former := SPEAKERS.get(engine.dialect.name):
        engine.dialect = engine.pool._dialect = former.dialect
        engine._compiled_cache = former._compiled_cache


def learn_from(engine: Engine) -> None:
    """Share what an engine has compiled, once its dialect has met a database."""
    if engine.dialect.server_version_info:
        SPEAKERS.setdefault(engine.dialect.name, engine)


@pytest.fixture
def app(
    build: Callable[..., Flask], database_url: str, tmp_path: Path, settings: dict[str, object]
) -> Iterator[Flask]:
    """Give the test the portal, with a clock that stands at START and an application context."""
    flask_app = build(
        database_url=database_url,
        instance=tmp_path,
        **{
            "sign_in_rate_limit": "10000/minute",
            "rate_limit_per_token": "100000/minute",
            **settings,
        },
    )
    flask_app.testing = True
    flask_app.extensions["coffer"].clock.set(START)
    with flask_app.app_context():
        spare_the_disk(db.engine)
        speak(db.engine)
        yield flask_app
        db.session.remove()
        learn_from(db.engine)
        db.engine.dispose()


def spare_the_disk(engine: Engine) -> None:
    """Let SQLite wait for no disk, to be quick, as PostgreSQL doesn't; crashes are tested apart."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def clock(app: Flask) -> Clock:
    """The clock of the portal under test; `clock.set(...)` moves it."""
    found: Clock = app.extensions["coffer"].clock
    return found


@pytest.fixture
def later(clock: Clock) -> Callable[..., datetime]:
    """Move the clock: `later(days=3)`; returns the new instant."""

    def move(**span: float) -> datetime:
        clock.set(clock.now() + timedelta(**span))
        return clock.now()

    return move


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


def person(email: str, name: str) -> Person:
    """A person with a proved address and the password PASSWORD, made unless they are there."""
    found = person_by_email(email)
    return found or create_person(email, name, PASSWORD, START, verified=True)


@pytest.fixture
def alice(app: Flask) -> Person:
    """Owns Acme."""
    return person(*ALICE)


@pytest.fixture
def bob(app: Flask) -> Person:
    """Is a member of Acme."""
    return person(*BOB)


@pytest.fixture
def carol(app: Flask) -> Person:
    """Is an admin of Acme."""
    return person(*CAROL)


@pytest.fixture
def charlie(app: Flask) -> Person:
    """Is outside."""
    return person(*CHARLIE)


@dataclass(frozen=True)
class Acme:
    """A workspace with everybody in it but Charlie."""

    account: Account
    alice: Person
    bob: Person
    carol: Person
    charlie: Person


def start_acme() -> None:
    """Let Alice start Acme with everybody in it but Charlie."""
    for someone in (ALICE, BOB, CAROL, CHARLIE):
        person(*someone)
    start_workspace(ALICE[0], "acme", "Acme", "business", START, START)
    add_member("acme", BOB[0], Role.MEMBER, START)
    add_member("acme", CAROL[0], Role.ADMIN, START)


SCENES["acme_scene"] = start_acme


@pytest.fixture
def acme_scene() -> None:
    """Ask for a database in which Acme has been started."""


@pytest.fixture
def acme(acme_scene: None, alice: Person, bob: Person, carol: Person, charlie: Person) -> Acme:
    """The workspace Acme on the Business plan, since START."""
    account = account_by_slug("acme")
    assert account is not None
    return Acme(account, alice, bob, carol, charlie)


@pytest.fixture
def service_token(app: Flask) -> str:
    """The text of a service token."""
    return make_service_token("platform", START)[1]


@pytest.fixture
def token_of(app: Flask) -> Callable[[Person], str]:
    """Make a personal token and return its text."""
    return lambda someone: make_personal_token(someone.id, "test", START, None)[1]
