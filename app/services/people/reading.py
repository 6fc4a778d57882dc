"""VERBS: tell how somebody reads instants and numbers, and let them choose."""

from __future__ import annotations

from app.domain.reading import Reading, reading_from
from app.services.audit.note import note
from app.store import readings
from app.store.accounts import personal_account
from app.store.database import transaction
from app.store.people import lock_person


def reading_of(person_id: int) -> Reading:
    """Tell how a person reads."""
    return readings.reading_of(person_id)


def choose_reading(person_id: int, zone: str, numbers: str) -> Reading:
    """Choose a time zone and a way to write numbers; `InvalidRequest` for what there is not."""
    chosen = reading_from(zone, numbers)
    with transaction():
        lock_person(person_id)
        before = readings.reading_of(person_id)
        readings.keep_reading(person_id, chosen)
        place = personal_account(person_id).id
        said = [{"zone": each.zone, "numbers": each.numbers.value} for each in (before, chosen)]
        note("person.reads", place, before=said[0], after=said[1], by=person_id)
    return chosen
