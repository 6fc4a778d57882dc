"""CONFORMANCE of SSO handlers, the bench: people, attempts, and what tests do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from app.hookspecs import (
    Arrival,
    Attempt,
    IdentityProvider,
    NotProven,
    Once,
    OurSide,
    PostForm,
    Proven,
    Redirect,
    SsoHandler,
)

LONGEST_SUBJECT = 255
ROUGH = ("", " ", "null", "%", "\x00", "PHg+", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///'>]>", "ä")


@dataclass(frozen=True)
class Person:
    """Somebody whom the other side knows."""

    subject: str
    email: str
    name: str


class OtherSide(Protocol):
    """What the fixture gives: the handler, and an identity provider that it can work with.

    `ours` may be anything as long as the other side was told of it.
    """

    handler: SsoHandler
    document: str
    values: Mapping[str, str | int | bool]
    ours: OurSide
    now: datetime

    def answer(self, onward: Redirect | PostForm, person: Person) -> Arrival:
        """Sign the person in at the other side, and give what their browser then brings."""


ANA = Person("person-1", "ana@acme.test", "Ana Arden")
BEN = Person("person-2", "ben@acme.test", "Ben Birch")


def attempt(now: datetime, mark: str = "1") -> Attempt:
    """A sign-in that Coffer began."""
    return Attempt(f"handle-{mark}-0123456789", f"_request{mark}0123456789abcdef", now)


def begin(
    other_side: OtherSide, provider: IdentityProvider, mark: str = "1"
) -> tuple[Attempt, Redirect | PostForm]:
    """Begin a sign-in: the attempt with what is kept, and where it leads."""
    new = attempt(other_side.now, mark)
    onward = other_side.handler.begin(provider, new)
    return replace(new, kept=onward.keep), onward


def proven_of(
    other_side: OtherSide, provider: IdentityProvider, person: Person, mark: str
) -> Proven:
    """Sign a person in, and give what is proven."""
    begun, onward = begin(other_side, provider, mark)
    arrival = other_side.answer(onward, person)
    found = other_side.handler.complete(provider, begun, arrival, other_side.now)
    assert isinstance(found, Proven), found
    return found


def judged(
    other_side: OtherSide, provider: IdentityProvider, begun: Attempt, arrival: Arrival
) -> object:
    """Let the handler judge an answer."""
    return other_side.handler.complete(provider, begun, arrival, other_side.now)


def refused(found: object) -> None:
    """It says which check failed, last, and in words."""
    assert isinstance(found, NotProven), found
    assert found.checks
    *before, last = found.checks
    assert all(check.passed for check in before)
    assert not last.passed
    assert last.name
    assert last.words


def fields(onward: Redirect | PostForm) -> dict[str, str]:
    """What travels along."""
    if isinstance(onward, PostForm):
        return dict(onward.fields)
    return dict(parse_qsl(urlsplit(onward.url).query))


def ids(once: tuple[Once, ...]) -> set[str]:
    """The ids alone."""
    return {each.id for each in once}
