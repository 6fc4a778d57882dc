"""The file: gzip of JSON lines, and a SHA-256 of all that stands before it at its very end.

Each line is a list: what it is, and its values. The digest is compared before anything is read,
so that a byte that was damaged anywhere is found, also where gzip itself would not notice.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import orjson

from app.domain.refusals import Conflict, InvalidRequest, NotFound

MARK = b"\nsha256 "
TRAILER = len(MARK) + 64 + 1
CHUNK = 1024 * 1024
BROKEN = "The file is damaged, or no export of Coffer: its checksum is another."


class _Hashing:
    """Passes on what is written, and adds it up."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, hashlib.sha256()

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        """Write some bytes."""
        self._sum.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand on what is kept back."""
        self._file.flush()

    def trailer(self) -> bytes:
        """The digest of all that was written, as it stands at the end of the file."""
        return MARK + self._sum.hexdigest().encode() + b"\n"


class Lines:
    """Writes lines."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, kind: str, *values: Any) -> None:  # noqa: ANN401 - any JSON value
        """Write one line; instants, days, UUIDs and choices are spelled as JSON texts."""
        self._file.write(orjson.dumps([kind, *values], option=orjson.OPT_APPEND_NEWLINE))


@contextmanager
def writing(path: Path) -> Iterator[Lines]:
    """Write a new file that only its owner may read; what fails leaves none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{path} is there already. Nothing is overwritten.") from None
    except OSError as error:
        raise Conflict(f"{path} can't be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            sums = _Hashing(file)
            target = cast("IO[bytes]", sums)
            with gzip.GzipFile("", "wb", 6, target, mtime=0) as packed:
                yield Lines(cast("IO[bytes]", packed))
            file.write(sums.trailer())
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def reading(path: Path) -> Iterator[Iterator[list[Any]]]:
    """Read a file's lines one by one, after its checksum was compared.

    Raises `InvalidRequest` when it is damaged, and `NotFound` when there is none.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotFound(f"{path} can't be read: {error.strerror}.") from None
    with file:
        size = os.fstat(file.fileno()).st_size - TRAILER
        _require_sound(file, size)
        file.seek(0)
        yield _lines(file, size)


def _require_sound(file: IO[bytes], size: int) -> None:
    sums, left = hashlib.sha256(), size
    while left > 0:
        part = file.read(min(CHUNK, left))
        if not part:
            break
        sums.update(part)
        left -= len(part)
    if size <= 0 or file.read() != MARK + sums.hexdigest().encode() + b"\n":
        raise InvalidRequest(BROKEN)


class _Part:
    """The first bytes of a file, as a file."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int = -1) -> bytes:
        """Read some bytes of those that are left."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def _lines(file: IO[bytes], size: int) -> Iterator[list[Any]]:
    try:
        with gzip.GzipFile(fileobj=cast("IO[bytes]", _Part(file, size)), mode="rb") as packed:
            for line in packed:
                yield _line(line)
    except (OSError, EOFError) as error:
        raise InvalidRequest(BROKEN) from error


def _line(text: bytes) -> list[Any]:
    try:
        line = orjson.loads(text)
    except ValueError:
        line = None
    if not isinstance(line, list) or not line or not isinstance(line[0], str):
        raise InvalidRequest("A line of the file is not what an export writes.")
    return line
