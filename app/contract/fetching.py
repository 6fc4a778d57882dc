"""Asking the world outside: what a plugin may fetch through Coffer, and how it is kept safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class NotFetched(Exception):  # noqa: N818 - an answer that didn't come
    """Nothing usable came back; the text is a sentence for an administrator."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: any status, at most 1 MiB of body. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Fetch(Protocol):
    """Asks one address over https, for at most ten seconds, and follows no redirect.

    Private addresses are refused, unless the operator allows them for an own network; then plain
    http is allowed to those, too.
    """

    def __call__(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """GET an address, or POST a form to it. Raises `NotFetched`."""


def nothing(*_: object, **__: object) -> Fetched:
    """Fetch nothing: what a plugin is lent where nobody may ask the world outside."""
    raise NotFetched("Nothing is fetched here.")
