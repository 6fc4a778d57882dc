"""VERBS: find a page that a plugin brings, and let the plugin answer a visitor, in time or not.

`/plugins/<name>/<path>` is a page for operators, `/plugins/<name>/accounts/<slug>/<path>` one for
an account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypedDict

from app.domain.refusals import Forbidden, NotFound
from app.domain.role import Role
from app.hookspecs import (
    ChargeChanged,
    DisputeClosed,
    DisputeOpened,
    GoTo,
    Page,
    PageRequest,
    ProviderEvent,
    RefundChanged,
    Show,
)
from app.plugin_manager import Failed, Plugin
from app.services.directory import View, directory
from app.services.plugins.installed import installed
from app.services.plugins.registered import registered

PAGE_SECONDS = 10.0
LARGEST_PAGE = 5_000_000
LEAST_STATUS, MOST_STATUS = 200, 599
EVENTS = (ChargeChanged, RefundChanged, DisputeOpened, DisputeClosed)
RANKS = {Role.MEMBER: 0, Role.ADMIN: 1, Role.OWNER: 2}

Menu = Literal["operator", "account"]
Render = Callable[[str, Mapping[str, Any]], str]


class PageFound(NamedTuple):
    """A page, and the plugin that brings it."""

    plugin: Plugin
    page: Page


@dataclass(frozen=True, slots=True)
class Shown:
    """A plugin shows a page: the HTML that its template gave."""

    html: str
    status: int
    events: tuple[ProviderEvent, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A plugin sends the visitor on, to a path of its own, with a sentence on what was done."""

    path: str
    message: str | None
    events: tuple[ProviderEvent, ...]


@dataclass(frozen=True, slots=True)
class GaveNothing:
    """A plugin failed; `reason` is for operators."""

    reason: str


class Visit(TypedDict):
    """What a visitor asks, as the contract's `PageRequest` names it."""

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    files: Mapping[str, bytes]
    visitor: str
    account: str | None
    role: Literal["owner", "admin", "member"] | None


class Entry(NamedTuple):
    """A page in the navigation, by its address within the portal."""

    title: str
    address: str


def operator_entries(now: datetime) -> list[Entry]:
    """List the pages that stand in the operator's navigation."""
    return [
        Entry(found.page.title, address_of(found))
        for found in _brought("operator", directory().fresh(now))
        if found.page.in_navigation
    ]


def account_entries(account_id: int, slug: str, role: Role, now: datetime) -> list[Entry]:
    """List the pages that stand in an account's navigation, for one with that role."""
    view = directory().fresh(now)
    return [
        Entry(found.page.title, address_of(found, slug))
        for found in _brought("account", view)
        if found.page.in_navigation
        and _may(role, found.page)
        and not _is_off(found.plugin, account_id, view)
    ]


def operator_page(name: str, path: str, now: datetime) -> PageFound:
    """Find an operator's page, or raise `NotFound`."""
    return _page_at(name, path, "operator", directory().fresh(now))


def account_page(name: str, path: str, account_id: int, role: Role, now: datetime) -> PageFound:
    """Find an account's page for one with that role; `NotFound`, or `Forbidden` if too low."""
    view = directory().fresh(now)
    found = _page_at(name, path, "account", view)
    if _is_off(found.plugin, account_id, view):
        raise NotFound
    if not _may(role, found.page):
        raise Forbidden(f"As {role} you may not see “{found.page.title}”.")
    return found


def answer_page(found: PageFound, visit: Visit, render: Render) -> Shown | Sent | GaveNothing:
    """Let the plugin answer and its template be filled in, both within the time box."""

    def work() -> Shown | Sent | str:
        answer = found.page.answer(PageRequest(**visit))
        if mistake := _wrong(answer):
            return mistake
        if isinstance(answer, GoTo):
            return Sent(answer.path, answer.message, answer.events)
        html = render(answer.template, answer.values)
        if len(html) > LARGEST_PAGE:
            return "its page is too large"
        return Shown(html, answer.status, answer.events)

    done: Shown | Sent | Failed = installed().run(
        found.plugin,
        f"page {found.page.path or '/'}",
        work,
        lambda given: given if isinstance(given, str) else None,
        seconds=PAGE_SECONDS,
        harmless=True,
    )
    return GaveNothing(done.reason) if isinstance(done, Failed) else done


def address_of(found: PageFound, slug: str | None = None, path: str | None = None) -> str:
    """The address of a page, or of another path of the same plugin, within the portal."""
    base = f"/plugins/{found.plugin.name}"
    within = f"{base}/accounts/{slug}" if slug is not None else base
    path = (found.page.path if path is None else path).strip("/")
    return f"{within}/{path}" if path else within


def _brought(menu: Menu, view: View) -> list[PageFound]:
    return [
        PageFound(plugin, page) for plugin, page in registered("pages", view) if page.menu == menu
    ]


def _page_at(name: str, path: str, menu: Menu, view: View) -> PageFound:
    """Find the page of that path, else the nearest above it: `lines` answers `lines/7`, too.

    The plugin's own address leads to its first page, if none is there.
    """
    own = {
        found.page.path.strip("/"): found
        for found in _brought(menu, view)
        if found.plugin.name == name
    }
    path = path.strip("/")
    if path in own:
        return own[path]
    if not path and own:
        return next(iter(own.values()))
    above = [place for place in own if place and path.startswith(f"{place}/")]
    if not above:
        raise NotFound
    return own[max(above, key=len)]


def _is_off(plugin: Plugin, account_id: int, view: View) -> bool:
    facts = view.plugins.get(plugin.name)
    return facts is not None and account_id in facts.off_for


def _may(role: Role, page: Page) -> bool:
    return RANKS[role] >= RANKS[Role(page.least_role)]


def _wrong(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    """Say what is wrong with the answer of a page. Exact types: a subclass may bite when read."""
    if type(answer) is Show:
        return _wrong_show(answer) or _wrong_events(answer.events)
    if type(answer) is GoTo:
        return _wrong_way(answer) or _wrong_events(answer.events)
    return f"it answered with {type(answer).__name__}; answer Show or GoTo"


def _wrong_show(answer: Show) -> str | None:
    if type(answer.template) is not str or not isinstance(answer.values, Mapping):
        return "it shows no template with values"
    if type(answer.status) is not int or not LEAST_STATUS <= answer.status <= MOST_STATUS:
        return f"it answered with the status {answer.status}"
    return None


def _wrong_way(answer: GoTo) -> str | None:
    if type(answer.path) is not str or type(answer.message) not in (str, type(None)):
        return "it goes to a path that is no text, or with a message that is none"
    is_own = ".." not in answer.path.split("?")[0].split("/")
    return None if is_own else "it goes to a page that is not its own"


def _wrong_events(events: Any) -> str | None:  # noqa: ANN401
    if type(events) is tuple and all(type(event) in EVENTS for event in events):
        return None
    return "its events are no events of a billing provider"
