"""VERBS: call SSO handlers, so that whatever one does is an answer that Coffer can use."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from app.domain.refusals import InvalidRequest
from app.hookspecs import (
    BadDocument,
    Check,
    NotProven,
    PostForm,
    Proven,
    Redirect,
    SsoHandler,
)
from app.plugin_manager import Failed, Plugin
from app.plugin_manager.calling import in_time
from app.services.directory import directory
from app.services.plugins.registered import registered

T = TypeVar("T")
# A handler may ask the other side twice, and each time for ten seconds.
SECONDS = 25.0
LONGEST_SUBJECT = 255
LONGEST_URL = 100_000

log = logging.getLogger(__name__)


class Brought(NamedTuple):
    """A handler, and the plugin that brings it."""

    plugin: Plugin
    handler: SsoHandler


class HandlerFailed(Exception):  # noqa: N818 - a failure of somebody else's code
    """A handler raised, hung, or is not there; the text is for an administrator."""


def handlers(now: datetime) -> dict[str, Brought]:
    """List the handlers that are there, by key."""
    found = registered("sso_handlers", directory().fresh(now))
    return {one.key: Brought(plugin, one) for plugin, one in found}


def handler_named(key: str, now: datetime) -> Brought:
    """Find a handler, or raise `HandlerFailed`."""
    found = handlers(now).get(key)
    if found is None:
        raise HandlerFailed(f"No plugin that is switched on speaks “{key}”.")
    return found


def ask(brought: Brought, what: str, work: Callable[[SsoHandler], T]) -> T:
    """Let a handler work; raises `HandlerFailed`, or `InvalidRequest` for a bad document.

    Strangers decide what a handler is given, so its failures lead to no quarantine.
    """
    began = time.monotonic()
    done: Any = in_time(lambda: _worked(brought.handler, work), SECONDS)
    failure = done if isinstance(done, Failed) else None
    brought.plugin.note(f"sso {what}", time.monotonic() - began, failure, harmless=True)
    if failure is not None:
        log.warning("The SSO handler %s failed at %s: %s", brought.plugin.name, what, failure)
        raise HandlerFailed(f"The plugin {brought.plugin.name} failed: {failure.reason}.")
    if isinstance(done, BadDocument):
        raise InvalidRequest.of(str(done.field or "document"), str(done))
    answer: T = done
    return answer


def judged(
    brought: Brought, what: str, work: Callable[[SsoHandler], Any], *kinds: type[Any]
) -> Any:  # noqa: ANN401 - one of the kinds, or NotProven
    """Let a handler judge; whatever goes wrong with it is `NotProven`."""
    try:
        found = ask(brought, what, work)
    except (HandlerFailed, InvalidRequest) as failure:
        return not_proven("handler", str(failure))
    if isinstance(found, NotProven):
        return found if found.checks else not_proven("handler", "The handler gave no reason.")
    if not isinstance(found, kinds) or (isinstance(found, Proven) and _wrong(found)):
        return not_proven("handler", f"The handler answered with an unusable {type(found)}.")
    return found


def not_proven(name: str, words: str, before: tuple[Check, ...] = ()) -> NotProven:
    """Nothing is proven, because of one check."""
    return NotProven((*before, Check(name, passed=False, words=words)))


def require_onward(onward: Any) -> Redirect | PostForm:  # noqa: ANN401
    """Give the answer back if a browser can be sent there, or raise `HandlerFailed`."""
    if isinstance(onward, Redirect | PostForm):
        url = onward.url
        if url.startswith(("https://", "http://")) and url.isprintable() and len(url) < LONGEST_URL:
            return onward
    raise HandlerFailed("The plugin gave no address to go on to.")


def _worked(handler: SsoHandler, work: Callable[[SsoHandler], T]) -> T | BadDocument:
    try:
        return work(handler)
    except BadDocument as refused:
        return refused


def _wrong(proven: Any) -> bool:  # noqa: ANN401 - whatever a plugin made of it
    """Tell whether it lacks what the contract asks for."""
    try:
        texts = (proven.subject, proven.email, *(once.id for once in proven.once))
        return (
            not all(isinstance(text, str) and text and text.isprintable() for text in texts)
            or len(proven.subject) > LONGEST_SUBJECT
            or not proven.once
            or not proven.checks
            or not all(check.passed for check in proven.checks)
        )
    except Exception:  # noqa: BLE001 - an answer may be an object that bites
        return True
