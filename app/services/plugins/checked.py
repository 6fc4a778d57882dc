"""VERBS: keep what came of a plugin's last check, and show it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from app.store.database import transaction
from app.store.plugin_health import PluginCheckRow, check_row, put_check

LONGEST_WORDS = 4_000


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was checked. `passed` is None for what was left out, with the reason."""

    what: str
    passed: bool | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: it passed if nothing failed."""

    plugin: str
    version: str
    at: datetime
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Tell whether nothing failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Result, ...]:
        """What failed."""
        return tuple(result for result in self.results if result.passed is False)

    @property
    def left_out(self) -> tuple[Result, ...]:
        """What was not checked, each with the reason."""
        return tuple(result for result in self.results if result.passed is None)


def keep_check(checked: Checked) -> None:
    """Keep the result in place of the one before."""
    with transaction():
        put_check(
            PluginCheckRow(
                plugin=checked.plugin,
                version=checked.version,
                at=checked.at,
                passed=checked.passed,
                results=[asdict(result) for result in checked.results],
            )
        )


def last_check(plugin: str) -> Checked | None:
    """Give the last result; None when the plugin was never checked."""
    row = check_row(plugin)
    if row is None:
        return None
    results = tuple(Result(**each) for each in row.results)
    return Checked(row.plugin, row.version, row.at, results)
