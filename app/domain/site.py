"""Rules of published sites: what they are called, and which file answers an address."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass
from enum import StrEnum

from app.domain.refusals import InvalidRequest
from app.domain.slug import slug_stem

INDEX = "index.html"
NOT_FOUND_PAGE = "404.html"
# What answers every address that no file has: an app that reads the address by itself.
ANY_PAGE = "200.html"
# Addresses that Coffer answers itself on each site.
RESERVED = "_coffer"

LONGEST_STEM = 40
SUFFIX_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
SUFFIX_LENGTH = 10


class Found(StrEnum):
    """How a file answers an address."""

    FILE = "file"
    INSTEAD = "instead"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The file that answers an address.

    It is the file itself, or the one that stands in for what is missing; of a FOLDER the address
    lacks its slash.
    """

    path: str
    how: Found = Found.FILE

    @property
    def is_missing(self) -> bool:
        """Tell whether the answer says that nothing is there."""
        return self.how is Found.INSTEAD and self.path == NOT_FOUND_PAGE


def site_name(app_name: str, suffix: str) -> str:
    """Name a site, for ever: letters of the app's name, and a suffix that nobody guesses.

    It is a label of a host name: small letters, digits and hyphens, at most 63 of them.
    """
    return f"{slug_stem(app_name, 'app')[:LONGEST_STEM].strip('-')}-{suffix}"


def candidates(path: str) -> tuple[str, ...]:
    """List the files that may answer an address within a site, the best first."""
    if path == "" or path.endswith("/"):
        return (f"{path}{INDEX}", ANY_PAGE, NOT_FOUND_PAGE)
    return (path, f"{path}/{INDEX}", ANY_PAGE, NOT_FOUND_PAGE)


def choose(path: str, there: Container[str]) -> Chosen | None:
    """Choose the file that answers an address; None when nothing does, not even a page for that.

    The file of that name; in a folder its index.html; else 200.html where a page is asked for,
    which is an address whose last part has no point; else 404.html.
    """
    for candidate in candidates(path):
        if candidate not in there:
            continue
        if candidate == ANY_PAGE != path and "." in path.rpartition("/")[2]:
            continue
        if candidate in (ANY_PAGE, NOT_FOUND_PAGE) and candidate != path:
            return Chosen(candidate, Found.INSTEAD)
        is_folder = candidate == f"{path}/{INDEX}"
        return Chosen(candidate, Found.FOLDER if is_folder else Found.FILE)
    return None


def require_site(paths: Collection[str]) -> None:
    """Refuse paths of files that make no site."""
    if INDEX not in paths:
        raise InvalidRequest.of(
            "files",
            f"There is no {INDEX}, the page that visitors see first. Add one and deploy again.",
        )
    if any(path.split("/")[0] == RESERVED for path in paths):
        raise InvalidRequest.of(
            "files", f"The folder {RESERVED} is Coffer's own on each site; use another name."
        )
