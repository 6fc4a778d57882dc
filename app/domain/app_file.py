"""Files of apps: which paths they may have, how large they may be, and which of them are text.

A path has to mean the same on every system that unpacks a version, and never anything outside the
folder it is unpacked in. So whatever one of the usual systems reads differently is refused here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.name import is_plain
from app.domain.refusals import InvalidRequest

LONGEST_PATH = 200
LONGEST_WHY = 200
MOST_SHOWN = 60
MOST_FILES = 500
MOST_FILE_BYTES = 1024 * 1024
MOST_VERSION_BYTES = 10 * 1024 * 1024

_NOT_IN_A_NAME = frozenset('<>:"|?*\\')
_DRIVE = re.compile(r"^[A-Za-z]:")
# Names of devices in Windows, with any ending; and the folder whose hooks git would run.
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", ".git"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)]
)


class Origin(StrEnum):
    """How a version came to be."""

    EDIT = "edit"
    UPLOAD = "upload"
    RESTORE = "restore"
    GENERATE = "generate"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a version: the SHA-256 of what is in it, and its size in bytes."""

    digest: str
    size: int


Entries = Mapping[str, Entry]


def entry_of(content: bytes) -> Entry:
    """The entry of a file with that content."""
    return Entry(hashlib.sha256(content).hexdigest(), len(content))


def path_from(text: str, field: str = "path") -> str:
    """Read a file's path inside its app; raise `InvalidRequest` when it can't serve as one."""
    path = unicodedata.normalize("NFC", text)
    reason = _wrong_with(path)
    if reason:
        raise InvalidRequest.of(field, f"{_shown(path)}: {reason}" if path else reason)
    return path


def _shown(path: str) -> str:
    """A path as a message may show it: short, and nothing in it deceives the eye."""
    plain = "".join(letter if is_plain(letter) else "\ufffd" for letter in path)
    return f"“{plain if len(plain) <= MOST_SHOWN else plain[:MOST_SHOWN] + '…'}”"


def _wrong_with(path: str) -> str | None:
    if not path:
        return "Write a path, such as index.html or images/logo.png."
    if len(path) > LONGEST_PATH:
        return f"use at most {LONGEST_PATH} characters."
    if path.startswith("/") or _DRIVE.match(path):
        return "a path begins inside the app, without a slash or a drive."
    if not path.isprintable() or _NOT_IN_A_NAME.intersection(path):
        return 'use no control characters, and none of < > : " | ? * \\.'
    return next(filter(None, map(_wrong_with_part, path.split("/"))), None)


def _wrong_with_part(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "each part between slashes needs a name; “.” and “..” are none."
    if part != part.strip() or part.endswith("."):
        return "no part may begin or end with a blank, or end with a point."
    if part.casefold() == ".git" or part.casefold().split(".")[0] in _RESERVED:
        return f"“{part[:40]}” is a reserved name."
    return None


def require_fitting(entries: Entries) -> None:
    """Raise `InvalidRequest` unless these files can be one version."""
    if len(entries) > MOST_FILES:
        raise InvalidRequest.of(
            "files", f"A version has at most {MOST_FILES} files; these would be {len(entries)}."
        )
    for path, entry in entries.items():
        require_size(path, entry.size)
    require_total(sum(entry.size for entry in entries.values()))
    require_apart(entries)


def require_size(path: str, size: int) -> None:
    """Raise `InvalidRequest` for a file that is too large."""
    if size > MOST_FILE_BYTES:
        raise InvalidRequest.of("files", f"{_shown(path)}: a file has at most 1 MiB.")


def require_total(size: int) -> None:
    """Raise `InvalidRequest` for files that are too large together."""
    if size > MOST_VERSION_BYTES:
        raise InvalidRequest.of("files", "All files of a version have at most 10 MiB together.")


def require_apart(paths: Iterable[str]) -> None:
    """Raise `InvalidRequest` when two of these paths would meet where letters' case is ignored.

    A name can't be both a file and a folder either.
    """
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(_alike(path), path)
        if other is not path:
            raise InvalidRequest.of(
                "files", f"{_shown(path)} and {_shown(other)} would be the same file."
            )
    for path in seen:
        for folder in _folders(path):
            if folder in seen:
                raise InvalidRequest.of(
                    "files", f"{_shown(seen[folder])} can't be both a file and a folder."
                )


def _alike(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def why_from(text: str) -> str:
    """Tidy what somebody says about a version: one line; it may be left out."""
    why = " ".join(unicodedata.normalize("NFC", text).split())
    if len(why) > LONGEST_WHY:
        raise InvalidRequest.of("why", f"Use at most {LONGEST_WHY} characters.")
    if not all(map(is_plain, why)):
        raise InvalidRequest.of("why", "Use one line, without control characters.")
    return why


def changed_between(before: Entries, after: Entries) -> frozenset[str]:
    """The paths that are not the same in both."""
    return frozenset(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def text_in(content: bytes) -> str | None:
    """The text in a file, or None when it is none: UTF-8, without control characters."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def with_its_line_ends(text: str, former: str) -> str:
    """Give a text that came through a form the line ends that its file had before.

    Browsers send CRLF whatever was shown. New files get LF.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    all_crlf = "\r\n" in former and former.count("\n") == former.count("\r\n")
    return plain.replace("\n", "\r\n") if all_crlf else plain
