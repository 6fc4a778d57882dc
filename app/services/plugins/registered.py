"""What plugins bring: providers, handlers, runners and pages, checked, and made once.

A registration hook is called once for each process and each change of the plugin's settings. One
that fails is asked again after a minute, or when the directory changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.hookspecs import AppRunner, BillingProvider, Page, SsoHandler
from app.plugin_manager import Failed, Plugin
from app.services.directory import View
from app.services.plugins.conforms import wrong_key, wrong_with
from app.services.plugins.installed import asked, installed

REGISTERING_SECONDS = 10.0
ASK_AGAIN_SECONDS = 60.0
MOST_BROUGHT = 100
RESERVED_PATHS = ("accounts", "events")
ROLES = ("owner", "admin", "member")


class _Brought(NamedTuple):
    """One thing that a plugin brings; its key was read once, while it was watched."""

    key: str | None
    thing: Any


class _Kept(NamedTuple):
    """What a hook brought under these settings; a failure is good for a while only."""

    settings: dict[str, Any]
    version: int
    brought: tuple[_Brought, ...] | None
    at: float


def registered(hook: str, view: View) -> list[tuple[Plugin, Any]]:
    """List what the plugins that are on bring through a registration hook, each with its plugin.

    Call it anew for each use: the view decides which plugins are on.
    """
    found: list[tuple[Plugin, Any]] = []
    taken: dict[str, str] = {}
    for plugin, settings, _, _ in asked(hook, view):
        for key, one in _brought(plugin, hook, settings, view.version):
            if key is not None and taken.setdefault(key, plugin.name) != plugin.name:
                plugin.last_error = f"{hook}: the key {key} is taken by {taken[key]}"
                continue
            found.append((plugin, one))
    return found


def _brought(
    plugin: Plugin, hook: str, settings: dict[str, Any], version: int
) -> tuple[_Brought, ...]:
    with plugin.registering:
        kept = plugin.kept.get(hook)
        if kept is None or not _holds(kept, settings, version):
            kept = _Kept(settings, version, _ask(plugin, hook, settings), time.monotonic())
            plugin.kept[hook] = kept
    return kept.brought or ()


def _holds(kept: _Kept, settings: dict[str, Any], version: int) -> bool:
    if kept.settings != settings:
        return False
    is_young = kept.version == version and time.monotonic() - kept.at < ASK_AGAIN_SECONDS
    return kept.brought is not None or is_young


def _ask(plugin: Plugin, hook: str, settings: Mapping[str, Any]) -> tuple[_Brought, ...] | None:
    keys: list[str | None] = []

    def wrong(given: Any) -> str | None:  # noqa: ANN401
        mistake = wrong_list(given, WRONG[hook])
        if mistake is None:
            keys.extend(getattr(one, "key", None) for one in given)
        return mistake

    answer = installed().call(plugin, hook, {}, settings, wrong, seconds=REGISTERING_SECONDS)
    if isinstance(answer, Failed):
        return None
    return tuple(map(_Brought, keys, answer))


def wrong_list(answer: Any, wrong: Callable[[Any], str | None]) -> str | None:  # noqa: ANN401
    """Say what is wrong with the list that a registration hook answered with."""
    if type(answer) not in (list, tuple):
        return f"it answered with {type(answer).__name__}; answer a list of what it brings"
    if len(answer) > MOST_BROUGHT:
        return f"it brings {len(answer)}; at most {MOST_BROUGHT}"
    names = [_place(one) for one in answer]
    if len(set(names)) < len(names):
        return "two of what it brings have the same key or path"
    return next((mistake for one in answer if (mistake := wrong(one))), None)


def _place(given: Any) -> str:  # noqa: ANN401
    """What must be different in each of what a plugin brings."""
    is_page = isinstance(given, Page)
    return f"{given.menu} {given.path}" if is_page else str(getattr(given, "key", id(given)))


def _wrong_provider(given: Any) -> str | None:  # noqa: ANN401 - whatever a plugin brings
    return wrong_with(given, BillingProvider) or wrong_key(given)


def _wrong_handler(given: Any) -> str | None:  # noqa: ANN401
    return wrong_with(given, SsoHandler) or wrong_key(given)


def _wrong_runner(given: Any) -> str | None:  # noqa: ANN401
    return wrong_with(given, AppRunner) or wrong_key(given)


def _wrong_page(given: Any) -> str | None:  # noqa: ANN401
    if type(given) is not Page:
        return f"it brings {type(given).__name__}; bring a Page"
    if type(given.path) is not str or type(given.title) is not str:
        return "the path and title of a page are texts"
    if given.path.strip("/").split("/")[0] in RESERVED_PATHS:
        return f"a page's path may not begin with {' or '.join(RESERVED_PATHS)}"
    if given.menu not in ("operator", "account") or given.least_role not in ROLES:
        return "a page's menu is operator or account, its least role owner, admin or member"
    answer: Any = given.answer
    return None if callable(answer) else f"the page {given.path} has nothing to call"


WRONG: dict[str, Callable[[Any], str | None]] = {
    "billing_providers": _wrong_provider,
    "sso_handlers": _wrong_handler,
    "app_runners": _wrong_runner,
    "pages": _wrong_page,
}
