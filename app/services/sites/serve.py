"""VERBS: what is on the web under a site's name, and the contents of its files.

A name and a path are looked up anew for each request, in one statement, so that what was put
back or taken down is seen by the next visitor of any process. Contents never change under their
digest: those that were asked for lately stay in memory.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from app.domain.media_type import is_text
from app.domain.site import Chosen, candidates, choose
from app.store.sites import OnTheWeb, content_of, on_the_web

SHELF_BYTES = 64 * 1024 * 1024
LARGEST_KEPT = 4 * 1024 * 1024
# Less than this is not worth unpacking; more is not worth the time while a visitor waits.
LEAST_PACKED, MOST_PACKED = 500, 4 * 1024 * 1024


class Body(NamedTuple):
    """The content of a file, and the same packed by gzip where that pays."""

    plain: bytes
    packed: bytes | None

    @property
    def size(self) -> int:
        """What it takes of memory."""
        return len(self.plain) + len(self.packed or b"")


class Served(NamedTuple):
    """A file that answers an address. Its `digest` is the content's SHA-256."""

    site: OnTheWeb
    chosen: Chosen
    digest: str


class Shelf:
    """Keeps contents that were asked for lately, up to so many bytes."""

    def __init__(self, most_bytes: int = SHELF_BYTES) -> None:
        self._most = most_bytes
        self._bodies: OrderedDict[tuple[str, bool], Body] = OrderedDict()
        self._bytes = 0
        self._mutex = Lock()

    def get(self, key: tuple[str, bool]) -> Body | None:
        """Give a content that is kept."""
        with self._mutex:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def put(self, key: tuple[str, bool], body: Body) -> None:
        """Keep a content, in place of those that nobody asked for the longest."""
        if body.size > LARGEST_KEPT:
            return
        with self._mutex:
            former = self._bodies.pop(key, None)
            self._bytes += body.size - (former.size if former else 0)
            self._bodies[key] = body
            while self._bytes > self._most:
                self._bytes -= self._bodies.popitem(last=False)[1].size


_shelf = Shelf()


def what_is_served(name: str, path: str) -> Served | OnTheWeb | None:
    """Find the file that answers a path of a site.

    A site without such a file, or that is not on the web now, is given as it is; None is no site.
    """
    site = on_the_web(name, candidates(path))
    if site is None or site.live is None:
        return site
    chosen = choose(path, site.digests)
    return site if chosen is None else Served(site, chosen, site.digests[chosen.path])


def body_of(served: Served) -> Body:
    """Give the content of a file, from memory if it was asked for lately.

    The digest is of the content itself, so whoever asks for it by that may share it.
    """
    key = (served.digest, is_text(served.chosen.path))
    body = _shelf.get(key)
    if body is None:
        content = content_of(served.site.app_id, served.digest)
        assert content is not None, "a release keeps the contents of its files"
        body = _packed(content, pack=key[1])
        _shelf.put(key, body)
    return body


def _packed(content: bytes, *, pack: bool) -> Body:
    if not pack or not LEAST_PACKED <= len(content) <= MOST_PACKED:
        return Body(content, None)
    packed = gzip.compress(content, compresslevel=6, mtime=0)
    return Body(content, packed if len(packed) < len(content) else None)
