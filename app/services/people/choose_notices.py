"""VERBS: of what a person wants to be told, in the page and by mail."""

from __future__ import annotations

from collections.abc import Collection

from app.domain.notification import Choice
from app.store.database import transaction
from app.store.notifications import choices_of, keep_choices


def chosen_notices(person_id: int) -> set[Choice]:
    """Tell of what a person is told, and by which ways."""
    return choices_of(person_id)


def choose_notices(person_id: int, wanted: Collection[Choice]) -> None:
    """Be told of this and of nothing else that can be chosen."""
    with transaction():
        keep_choices(person_id, wanted)
