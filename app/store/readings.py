"""How people read instants and numbers; who never chose has no row."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.reading import EVERYBODY, NumberStyle, Reading
from app.store.database import Base, BigKey, choice, db
from app.store.people import Person


class ReadingRow(Base):
    """What one person chose. `zone` is a name of the IANA database."""

    __tablename__ = "readings"

    person_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey(Person.id), primary_key=True, autoincrement=False
    )
    zone: Mapped[str] = mapped_column(String(64))
    numbers: Mapped[NumberStyle] = mapped_column(choice(NumberStyle))


def reading_of(person_id: int) -> Reading:
    """Tell how a person reads; as everybody does who chose nothing."""
    row = db.session.get(ReadingRow, person_id)
    return Reading(row.zone, row.numbers) if row else EVERYBODY


def keep_reading(person_id: int, reading: Reading) -> None:
    """Write what a person chose, inside a running transaction that has their row."""
    db.session.merge(ReadingRow(person_id=person_id, zone=reading.zone, numbers=reading.numbers))
