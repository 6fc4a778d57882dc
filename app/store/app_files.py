"""Files of apps, in versions that never change. What is in a file is kept once per app."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.app_file import LONGEST_PATH, LONGEST_WHY, Entries, Entry, Origin
from app.store.apps import App
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person

DIGEST = String(64)
CHUNK = 400  # of values in one IN; SQLite has a bound of its own


class FileContent(Base):
    """What is in files of one app, by its SHA-256."""

    __tablename__ = "file_contents"

    app_id: Mapped[int] = mapped_column(ForeignKey(App.id), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class AppVersion(Base):
    """One version of an app's files, numbered 1, 2, 3 … without gaps."""

    __tablename__ = "app_versions"

    app_id: Mapped[int] = mapped_column(ForeignKey(App.id), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    why: Mapped[str] = mapped_column(String(LONGEST_WHY))
    origin: Mapped[Origin] = mapped_column(choice(Origin))
    restored_from: Mapped[int | None]
    file_count: Mapped[int]
    size: Mapped[int]

    by: Mapped[Person] = relationship(lazy="joined")

    @property
    def email(self) -> str:
        """The address of who made it."""
        return self.by.email


class AppVersionFile(Base):
    """One file of one version."""

    __tablename__ = "app_version_files"
    __table_args__ = (
        ForeignKeyConstraint(["app_id", "number"], [AppVersion.app_id, AppVersion.number]),
        ForeignKeyConstraint(["app_id", "digest"], [FileContent.app_id, FileContent.digest]),
    )

    app_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(LONGEST_PATH), primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST)
    size: Mapped[int]


def lock_app(app_id: int) -> App | None:
    """Take an app until the transaction ends, so that its versions are numbered in turn."""
    statement = select(App).where(App.id == app_id)
    return db.session.scalars(statement.with_for_update(of=App, key_share=True)).first()


def latest_number(app_id: int) -> int:
    """The number of an app's last version; 0 when it has none yet."""
    statement = select(func.max(AppVersion.number)).where(AppVersion.app_id == app_id)
    return db.session.scalar(statement) or 0


def version_row(app_id: int, number: int) -> AppVersion | None:
    """Find a version."""
    return db.session.get(AppVersion, (app_id, number))


def versions_before(app_id: int, before: int | None, limit: int) -> list[AppVersion]:
    """List an app's versions, the latest first, from the one before the number `before`."""
    statement = select(AppVersion).where(AppVersion.app_id == app_id)
    if before is not None:
        statement = statement.where(AppVersion.number < before)
    return list(db.session.scalars(statement.order_by(AppVersion.number.desc()).limit(limit)))


def entries_of(app_id: int, number: int) -> dict[str, Entry]:
    """The files of a version by path, in the order of paths; none for a version that is none."""
    statement = select(AppVersionFile.path, AppVersionFile.digest, AppVersionFile.size).where(
        AppVersionFile.app_id == app_id, AppVersionFile.number == number
    )
    found = {row.path: Entry(row.digest, row.size) for row in db.session.execute(statement)}
    return dict(sorted(found.items()))


def contents_of(app_id: int, digests: Iterable[str]) -> dict[str, bytes]:
    """What is in files, by digest."""
    return {
        digest: content
        for part in _parts(digests)
        for digest, content in db.session.execute(
            select(FileContent.digest, FileContent.content).where(
                FileContent.app_id == app_id, FileContent.digest.in_(part)
            )
        )
    }


def add_version_row(version: AppVersion, entries: Entries, contents: Mapping[str, bytes]) -> None:
    """Write a version; of `contents`, by digest, what the app has already is not written again."""
    session, app_id = db.session, version.app_id
    known = _known(app_id, contents)
    new = [
        {"app_id": app_id, "digest": digest, "content": content}
        for digest, content in contents.items()
        if digest not in known
    ]
    rows = [
        {
            "app_id": app_id,
            "number": version.number,
            "path": path,
            "digest": entry.digest,
            "size": entry.size,
        }
        for path, entry in entries.items()
    ]
    session.add(version)
    session.flush()
    if new:
        session.execute(insert(FileContent), new)
    if rows:
        session.execute(insert(AppVersionFile), rows)


def _known(app_id: int, digests: Iterable[str]) -> set[str]:
    return {
        digest
        for part in _parts(digests)
        for digest in db.session.scalars(
            select(FileContent.digest).where(
                FileContent.app_id == app_id, FileContent.digest.in_(part)
            )
        )
    }


def _parts(values: Iterable[str]) -> list[list[str]]:
    unique = sorted(set(values))
    return [unique[start : start + CHUNK] for start in range(0, len(unique), CHUNK)]
