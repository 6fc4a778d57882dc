"""VERBS: tell how the plugins fare in this process, and gather what all processes tell.

Each process writes its counters now and then, off the path of any request. One that was not
heard of for a while counts as ended; what it counted stays for a day.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from app.plugin_manager import Plugin, PluginState, Timing, WouldHave
from app.services.directory import View
from app.services.plugins.installed import installed, stand
from app.store.database import transaction
from app.store.plugin_health import PluginHealthRow, forget_health, health_rows, put_health

SILENT_AFTER = timedelta(minutes=3)
TELL_AT_LEAST_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=1)
MOST_REMEMBERED = 20


@dataclass(slots=True)
class PluginHealth:
    """How one plugin fares in all processes. `processes` are those that live and found it."""

    processes: int = 0
    quarantined: int = 0
    quarantine_reason: str | None = None
    last_error: str | None = None
    failed_at: datetime | None = None
    timings: dict[str, Timing] = field(default_factory=dict)
    shadow: dict[str, int] = field(default_factory=dict)
    would_have: list[WouldHave] = field(default_factory=list)


def tell_health(now: datetime) -> None:
    """Write how the plugins fare here, if that changed, or to say that this process lives."""
    rows = [_row(plugin, now) for plugin in installed().plugins.values()]
    told = [_facts(row) for row in rows]
    last = installed().told
    if last is not None and last[1] == told and now - last[0] < TELL_AT_LEAST_EVERY:
        return
    with transaction():
        put_health(rows)
        forget_health(now - KEPT)
    installed().told = (now, told)


def health_of_all(view: View, now: datetime) -> dict[str, PluginHealth]:
    """Gather how each plugin fares: this process as it is now, others as they told last."""
    for plugin in installed().plugins.values():
        stand(plugin, view)
    gathered: dict[str, PluginHealth] = {}
    own = [_row(plugin, now) for plugin in installed().plugins.values()]
    for row in (*own, *health_rows(but=this_process())):
        facts = view.plugins.get(row.plugin)
        health = gathered.setdefault(row.plugin, PluginHealth())
        _add(health, row, now, released=facts is not None and facts.releases > row.releases)
    for health in gathered.values():
        health.would_have = sorted(health.would_have, key=_when)[:-MOST_REMEMBERED:-1]
    return gathered


@cache
def _random(_pid: int) -> str:
    return secrets.token_hex(4)


def this_process() -> str:
    """Name this process: its machine, its number, and something that no later one shares."""
    pid = os.getpid()
    return f"{socket.gethostname()[:40]}/{pid}/{_random(pid)}"


def _row(plugin: Plugin, now: datetime) -> PluginHealthRow:
    plugin.notice_failures(now)
    return PluginHealthRow(
        process=this_process(),
        plugin=plugin.name[:200],
        seen_at=now,
        version=plugin.version[:100],
        state=plugin.state.value,
        releases=plugin.releases,
        reason=plugin.reason,
        last_error=plugin.last_error,
        failed_at=plugin.failed_at,
        timings={what: _numbers(timing) for what, timing in list(plugin.timings.items())},
        shadow={
            "counts": dict(plugin.shadow.counts),
            "last": [_spelled(one) for one in list(plugin.shadow.last)],
        },
    )


def _facts(row: PluginHealthRow) -> tuple[Any, ...]:
    return (row.plugin, row.state, row.reason, row.last_error, row.timings, row.shadow)


def _numbers(timing: Timing) -> list[Any]:
    total, longest = round(timing.total, 6), round(timing.longest, 6)
    return [timing.calls, timing.failures, total, longest]


def _spelled(one: WouldHave) -> list[str]:
    return [one.at.isoformat(), one.hook, one.about, one.answer]


def _add(health: PluginHealth, row: PluginHealthRow, now: datetime, *, released: bool) -> None:
    """Add what one process tells; one that was released since just did not look yet."""
    if now - row.seen_at < SILENT_AFTER:
        health.processes += 1
        if row.state == PluginState.QUARANTINED and not released:
            health.quarantined += 1
            health.quarantine_reason = row.reason
    if row.last_error and (health.last_error is None or _later(row.failed_at, health.failed_at)):
        health.last_error, health.failed_at = row.last_error, row.failed_at
    for what, numbers in row.timings.items():
        _add_timing(health.timings.setdefault(what, Timing()), numbers)
    for kind, count in row.shadow["counts"].items():
        health.shadow[kind] = health.shadow.get(kind, 0) + count
    health.would_have += _read(row.shadow["last"])


def _add_timing(timing: Timing, numbers: list[Any]) -> None:
    calls, failures, total, longest = numbers
    timing.calls += calls
    timing.failures += failures
    timing.total += total
    timing.longest = max(timing.longest, longest)


def _read(spelled: Iterable[list[str]]) -> list[WouldHave]:
    return [WouldHave(datetime.fromisoformat(at), *words) for at, *words in spelled]


def _later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def _when(one: WouldHave) -> datetime:
    return one.at
