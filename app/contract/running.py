"""How apps are made and put on the web: what an app runner is asked, and what it may answer.

Coffer owns what must not go wrong: who pays and when, where a version is kept, what a path may be,
when the work has taken too long. A runner turns a prompt into files, or files into something that
visitors can open. It is called in a thread of its own, with no transaction open, and costs the
account credits only if it succeeds. Whatever it raises counts as `GaveUp`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done. `reference` names this one action for ever, such as `action_7`.

    `action` is the key that it is paid by (`generate.standard`). `files` are those of the version
    that it begins with, by path: none when an app is generated from nothing. `cancelled()` tells
    whether nobody waits any more, since somebody cancelled it or its time is over.
    """

    reference: str
    kind: Literal["generate", "refine", "deploy"]
    action: str
    account: str
    app: str
    app_name: str
    prompt: str = ""
    version: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    cancelled: Callable[[], bool] = field(default=lambda: False, repr=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """What it is doing now, in a few words for whoever waits."""

    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the output as it comes, to be read while it is made. Nothing is kept of it."""

    text: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A file of the new version is finished. The last content of a path counts."""

    path: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Removed:
    """A file of the version that it began with is not in the new one."""

    path: str


@dataclass(frozen=True, slots=True)
class GaveUp:
    """It can't be done; nothing is kept and nothing costs. `reason` is a sentence for people."""

    reason: str


Step = Progress | Piece | Wrote | Removed | GaveUp


@dataclass(frozen=True, slots=True)
class Deployed:
    """The version can be visited: at `address`, an https URL, or as `site`, files by path.

    Coffer serves a site itself, at an address of the app's own, isolated from the portal; it
    needs an `index.html`. Give exactly one of the two.
    """

    address: str | None = None
    site: Mapping[str, bytes] | None = field(default=None, repr=False)


class AppRunner(Protocol):
    """Makes apps, or puts them on the web. Called from many threads; keeps nothing of a task."""

    @property
    def key(self) -> str:
        """Its name in Coffer's books, for ever: small letters, digits and _."""

    @property
    def title(self) -> str:
        """What people choose, such as “OpenAI” or “Static site”."""

    @property
    def generates(self) -> bool:
        """Tell whether it generates and refines."""

    @property
    def deploys(self) -> bool:
        """Tell whether it deploys."""

    def not_ready(self) -> str | None:
        """Say in a sentence what the operator must set before it can work; None when it can."""

    def generate(self, task: Task) -> Iterator[Step]:
        """Generate or refine, step by step; it has succeeded when it ends without `GaveUp`.

        Files that it doesn't name stay as they are in `task.files`. Look at `task.cancelled()`
        now and then, and stop when it is true: whatever comes after that is thrown away.
        """

    def deploy(self, task: Task) -> Deployed | GaveUp:
        """Put `task.files` on the web. A task that comes again changes nothing more."""
