"""Zip files: what we write can be read back, and nothing that is hostile gets in."""

import contextlib
import io
import random
import stat
import struct
import warnings
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.app_file import require_apart
from app.domain.refusals import InvalidRequest
from app.domain.zip_file import MOST_ZIP_BYTES, files_in_zip, zip_of

MIB = 1024 * 1024


def zipped(*entries, **how):
    """A zip of these names, or infos, with their contents."""
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", **how) as archive:
        warnings.simplefilter("ignore")
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


def special(mode):
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, mode << 16
    return info


def encrypted():
    """A zip that says of its file that it is encrypted, in both places."""
    content = bytearray(zipped(("a.txt", b"secret")))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


def lying(size):
    """A zip of 2 MiB of zeroes that says its file were shorter."""
    content = zipped(("a.txt", bytes(2 * MIB)), compression=zipfile.ZIP_DEFLATED)
    return content.replace(struct.pack("<L", 2 * MIB), struct.pack("<L", size))


HOSTILE = {
    "../../etc/passwd": zipped(("../../etc/passwd", b"x")),
    "begins inside": zipped(("/etc/passwd", b"x")),
    "drive": zipped(("C:/x", b"x")),
    "\\": zipped(("a\\b", b"x")),
    "symbolic link": zipped((special(stat.S_IFLNK | 0o777), b"/etc/passwd")),
    "no plain file": zipped((special(stat.S_IFIFO | 0o777), b"")),
    "twice": zipped(("a", b"1"), ("a", b"2")),
    "same file": zipped(("a", b"1"), ("A", b"2")),
    "both a file and a folder": zipped(("a", b"1"), ("a/b", b"2")),
    "encrypted": encrypted(),
    "more than 500 files": zipped(*((f"f{number}", b"") for number in range(10_000))),
    "1 MiB": zipped(("bomb", bytes(300 * MIB)), compression=zipfile.ZIP_DEFLATED),
    "10 MiB together": zipped(
        *((f"bomb{number}", bytes(MIB)) for number in range(400)), compression=zipfile.ZIP_DEFLATED
    ),
    "use deflate": zipped(("a", b"x" * 100), compression=zipfile.ZIP_BZIP2),
    "no file": zipped(("folder/", b"")),
    "no zip file": b"PK\3\4 but then nothing",
    "broken": lying(5),
    "larger than 11 MiB": bytes(MOST_ZIP_BYTES + 1),
}


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_zip_is_refused_in_clear_words(words):
    with pytest.raises(InvalidRequest) as refused:
        files_in_zip(HOSTILE[words])
    assert words in refused.value.detail


def test_zip64_with_another_table_of_contents_is_not_believed():
    content = zipped(("a", b"x"))
    end = content.rindex(b"PK\5\6")
    locator = b"PK\6\7" + struct.pack("<LQL", 0, 0, 1)
    with pytest.raises(InvalidRequest, match="more than"):
        files_in_zip(content[:end] + locator + content[end:])


def test_what_is_inside_a_zip_in_a_zip_is_not_looked_at():
    inner = HOSTILE["1 MiB"][:MIB]
    assert files_in_zip(zipped(("inner.zip", inner))) == {"inner.zip": inner}


def test_folders_and_what_macos_adds_are_left_out():
    entries = [("a/", b""), ("a/b", b"x"), ("__MACOSX/a/._b", b"y"), ("a/.DS_Store", b"z")]
    assert files_in_zip(zipped(*entries)) == {"a/b": b"x"}


def test_the_same_files_give_the_same_bytes():
    assert zip_of({"b": b"1", "a": b"2"}) == zip_of({"a": b"2", "b": b"1"})


def test_a_full_version_comes_back():
    rng = random.Random(6)
    files = {f"f{number}": rng.randbytes(MIB) for number in range(10)}
    assert files_in_zip(zip_of(files)) == files


NAMES = st.text("abcdé日-_ 0", min_size=1, max_size=6).filter(lambda name: name == name.strip())
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


def lie_apart(files):
    try:
        require_apart(files)
    except InvalidRequest:
        return False
    return True


@given(st.dictionaries(PATHS, st.binary(max_size=40), min_size=1, max_size=6).filter(lie_apart))
def test_what_is_written_is_read_back(files):
    assert files_in_zip(zip_of(files)) == files


@given(st.data())
@example(None)
def test_a_damaged_zip_is_read_or_refused_and_never_breaks(data):
    content = bytearray(zip_of({"a.txt": b"hello" * 20, "b/c.txt": b"world"}))
    if data is not None:
        for _ in range(data.draw(st.integers(1, 6))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidRequest):
        assert all(isinstance(each, bytes) for each in files_in_zip(bytes(content)).values())
