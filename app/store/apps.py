"""Apps, which belong to an account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, db
from app.store.people import Person


class App(Base):
    """Something that a team builds. It stays with its account when its creator leaves."""

    __tablename__ = "apps"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")
    created_by: Mapped[Person] = relationship(lazy="joined")


def app_by_id(app_id: int) -> App | None:
    """Find an app, deleted ones too."""
    return db.session.get(App, app_id)


def apps_of(account_id: int) -> list[App]:
    """List an account's apps by name."""
    statement = select(App).where(App.account_id == account_id, App.deleted_at.is_(None))
    return list(db.session.scalars(statement.order_by(App.name, App.id)))


def apps_sought(account_id: int, search: str, limit: int, after: App | None) -> list[App]:
    """List an account's apps by name, from the one after `after`, that have the words in them."""
    statement = select(App).where(App.account_id == account_id, App.deleted_at.is_(None))
    if search:
        both = App.name + "\n" + App.description
        statement = statement.where(both.icontains(search, autoescape=True))
    if after is not None:
        later = and_(App.name == after.name, App.id > after.id)
        statement = statement.where(or_(App.name > after.name, later))
    return list(db.session.scalars(statement.order_by(App.name, App.id).limit(limit)))


def count_apps(account_id: int) -> int:
    """Count an account's apps."""
    statement = select(func.count()).where(App.account_id == account_id, App.deleted_at.is_(None))
    return db.session.scalars(statement).one()
