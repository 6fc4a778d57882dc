"""Finds plugins, loads them, and calls them so that none can harm the portal or another plugin.

A plugin that can't be used is kept in the list, with the reason. Calls run in threads of their
own for at most the time box; what a plugin raises, whatever it is, becomes a `Failed`.
"""

from __future__ import annotations

import importlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

import pluggy

from app import hookspecs
from app.hookspecs import API_VERSION, Manifest, SettingField

GROUP = "coffer.plugins"
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
TIME_BOX_SECONDS = 0.5
LOADING_SECONDS = 10.0
MOST_CALLS_AT_ONCE = 8
FAILURES_TO_QUARANTINE = 3


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


@dataclass(slots=True)
class Plugin:
    """A plugin that was found. `reason` says why it is refused or in quarantine."""

    name: str
    version: str
    summary: str
    origin: str
    state: PluginState
    reason: str | None = None
    last_error: str | None = None
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    fields: tuple[SettingField, ...] = ()
    timings: dict[str, Timing] = field(default_factory=dict)
    failures_in_a_row: int = 0
    slots: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_CALLS_AT_ONCE)
    )

    def note(self, hook: str, seconds: float, failure: Failed | None) -> None:
        """Count a call; repeated failure puts the plugin in quarantine."""
        self.timings.setdefault(hook, Timing()).add(seconds, failed=failure is not None)
        if failure is None:
            self.failures_in_a_row = 0
            return
        self.last_error = f"{hook}: {failure.reason}"
        self.failures_in_a_row += 1
        if self.failures_in_a_row >= FAILURES_TO_QUARANTINE:
            self.state, self.reason = PluginState.QUARANTINED, self.last_error


class NotUsable(Exception):  # noqa: N818 - the reason why a plugin is refused
    """The plugin can't be used; the text says why, for its author."""


class PluginManager:
    """The plugins of one installation, in the order of their names."""

    def __init__(self, *, time_box: float = TIME_BOX_SECONDS) -> None:
        self.plugins: dict[str, Plugin] = {}
        self._time_box = time_box
        self._pluggy = pluggy.PluginManager("coffer")
        self._pluggy.add_hookspecs(hookspecs)

    def find(self, folder: Path | None) -> None:
        """Load what the entry points name and what lies in the folder."""
        for entry_point in entry_points(group=GROUP):
            self.load(entry_point.name, f"entry point {entry_point.value}", entry_point.load)
        for name, path in _in_folder(folder):
            self.load(name, str(path), partial(importlib.import_module, f"plugins.{name}"))

    def load(self, name: str, origin: str, load: Callable[[], Any]) -> Plugin:
        """Load one plugin; whatever goes wrong is its reason for being refused."""
        plugin = Plugin(name, "", "", origin, PluginState.REFUSED)
        try:
            found = _in_time(load, LOADING_SECONDS)
            if isinstance(found, Failed):
                raise NotUsable(f"It can't be imported: {found.reason}")
            manifest = self._manifest(found)
            plugin.version, plugin.summary = manifest.version, manifest.summary
            plugin.name = manifest.name
            plugin.fields = manifest.settings
            plugin.hooks = self._register(found, manifest.name)
            plugin.state = PluginState.ON
        except NotUsable as reason:
            plugin.reason = str(reason)
        self.plugins[plugin.name] = plugin
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
    ) -> Any:  # noqa: ANN401 - what the plugin answers, or `Failed`
        """Call one hook of one plugin; `wrong` says what is wrong with an answer, if anything.

        The plugin gets copies, so that nothing it does to them reaches anybody else.
        """
        began = time.monotonic()
        done: Any = Failed("it is still busy with earlier calls")
        if plugin.slots.acquire(blocking=False):
            arguments = {**given, "settings": settings}
            work = partial(_called, plugin.hooks[hook], arguments)
            done = _in_time(work, self._time_box, finally_=plugin.slots.release)
        if not isinstance(done, Failed) and (mistake := wrong(done)) is not None:
            done = Failed(mistake)
        failure = done if isinstance(done, Failed) else None
        plugin.note(hook, time.monotonic() - began, failure)
        return done

    def _manifest(self, found: object) -> Manifest:
        manifest = getattr(found, "manifest", None)
        if not isinstance(manifest, Manifest):
            raise NotUsable("It has no `manifest`: say `manifest = Manifest(name=…, …)`.")
        if not NAME.fullmatch(manifest.name):
            raise NotUsable("Its name must be small letters, digits and _, 2 to 40 of them.")
        lowest, highest = manifest.api
        if not lowest <= API_VERSION <= highest:
            raise NotUsable(
                f"It was written for hook API {lowest} to {highest}; this is {API_VERSION}."
            )
        if manifest.name in self.plugins:
            raise NotUsable(f"Another plugin has the name {manifest.name}.")
        return manifest

    def _register(self, found: object, name: str) -> Mapping[str, Hook]:
        try:
            self._pluggy.register(found, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise NotUsable(str(error).strip().splitlines()[-1]) from error
        try:
            callers = self._pluggy.get_hookcallers(found) or []
            return {caller.name: self._implementation(caller, name) for caller in callers}
        except NotUsable:
            self._pluggy.unregister(found)
            raise

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


def _called(hook: Hook, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401
    copies = deepcopy({name: arguments[name] for name in hook.arguments})
    return hook.function(*(copies[name] for name in hook.arguments))


def _in_folder(folder: Path | None) -> Iterator[tuple[str, Path]]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        is_plugin = path.suffix == ".py" or (path / "__init__.py").exists()
        if is_plugin and not path.name.startswith(("_", ".")):
            yield path.stem, path


def _in_time(
    work: Callable[[], Any], seconds: float, *, finally_: Callable[[], None] | None = None
) -> Any:  # noqa: ANN401 - whatever the plugin answers
    """Run work in a thread of its own; `Failed` when it raises or is not done in time.

    The thread is a daemon: one that hangs holds up neither the caller nor the process's end.
    """
    done: list[Any] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - not even SystemExit may get through
            done.append(Failed(f"{type(error).__name__}: {error}"))
        finally:
            if finally_ is not None:
                finally_()

    thread = threading.Thread(target=run, daemon=True, name="plugin")
    thread.start()
    thread.join(seconds)
    return done[0] if done else Failed(f"it took longer than {seconds:g} s")
