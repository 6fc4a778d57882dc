"""Notices: which pool was looked at for which mail, once, and who does not want such mails."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, Instant, choice
from app.store.people import Person


class NoticeKind(StrEnum):
    """A mail that time brings about."""

    EXPIRING = "expiring"
    STATEMENT = "statement"


class Notice(Base):
    """A pool was looked at for a mail about what happens at an instant; the key makes it once."""

    __tablename__ = "notices"

    pool: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind), primary_key=True)
    about: Mapped[datetime] = mapped_column(Instant, primary_key=True)


class UnwantedMail(Base):
    """A person does not want mails of a kind."""

    __tablename__ = "unwanted_mails"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind), primary_key=True)
