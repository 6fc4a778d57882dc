"""Zip files of apps: read with distrust, written so that the same files give the same bytes.

What a zip says of itself is not believed: the number of its files, the sizes and the paths are
held to the limits of a version, and no more is unpacked than these allow. So how well a bomb is
packed doesn't matter: 10 MiB come out of it at most. A zip inside a zip is a file like any other.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

from app.domain.app_file import (
    MOST_FILE_BYTES,
    MOST_FILES,
    MOST_VERSION_BYTES,
    path_from,
    require_apart,
    require_size,
    require_total,
)
from app.domain.refusals import InvalidRequest

MOST_ZIP_BYTES = MOST_VERSION_BYTES + 1024 * 1024
# Folders and what macOS adds have lines in the table of contents too.
MOST_LINES = 4 * MOST_FILES
MOST_CONTENTS_BYTES = 1024 * 1024
BEGIN = (1980, 1, 1, 0, 0, 0)
FILE_MODE = (stat.S_IFREG | 0o644) << 16
UNIX = 3
PACKED_AS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeError,
    ValueError,
)
END, END_SIZE, ZIP64 = b"PK\5\6", 22, b"PK\6\7"
LONGEST_COMMENT = 65_535
ENCRYPTED = 0x1


def files_in_zip(content: bytes) -> dict[str, bytes]:
    """Read the files of a zip by path; raise `InvalidRequest` that says what is wrong with it."""
    if len(content) > MOST_ZIP_BYTES:
        raise _refusal("it is larger than 11 MiB")
    _require_short_contents(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except BROKEN:
        raise _refusal("it is broken, or is no zip file") from None


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """Write files as a zip: the same bytes for the same files, whoever asks and when."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, BEGIN)
            info.create_system, info.external_attr = UNIX, FILE_MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[path], compresslevel=6)
    return packed.getvalue()


def _refusal(reason: str) -> InvalidRequest:
    return InvalidRequest.of("files", f"This zip can't be taken: {reason}.")


def _require_short_contents(content: bytes) -> None:
    """Look at the end of the zip, so that a long table of contents is not even read."""
    at = content.rfind(END, max(0, len(content) - END_SIZE - LONGEST_COMMENT))
    if at < 0 or at + END_SIZE > len(content):
        raise _refusal("it is broken, or is no zip file")
    lines, size = struct.unpack_from("<HL", content, at + 10)
    if lines > MOST_LINES or size > MOST_CONTENTS_BYTES or content[at - 20 : at - 16] == ZIP64:
        raise _refusal(f"it has more than {MOST_FILES} files")


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    chosen: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if (path := _path(info)) is None:
            continue
        if path in chosen:
            raise _refusal(f"{path} is in it twice")
        chosen[path] = info
    _require_fitting(chosen)
    files, total = {}, 0
    for path, info in chosen.items():
        files[path] = _content(archive, path, info)
        total += len(files[path])
        require_total(total)
    return files


def _path(info: zipfile.ZipInfo) -> str | None:
    """The path of a file, once it is found to be a plain one; None for what is no file of it."""
    name = info.orig_filename.removesuffix("/")
    path = path_from(name, "files")
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise _refusal(f"{path} is a symbolic link")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refusal(f"{path} is no plain file")
    if info.flag_bits & ENCRYPTED:
        raise _refusal("it is encrypted")
    parts = path.split("/")
    return None if info.is_dir() or parts[0] == "__MACOSX" or parts[-1] == ".DS_Store" else path


def _require_fitting(chosen: Mapping[str, zipfile.ZipInfo]) -> None:
    """Hold what the zip says to the limits, before anything is unpacked."""
    if not chosen:
        raise _refusal("there is no file in it")
    if len(chosen) > MOST_FILES:
        raise _refusal(f"it has more than {MOST_FILES} files")
    require_apart(chosen)
    for path, info in chosen.items():
        if info.compress_type not in PACKED_AS:
            raise _refusal(f"{path} is packed in a way that is not read here; use deflate")
        require_size(path, info.file_size)
    require_total(sum(info.file_size for info in chosen.values()))


def _content(archive: zipfile.ZipFile, path: str, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as opened:
        content = opened.read(MOST_FILE_BYTES + 1)
    require_size(path, len(content))
    if len(content) != info.file_size:
        raise _refusal(f"{path} is not as long as it says")
    return content
