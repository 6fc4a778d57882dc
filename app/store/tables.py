"""All tables at once, for the migrations: importing this module makes the metadata complete."""

from __future__ import annotations

from app.store import (
    accounts,
    apps,
    catalogue,
    directory,
    invitations,
    mails,
    people,
    pools,
    subscriptions,
    tokens,
)
from app.store.database import Base

MODULES = (
    accounts,
    apps,
    catalogue,
    directory,
    invitations,
    mails,
    people,
    pools,
    subscriptions,
    tokens,
)

metadata = Base.metadata
