"""Sites: what of an app is on the web, its releases, their files, and what visitors may spend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.app_file import LONGEST_PATH, Entries
from app.store.accounts import Account
from app.store.app_files import DIGEST, AppVersionFile, FileContent
from app.store.apps import App
from app.store.database import Base, BigKey, Instant, add, db, read_connection
from app.store.people import Person


class Site(Base):
    """The site of an app. `name` is its address, for ever; `live` the number of a release.

    Visitors may spend `ai_credits` a day together by calls of AI models, and each of them
    `ai_visitor_credits` and `ai_calls` a minute. 0 credits is off.
    """

    __tablename__ = "sites"
    __table_args__ = (
        CheckConstraint("ai_credits >= 0 AND ai_visitor_credits > 0", name="ai_credits"),
        CheckConstraint("ai_calls > 0", name="ai_calls"),
    )

    app_id: Mapped[int] = mapped_column(ForeignKey(App.id), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(63), unique=True)
    live: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    ai_credits: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    ai_visitor_credits: Mapped[int] = mapped_column(BigInteger, default=5, server_default="5")
    ai_calls: Mapped[int] = mapped_column(default=10, server_default="10")


class SiteRelease(Base):
    """A version that was put on the web. `key` names the action that did it, once for ever.

    Where a runner put it somewhere else, `address` says where, and it has no files here.
    """

    __tablename__ = "site_releases"

    app_id: Mapped[int] = mapped_column(
        ForeignKey(Site.app_id), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    version: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    address: Mapped[str | None] = mapped_column(String(2000))
    files: Mapped[int]
    size: Mapped[int]

    by: Mapped[Person | None] = relationship(lazy="joined")


class SiteFile(Base):
    """A file of a release; what is in it is kept with the files of the app's versions."""

    __tablename__ = "site_files"
    __table_args__ = (
        ForeignKeyConstraint(["app_id", "number"], [SiteRelease.app_id, SiteRelease.number]),
        ForeignKeyConstraint(["app_id", "digest"], [FileContent.app_id, FileContent.digest]),
    )

    app_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(LONGEST_PATH), primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST)


class OnTheWeb(NamedTuple):
    """What is on the web under a name, and the digests of the files that were asked for."""

    app_id: int
    account_id: int
    live: int | None
    address: str | None
    digests: dict[str, str]


def site_of_app(app_id: int, *, lock: bool = False) -> Site | None:
    """Find an app's site, and take its row until the transaction ends if asked to."""
    statement = select(Site).where(Site.app_id == app_id)
    return db.session.scalar(statement.with_for_update() if lock else statement)


def site_named(name: str) -> Site | None:
    """Find the site of an app that is there, by its name."""
    statement = (
        select(Site)
        .join(App, App.id == Site.app_id)
        .join(Account, Account.id == App.account_id)
        .where(Site.name == name, App.deleted_at.is_(None), Account.deleted_at.is_(None))
    )
    return db.session.scalar(statement)


def on_the_web(name: str, paths: Iterable[str]) -> OnTheWeb | None:
    """Look a name and some of its live files up, in one statement; None where nothing can be."""
    live = and_(SiteRelease.app_id == Site.app_id, SiteRelease.number == Site.live)
    files = and_(
        SiteFile.app_id == Site.app_id,
        SiteFile.number == Site.live,
        SiteFile.path.in_(list(paths)),
    )
    columns = (Site.app_id, App.account_id, Site.live, SiteRelease.address)
    statement = (
        select(*columns, SiteFile.path, SiteFile.digest)
        .join(App, App.id == Site.app_id)
        .join(Account, Account.id == App.account_id)
        .outerjoin(SiteRelease, live)
        .outerjoin(SiteFile, files)
        .where(Site.name == name, App.deleted_at.is_(None), Account.deleted_at.is_(None))
    )
    with read_connection() as connection:
        rows = connection.execute(statement).all()
    if not rows:
        return None
    digests = {row.path: row.digest for row in rows if row.path is not None}
    first = rows[0]
    return OnTheWeb(first.app_id, first.account_id, first.live, first.address, digests)


def content_of(app_id: int, digest: str) -> bytes | None:
    """Read what is in a file."""
    statement = select(FileContent.content).where(
        FileContent.app_id == app_id, FileContent.digest == digest
    )
    with read_connection() as connection:
        return connection.scalar(statement)


def release_by_key(key: str) -> SiteRelease | None:
    """Find the release that an action made."""
    return db.session.scalar(select(SiteRelease).where(SiteRelease.key == key))


def release_at(app_id: int, number: int) -> SiteRelease | None:
    """Find a release by its number."""
    return db.session.get(SiteRelease, (app_id, number))


def releases_of(app_id: int) -> list[SiteRelease]:
    """List a site's releases, the newest first."""
    statement = select(SiteRelease).where(SiteRelease.app_id == app_id)
    return list(db.session.scalars(statement.order_by(SiteRelease.number.desc())))


def last_number(app_id: int) -> int:
    """The number of the newest release; 0 for none."""
    statement = select(func.max(SiteRelease.number)).where(SiteRelease.app_id == app_id)
    return db.session.scalar(statement) or 0


def add_release(release: SiteRelease, entries: Entries, contents: Mapping[str, bytes]) -> None:
    """Write a release; of `contents`, by digest, what the app has already is not written again."""
    app_id = release.app_id
    add(release)
    there = set(db.session.scalars(select(FileContent.digest).where(FileContent.app_id == app_id)))
    for digest in sorted(contents.keys() - there):
        row = {"app_id": app_id, "digest": digest, "content": contents[digest]}
        db.session.execute(insert(FileContent), row)
    rows = [
        {"app_id": app_id, "number": release.number, "path": path, "digest": entry.digest}
        for path, entry in entries.items()
    ]
    if rows:
        db.session.execute(insert(SiteFile), rows)


def forget_releases(app_id: int, numbers: Iterable[int]) -> None:
    """Forget releases; the versions that they were made of stay."""
    gone = list(numbers)
    for table in (SiteFile, SiteRelease):
        statement = delete(table).where(table.app_id == app_id, table.number.in_(gone))
        db.session.execute(statement, execution_options={"synchronize_session": False})


def erase_files_gone_before(instant: datetime) -> None:
    """Erase what was in the files of apps that were deleted, or whose account was, before that.

    Who saved or published which version, when and why stays.
    """
    is_gone = or_(App.deleted_at < instant, Account.deleted_at < instant)
    gone = select(App.id).join(Account, Account.id == App.account_id).where(is_gone)
    for table in (AppVersionFile, SiteFile, FileContent):  # what refers to contents goes first
        db.session.execute(delete(table).where(table.app_id.in_(gone)))
