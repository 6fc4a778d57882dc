"""What the outbox asks of a consumer: a name for ever, and to take one message at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from app.store.outbox import Message


class Consumer(Protocol):
    """Somebody who is told what happened, at least once and in order for each pool."""

    @property
    def name(self) -> str:
        """Its name in the outbox, such as `plugin:journal`."""

    def listens(self, now: datetime) -> bool:
        """Tell whether it can be told anything now; what it is owed waits until it can."""

    def take(self, message: Message, now: datetime) -> str | None:
        """Take a message; what went wrong comes back in words, and then it is told again."""
