"""Finds plugins, loads them, and calls them so that none can harm the portal or another plugin.

A plugin that can't be used is kept in the list, with the reason. Calls run in threads of their
own for at most the time box; what a plugin raises, whatever it is, becomes a `Failed`.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from app import hookspecs
from app.plugin_manager.calling import LENT, called, in_time
from app.plugin_manager.finding import Load, folder_of, found_in, manifest_of
from app.plugin_manager.plugin import (
    FAILURES_TO_QUARANTINE,
    Failed,
    Hook,
    LeftAlone,
    NotUsable,
    Plugin,
    PluginState,
    Timing,
    WouldHave,
)

__all__ = [
    "FAILURES_TO_QUARANTINE",
    "Failed",
    "Hook",
    "LeftAlone",
    "Plugin",
    "PluginManager",
    "PluginState",
    "Timing",
    "WouldHave",
]

TIME_BOX_SECONDS = 0.5
LOADING_SECONDS = 10.0

log = logging.getLogger(__name__)


class PluginManager:
    """The plugins of one installation, in the order of their names.

    `lend` gives the `Host` of a plugin; `told` is when and what was last told of their health.
    """

    def __init__(
        self, *, time_box: float = TIME_BOX_SECONDS, contract: ModuleType | type = hookspecs
    ) -> None:
        self.plugins: dict[str, Plugin] = {}
        self.lend: Callable[[Plugin], Any] = _nothing
        self.told: tuple[datetime, Any] | None = None
        self._time_box = time_box
        self._pluggy = pluggy.PluginManager("coffer")
        self._pluggy.add_hookspecs(contract)

    def find(self, folder: Path | None) -> None:
        """Load what the entry points name and what lies in the folder."""
        for name, origin, load in found_in(folder):
            self.load(name, origin, load)

    def load(self, name: str, origin: str, load: Load) -> Plugin:
        """Load one plugin; whatever goes wrong is its reason for being refused."""
        plugin = Plugin(name, "", "", origin, PluginState.REFUSED)
        with redirect_stdout(sys.stderr):  # what a plugin prints is no answer of a command's
            done = in_time(partial(self._load, plugin, load), LOADING_SECONDS)
        if isinstance(done, Failed):
            plugin.reason = _why_refused(done.reason)
            log.warning("The plugin %s is refused: %s", plugin.name, plugin.reason)
        else:
            plugin.state = PluginState.ON
        key = plugin.name if plugin.name not in self.plugins else f"{plugin.name} ({origin})"
        self.plugins[key] = plugin
        self.plugins = dict(sorted(self.plugins.items()))
        return plugin

    def with_hook(self, hook: str) -> list[Plugin]:
        """List the plugins that are on and have that hook."""
        return [
            plugin
            for plugin in self.plugins.values()
            if plugin.state is PluginState.ON and hook in plugin.hooks
        ]

    def call(
        self,
        plugin: Plugin,
        hook: str,
        given: Mapping[str, Any],
        settings: Mapping[str, Any],
        wrong: Callable[[Any], str | None],
        *,
        seconds: float | None = None,
        harmless: bool = False,
    ) -> Any:  # noqa: ANN401 - what the plugin answers, or `Failed`
        """Call one hook of one plugin; `wrong` says what is wrong with an answer, if anything.

        The plugin gets copies, so that nothing it does to them reaches anybody else. Failures that
        are `harmless` are counted and don't lead into quarantine.
        """
        arguments = {LENT: self.lend(plugin), **given, "settings": settings}
        work = partial(called, plugin.hooks[hook], arguments)
        return self.run(plugin, hook, work, wrong, seconds=seconds, harmless=harmless)

    def run(
        self,
        plugin: Plugin,
        what: str,
        work: Callable[[], Any],
        wrong: Callable[[Any], str | None],
        *,
        seconds: float | None = None,
        harmless: bool = False,
        meanwhile: Callable[[], bool] | None = None,
    ) -> Any:  # noqa: ANN401 - what the work gives, or `Failed`
        """Let some of a plugin's code work, counted under the name `what`.

        Work that may take minutes says what is done `meanwhile`: see `in_time`.
        """
        began = time.monotonic()
        done: Any = Failed("it is still busy with earlier calls")
        slots = plugin.slots if seconds is None else plugin.slow_slots
        slots = slots if meanwhile is None else plugin.long_slots
        if slots.acquire(blocking=False):
            seconds = self._time_box if seconds is None else seconds
            judged = partial(_judged, work, wrong)
            done = in_time(judged, seconds, finally_=slots.release, meanwhile=meanwhile)
        is_left = isinstance(done, LeftAlone)
        failure = done if isinstance(done, Failed) and not is_left else None
        plugin.note(what, time.monotonic() - began, failure, harmless=harmless or is_left)
        return done

    def _load(self, plugin: Plugin, load: Load) -> None:
        """Load it in a thread of its own: all of it touches what the plugin made."""
        found = load()
        manifest = manifest_of(found)
        if manifest.name in self.plugins:
            raise NotUsable(f"Another plugin has the name {manifest.name}.")
        plugin.name, plugin.fields = manifest.name, tuple(manifest.settings)
        plugin.version, plugin.summary = str(manifest.version), str(manifest.summary)
        plugin.templates = folder_of(found, manifest.templates)
        plugin.migrations = folder_of(found, manifest.migrations)
        plugin.conformance = manifest.conformance
        plugin.hooks, plugin.warnings = self._register(found, manifest.name)
        for words in plugin.warnings:
            log.warning("The plugin %s rests on what will go: %s", plugin.name, words)

    def _register(self, found: object, name: str) -> tuple[Mapping[str, Hook], tuple[str, ...]]:
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                self._pluggy.register(found, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise NotUsable(str(error).strip().splitlines()[-1]) from error
        try:
            callers = self._pluggy.get_hookcallers(found) or []
            hooks = {caller.name: self._implementation(caller, name) for caller in callers}
        except NotUsable:
            self._pluggy.unregister(found)
            raise
        return hooks, tuple(str(one.message) for one in warned)

    def _implementation(self, caller: pluggy.HookCaller, name: str) -> Hook:
        if not caller.has_spec():
            known = [key for key in vars(self._pluggy.hook) if not key.startswith("_")]
            near = get_close_matches(caller.name, [key for key in known if key != caller.name], n=1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            raise NotUsable(f"There is no hook `{caller.name}`.{hint}")
        own = next(impl for impl in caller.get_hookimpls() if impl.plugin_name == name)
        if own.hookwrapper or own.wrapper:
            raise NotUsable(f"It wraps `{caller.name}`; a plugin answers for itself only.")
        return Hook(own.function, tuple(own.argnames))


def _why_refused(failure: str) -> str:
    """Say why a plugin could not be loaded: a fault that is known, or whatever it raised."""
    known = f"{NotUsable.__name__}: "
    if failure.startswith(known):
        return failure.removeprefix(known)
    return f"It can't be imported: {failure}"


def _judged(work: Callable[[], Any], wrong: Callable[[Any], str | None]) -> Any:  # noqa: ANN401
    """Work, and judge the answer in the same thread: an answer may be an object that bites."""
    answer = work()
    mistake = wrong(answer)
    return answer if mistake is None else Failed(mistake)


def _nothing(_plugin: Plugin) -> None:
    """Lend nothing: what plugins are lent before the portal is put together."""
