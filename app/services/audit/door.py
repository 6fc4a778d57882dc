"""VERBS of the edges: say by whom and from where what follows is done. Services never ask.

A door, a command or a job says it once when it begins. Notes that are written in the same
context know it from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from app.domain.audit_line import Actor, Door, Origin

_NOBODY = Origin()
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=_NOBODY)


def origin() -> Origin:
    """Who is at work here, and from where."""
    return _origin.get()


def come_through(door: Door, address: str = "", browser: str = "") -> None:
    """Begin at a door. Whoever was known here before is forgotten."""
    _origin.set(Origin(door, address=address, browser=browser))


def come_as(
    actor: Actor, name: str, *, person_id: int | None = None, token_id: int | None = None
) -> None:
    """Say who came through the door."""
    here = _origin.get()
    _origin.set(replace(here, actor=actor, name=name, person_id=person_id, token_id=token_id))


def go_out() -> None:
    """Forget who came, when the door closes."""
    _origin.set(_NOBODY)


@contextmanager
def at_work(door: Door, actor: Actor, name: str, *, address: str = "") -> Iterator[None]:
    """Let all that happens inside be done through that door by that one."""
    token = _origin.set(Origin(door, actor, name, address=address))
    try:
        yield
    finally:
        _origin.reset(token)
