"""VERB: look people, accounts, apps, tokens and prices up, quickly and never out of date.

A process keeps what it read in a view that belongs to one version of the directory. The money
path refuses what was looked up under another version (`Outdated`); then one looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from app.domain.ai_model import AiModel
from app.domain.ai_terms import NO_TERMS, Terms
from app.domain.catalogue import Catalogue
from app.domain.grant import Source
from app.domain.limit import Limit
from app.domain.refusals import Refusal
from app.domain.role import Role
from app.store.ai_models import read_models
from app.store.ai_purses import read_terms
from app.store.catalogue import read_catalogue
from app.store.database import current_engine
from app.store.directory import (
    AccountFacts,
    AppFacts,
    PersonFacts,
    TokenFacts,
    read_account,
    read_app,
    read_payers,
    read_person,
    read_role,
    read_token,
    read_version,
)
from app.store.keyed_rows import read_grants
from app.store.limits import read_limits
from app.store.plugins import PluginFacts, read_plugins
from app.store.webhooks import Wishes, read_wishes

T = TypeVar("T")
MOST_KEPT = 200_000
MOST_TRIES = 5

# The source and expiry of grants by (pool, number): they never change.
GrantFacts = dict[tuple[int, int], tuple[Source, datetime | None]]


class Outdated(Refusal):
    """Names, rights or prices changed since they were looked up: look again. Never leaves here."""

    code, title = "outdated", "Look it up again"


class View:
    """The directory as it is under one version. Nothing in it ever changes; it is thrown away.

    What is known of `grants` outlives it.
    """

    def __init__(
        self,
        version: int,
        plugins: dict[str, PluginFacts],
        webhooks: Wishes,
        catalogue: Catalogue,
        until: datetime | None,
        grants: GrantFacts,
    ) -> None:
        self.version = version
        self.plugins = plugins
        self.webhooks = webhooks
        self.catalogue = catalogue
        self.until = until
        self._grants = grants
        self._kept: dict[tuple[Any, ...], Any] = {}

    def token(self, token_hash: str) -> TokenFacts | None:
        """Find a standing token."""
        return self._keep(("token", token_hash), lambda c: read_token(c, token_hash))

    def account(self, slug: str) -> AccountFacts | None:
        """Find an account by slug, unless it is deleted."""
        return self._keep(("slug", slug), lambda c: read_account(c, slug=slug))

    def account_by_id(self, account_id: int) -> AccountFacts | None:
        """Find an account by id, deleted ones too."""
        return self._keep(("account", account_id), lambda c: read_account(c, account_id=account_id))

    def person(self, person_id: int) -> PersonFacts | None:
        """Find a person by id."""
        return self._keep(("person", person_id), lambda c: read_person(c, person_id=person_id))

    def person_by_email(self, email: str) -> PersonFacts | None:
        """Find a person by address."""
        return self._keep(("email", email), lambda c: read_person(c, email=email))

    def role(self, account_id: int, person_id: int) -> Role | None:
        """Find a person's role in an account."""
        key = ("role", account_id, person_id)
        return self._keep(key, lambda c: read_role(c, account_id, person_id))

    def payers(self, account_id: int) -> list[str]:
        """The addresses of those who can top the account's pool up: its owner."""
        return self._keep(("payers", account_id), lambda c: read_payers(c, account_id)) or []

    def app(self, app_id: int) -> AppFacts | None:
        """Find an app, deleted ones too."""
        return self._keep(("app", app_id), lambda c: read_app(c, app_id))

    def limits(self, account_id: int) -> tuple[Limit, ...]:
        """The limits of an account; most have none."""
        return self._keep(("limits", account_id), lambda c: read_limits(c, account_id)) or ()

    def ai_models(self) -> dict[str, AiModel]:
        """The AI models that are offered, by name."""
        return self._keep(("ai models",), read_models) or {}

    def ai_terms(self, subject: str) -> Terms:
        """What is set for a key or a site at the AI proxy."""
        return self._keep(("ai terms", subject), lambda c: read_terms(c, subject)) or NO_TERMS

    def grants(
        self, pool: int, numbers: Iterable[int]
    ) -> dict[int, tuple[Source, datetime | None]]:
        """The source and expiry of grants, which never change, by number."""
        wanted = list(numbers)
        missing = [(pool, n) for n in wanted if (pool, n) not in self._grants]
        if missing:
            if len(self._grants) > MOST_KEPT:
                self._grants.clear()
            with current_engine().connect() as connection:
                found = read_grants(connection, missing)
            self._grants.update(
                {key: (grant.source, grant.expires_at) for key, grant in found.items()}
            )
        return {number: self._grants[pool, number] for number in wanted}

    def remember(self, key: str, make: Callable[[], T]) -> T:
        """Make something once, for as long as this view lives."""
        if (key,) not in self._kept:
            self._kept[(key,)] = make()
        made: T = self._kept[(key,)]
        return made

    def is_current(self, now: datetime) -> bool:
        """Tell whether no price was to change since this view began."""
        return self.until is None or now < self.until

    def _keep(self, key: tuple[Any, ...], read: Callable[[Any], T | None]) -> T | None:
        found: T | None = self._kept.get(key)
        if found is None:
            with current_engine().connect() as connection:
                if read_version(connection) != self.version:
                    raise Outdated("The directory changed.")
                found = read(connection)
            if found is not None and len(self._kept) < MOST_KEPT:
                self._kept[key] = found
        return found


class Directory:
    """What one process knows of one database."""

    def __init__(self) -> None:
        self._view: View | None = None
        self._grants: GrantFacts = {}

    def view(self, now: datetime) -> View:
        """The view last read; the money path finds out if it is out of date."""
        view = self._view
        return view if view is not None and view.is_current(now) else self.fresh(now)

    def fresh(self, now: datetime) -> View:
        """The view of the present version: read anew only if the version rose."""
        with current_engine().connect() as connection:
            version = read_version(connection)
            view = self._view
            if view is None or view.version != version or not view.is_current(now):
                plugins, catalogue = read_plugins(connection), read_catalogue(connection, now)
                wishes = read_wishes(connection)
                view = self._view = View(version, plugins, wishes, *catalogue, self._grants)
        return view

    def catalogue(self, now: datetime) -> Catalogue:
        """Plans, prices and packs as they are at `now`, whoever changed them."""
        return self.fresh(now).catalogue


_directories: WeakKeyDictionary[Any, Directory] = WeakKeyDictionary()


def directory() -> Directory:
    """The directory of the current application's database."""
    engine = current_engine()
    return _directories.get(engine) or _directories.setdefault(engine, Directory())


def looked_up(work: Callable[[View], T], now: datetime) -> T:
    """Do work that looks names up; when the directory changed under it, do it again."""
    for _ in range(MOST_TRIES - 1):
        try:
            return work(directory().view(now))
        except Outdated:
            directory().fresh(now)
    return work(directory().fresh(now))
