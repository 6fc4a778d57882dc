"""VERBS: which of the mails that time brings about a person wants; all of them unless said."""

from __future__ import annotations

from collections.abc import Collection

from app.domain.notice import NoticeKind
from app.store.database import transaction
from app.store.notices import refuse_mails, unwanted_mails


def wanted_mails(person_id: int) -> set[NoticeKind]:
    """Tell which mails a person gets."""
    return set(NoticeKind) - unwanted_mails(person_id)


def choose_mails(person_id: int, wanted: Collection[NoticeKind]) -> None:
    """Switch mails on and off."""
    with transaction():
        refuse_mails(person_id, [kind for kind in NoticeKind if kind not in wanted])
