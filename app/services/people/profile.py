"""VERB: change one's own name."""

from __future__ import annotations

from app.domain.name import name_from
from app.services.audit.note import note
from app.store.accounts import personal_account
from app.store.database import transaction
from app.store.people import Person, lock_person


def rename_person(person_id: int, name: str) -> Person:
    """Change a person's name, and that of the personal account while both are the same."""
    tidy_name = name_from(name)
    with transaction():
        person = lock_person(person_id)
        account = personal_account(person_id)
        if account.name == person.name:
            account.name = tidy_name
        before, after = {"name": person.name}, {"name": tidy_name}
        note("person.renamed", account.id, before=before, after=after, by=person_id)
        person.name = tidy_name
    return person
