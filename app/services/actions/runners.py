"""VERBS that read: which app runners are there, what each can do, and what still has to be set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.action_run import ActionKind, short_of
from app.domain.refusals import Conflict, InvalidRequest
from app.hookspecs import AppRunner
from app.plugin_manager import Failed, Plugin
from app.services.directory import View, directory
from app.services.plugins.installed import installed
from app.services.plugins.registered import registered

ASKING_SECONDS = 5.0
NOBODY = {
    ActionKind.DEPLOY: "Nothing that deploys apps is switched on.",
    ActionKind.GENERATE: "Nothing that generates apps is switched on.",
    ActionKind.REFINE: "Nothing that refines apps is switched on.",
}
WHERE = "The operator switches a plugin on under Administration, Plugins."


@dataclass(frozen=True, slots=True)
class Runner:
    """A runner that is there now. `not_ready` says what must be set before it can work."""

    plugin: Plugin
    runner: AppRunner
    key: str
    title: str
    not_ready: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """The runners for a kind of action: those that can work, else why there is none."""

    ready: tuple[Runner, ...]
    why_not: str | None

    def chosen(self, key: str | None) -> Runner:
        """The runner of that key, or the first; `Conflict` when none can work."""
        if not self.ready:
            raise Conflict(self.why_not or WHERE)
        if key is None:
            return self.ready[0]
        for one in self.ready:
            if one.key == key:
                return one
        keys = ", ".join(one.key for one in self.ready)
        raise InvalidRequest.of("runner", f"Choose one of: {keys}.")


def offered(kind: ActionKind, account_id: int, now: datetime) -> Offered:
    """Tell who can do this for an account, in the order of the plugins' names."""
    able = _runners(kind, directory().fresh(now), account_id)
    ready = tuple(one for one in able if one.not_ready is None)
    reasons = [one.not_ready for one in able if one.not_ready is not None]
    why_not = None if ready else (reasons or [f"{NOBODY[kind]} {WHERE}"])[0]
    return Offered(ready, why_not)


def runner_of(key: str, now: datetime) -> Runner | None:
    """Find a runner by key; None while its plugin is off, in quarantine or broken."""
    for plugin, runner in registered("app_runners", directory().fresh(now)):
        if runner.key == key:
            return Runner(plugin, runner, key, runner.title, None)
    return None


def _runners(kind: ActionKind, view: View, account_id: int) -> list[Runner]:
    found = []
    for plugin, runner in registered("app_runners", view):
        facts = view.plugins.get(plugin.name)
        if facts is not None and account_id in facts.off_for:
            continue
        asked = _ask(plugin, runner, kind)
        if not isinstance(asked, Failed) and asked[0]:
            found.append(Runner(plugin, runner, *asked[1:]))
    return found


def _ask(plugin: Plugin, runner: AppRunner, kind: ActionKind) -> Any:  # noqa: ANN401
    """Ask a runner about itself, in time: whether it does this, its key, title and readiness."""

    def work() -> tuple[Any, ...]:
        does = runner.deploys if kind is ActionKind.DEPLOY else runner.generates
        return does, runner.key, runner.title, runner.not_ready() if does is True else None

    # Harmless: to answer this well makes nothing good that went wrong at work.
    answer = installed().run(
        plugin, "not_ready", work, _wrong, seconds=ASKING_SECONDS, harmless=True
    )
    if isinstance(answer, Failed):
        return answer
    does, key, title, not_ready = answer
    return does, key, short_of(title, 100), None if not_ready is None else short_of(not_ready)


def _wrong(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin says of itself
    does, key, title, not_ready = answer
    if type(does) is not bool:
        return "`generates` and `deploys` are True or False"
    texts: tuple[Callable[[], bool], ...] = (
        lambda: type(key) is str,
        lambda: type(title) is str,
        lambda: not_ready is None or type(not_ready) is str,
    )
    return None if all(is_text() for is_text in texts) else "it says no text of itself"
