"""VERB: put the shipped catalogue in place, once, when an installation begins."""

from __future__ import annotations

from app.services.audit.note import note
from app.store.catalogue import add_shipped_catalogue, has_catalogue
from app.store.database import transaction
from app.store.directory import ensure_directory


def ship_catalogue() -> None:
    """Give a new installation its plans, prices and packs; leave an existing catalogue alone."""
    with transaction():
        ensure_directory()
        if not has_catalogue():
            add_shipped_catalogue()
            note("catalogue.shipped", None)
