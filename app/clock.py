"""The clock: the one place where time is read. Doors and jobs ask it and pass `now` on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time in UTC, shifted by a fixed span when the installation asks for it."""

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self._shift = shift
        self._fixed: datetime | None = None

    def now(self) -> datetime:
        """Tell the present instant."""
        return self._fixed or datetime.now(UTC) + self._shift

    def set(self, instant: datetime | None) -> None:
        """Stop at that instant, for tests and for history told afterwards; None runs again."""
        if instant is not None and instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._fixed = instant and instant.astimezone(UTC)
