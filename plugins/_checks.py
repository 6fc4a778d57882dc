"""Checks of a sign-in as they are made: each is noted, the first that fails ends the judgement.

Both bundled SSO plugins judge with them.
"""

from __future__ import annotations

from app.hookspecs import Check


class Failed(Exception):  # noqa: N818 - an answer that is not accepted
    """A check failed; its name never changes, its words are for an administrator."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.check = Check(name, passed=False, words=words)


class Checks:
    """The checks that one answer passed so far."""

    def __init__(self) -> None:
        self._passed: dict[str, Check] = {}

    def passed(self, name: str, words: str) -> None:
        """Note a check that passed."""
        self._passed[name] = Check(name, passed=True, words=words)

    def require(self, name: str, holds: object, good: str, bad: str) -> None:
        """Note a check that passed, or raise `Failed`."""
        if not holds:
            raise Failed(name, bad)
        self.passed(name, good)

    @property
    def all(self) -> tuple[Check, ...]:
        """All that passed, in order."""
        return tuple(self._passed.values())

    def with_failed(self, failed: Check) -> tuple[Check, ...]:
        """All that passed, and the one that failed at the end."""
        return (*(check for check in self.all if check.name != failed.name), failed)


def shown(text: object) -> str:
    """Quote what came from elsewhere, at a length that can be read."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return f"“{plain[:200]}”" if text is not None else "nothing"
