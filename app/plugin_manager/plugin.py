"""A plugin that was found: how it stands in this process, what it can do, how long it takes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from app.hookspecs import SettingField

MOST_CALLS_AT_ONCE = 8
FAILURES_TO_QUARANTINE = 3
MOST_REMEMBERED = 20


class PluginState(StrEnum):
    """How a plugin stands in this process."""

    ON = "on"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


class Hook(NamedTuple):
    """A plugin's implementation of a hook, and the arguments that it takes."""

    function: Callable[..., Any]
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """What came of a call instead of an answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeftAlone(Failed):
    """Nobody waited for the answer any more. That is no failure of the plugin's."""


class NotUsable(Exception):  # noqa: N818 - the reason why a plugin is refused
    """The plugin can't be used; the text says why, for its author."""


@dataclass(slots=True)
class Timing:
    """How often a hook was called, and how long that took, in seconds."""

    calls: int = 0
    failures: int = 0
    total: float = 0.0
    longest: float = 0.0

    def add(self, seconds: float, *, failed: bool) -> None:
        """Count one call."""
        self.calls += 1
        self.failures += failed
        self.total += seconds
        self.longest = max(self.longest, seconds)


@dataclass(frozen=True, slots=True)
class WouldHave:
    """What a plugin in shadow mode answered, and about what, in words."""

    at: datetime
    hook: str
    about: str
    answer: str


@dataclass(slots=True)
class Shadow:
    """What a plugin in shadow mode answered so far: how often what, and the last answers."""

    counts: dict[str, int] = field(default_factory=dict)
    last: deque[WouldHave] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED))

    def add(self, kind: str, answer: WouldHave) -> None:
        """Count an answer of that kind and remember it."""
        key = f"{answer.hook}: {kind}"
        self.counts[key] = self.counts.get(key, 0) + 1
        self.last.append(answer)


def _some_at_once() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(MOST_CALLS_AT_ONCE)


@dataclass(slots=True)
class Plugin:
    """A plugin that was found. `reason` says why it is refused or in quarantine.

    `warnings` are the deprecations that it rests on. `templates` and `migrations` are folders.
    `tables_ready` when its tables were seen at their newest revision; else `tables_problem` says
    what was seen. `kept` is what its registration hooks brought. `releases` counts how often the
    operator let it out of quarantine, as seen by this process. `slots` bound how many calls are at
    work at once; those with a longer time box have their own, so that deciders never wait for
    them, and so have those that take minutes (`long_slots`).
    """

    name: str
    version: str
    summary: str
    origin: str
    state: PluginState
    reason: str | None = None
    last_error: str | None = None
    failed_calls: int = 0
    failed_calls_noticed: int = 0
    failed_at: datetime | None = None
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    fields: tuple[SettingField, ...] = ()
    templates: Path | None = None
    migrations: Path | None = None
    conformance: str | None = None
    tables_ready: bool = False
    tables_problem: str | None = None
    warnings: tuple[str, ...] = ()
    timings: dict[str, Timing] = field(default_factory=dict)
    shadow: Shadow = field(default_factory=Shadow)
    kept: dict[str, Any] = field(default_factory=dict)
    failures_in_a_row: int = 0
    releases: int = 0
    registering: threading.Lock = field(default_factory=threading.Lock)
    slots: threading.BoundedSemaphore = field(default_factory=_some_at_once)
    slow_slots: threading.BoundedSemaphore = field(default_factory=_some_at_once)
    long_slots: threading.BoundedSemaphore = field(default_factory=_some_at_once)

    def note(
        self, what: str, seconds: float, failure: Failed | None, *, harmless: bool = False
    ) -> None:
        """Count a call; repeated failure puts the plugin in quarantine, unless it is harmless."""
        self.timings.setdefault(what, Timing()).add(seconds, failed=failure is not None)
        if failure is not None:
            self.last_error = f"{what}: {failure.reason}"
            self.failed_calls += 1
        if harmless:
            return
        self.failures_in_a_row = 0 if failure is None else self.failures_in_a_row + 1
        if self.failures_in_a_row >= FAILURES_TO_QUARANTINE and self.state is PluginState.ON:
            self.state, self.reason = PluginState.QUARANTINED, self.last_error

    def notice_failures(self, now: datetime) -> None:
        """Remember when it failed last, by one who looks now and then and has a clock."""
        if self.failed_calls != self.failed_calls_noticed:
            self.failed_calls_noticed, self.failed_at = self.failed_calls, now

    def release(self, releases: int) -> None:
        """Leave quarantine if the operator let it out since this process looked last."""
        if releases != self.releases:
            self.releases, self.failures_in_a_row = releases, 0
            if self.state is PluginState.QUARANTINED:
                self.state, self.reason = PluginState.ON, None

    def refuse(self, reason: str) -> None:
        """Take it out of use, for a reason that is no failure of a call."""
        self.state, self.reason = PluginState.REFUSED, reason
