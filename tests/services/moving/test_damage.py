"""A file that was damaged, shortened, made by another version or forged is refused whole."""

import gzip
import hashlib

import orjson
import pytest

from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.services.moving.container import MARK, TRAILER, reading, writing
from app.services.moving.export_workspace import export_workspace
from app.services.moving.import_workspace import import_workspace
from app.store.accounts import account_by_slug
from app.store.people import person_by_email
from tests.services.moving.conftest import ALICE, NOW, tell_story


@pytest.fixture
def file(tmp_path):
    """A small file of the same make."""
    path = tmp_path / "small"
    with writing(path) as lines:
        for number in range(50):
            lines.write("line", number, "x" * number)
    return path


def read(path):
    with reading(path) as lines:
        return list(lines)


def test_what_was_written_is_read(file):
    assert read(file)[49] == ["line", 49, "x" * 49]


def test_a_byte_that_is_damaged_anywhere_is_found(file):
    sound = file.read_bytes()
    for place in range(len(sound)):
        for flipped in (1, 128):
            damaged = bytearray(sound)
            damaged[place] ^= flipped
            file.write_bytes(damaged)
            with pytest.raises(InvalidRequest, match="damaged"):
                read(file)


def test_a_file_of_another_length_is_found(file):
    sound = file.read_bytes()
    for changed in (sound[:-1], sound[:40], sound + b"\n", b""):
        file.write_bytes(changed)
        with pytest.raises(InvalidRequest, match="damaged"):
            read(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NotFound, match="can't be read"):
        read(tmp_path / "none")


def test_what_fails_while_it_is_written_leaves_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "half") as lines:
        lines.write("line", 1 / 0)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def forge(places):
    """Export Acme, change its lines, and put the right checksum on what came of that."""
    with places.left.inside():
        tell_story()
        export_workspace("acme", places.file, NOW)

    def change(edit):
        packed = places.file.read_bytes()[:-TRAILER]
        lines = [orjson.loads(line) for line in gzip.decompress(packed).splitlines()]
        written = gzip.compress(b"".join(orjson.dumps(each) + b"\n" for each in edit(lines)))
        digest = hashlib.sha256(written).hexdigest().encode()
        places.file.write_bytes(written + MARK + digest + b"\n")

    return change


def each_of(kind, change):
    """Change the last line of a kind."""

    def edit(lines):
        place = max(n for n, line in enumerate(lines) if line[0] == kind)
        changed = change(lines[place])
        return [*lines[:place], *([changed] if changed else []), *lines[place + 1 :]]

    return edit


def with_value(index, value):
    return lambda line: [*line[:index], value, *line[index + 1 :]]


FORGERIES = {
    "a line of the ledger with more credits": (
        each_of("transaction", with_value(4, -999)),
        Conflict,
        "doesn't prove itself",
    ),
    "a grant with more left": (each_of("grant", with_value(5, 10**6)), InvalidRequest, "export"),
    "a pool with more credits": (each_of("pool", with_value(3, 10**6)), Conflict, "prove itself"),
    "usage of somebody else": (each_of("usage", with_value(6, 77)), Conflict, "prove itself"),
    "a line less": (each_of("transaction", lambda _: None), InvalidRequest, "ends early"),
    "no end": (lambda lines: lines[:-1], InvalidRequest, "ends early"),
    "more after the end": (
        lambda lines: [*lines, ["person", 9, "x@x.test", "X"]],
        InvalidRequest,
        "",
    ),
    "a member nobody knows": (
        each_of("membership", with_value(2, 10**6)),
        InvalidRequest,
        "not what an export writes",
    ),
    "a kind that there isn't": (each_of("key", with_value(0, "magic")), InvalidRequest, ""),
    "a value of another type": (each_of("period", with_value(4, "soon")), InvalidRequest, ""),
    "rows out of order": (
        lambda lines: [lines[0], *reversed(lines[1:-1]), lines[-1]],
        InvalidRequest,
        "",
    ),
    "a plan that is not here": (
        each_of("subscription", with_value(3, "gold")),
        Conflict,
        "no plan “gold”",
    ),
    "another format": (
        lambda lines: [["manifest", lines[0][1] | {"format": 2}], *lines[1:]],
        InvalidRequest,
        "another version",
    ),
    "other columns": (
        lambda lines: [["manifest", lines[0][1] | {"columns": {}}], *lines[1:]],
        InvalidRequest,
        "another version",
    ),
    "other balances": (
        lambda lines: [["manifest", lines[0][1] | {"balance": 5}], *lines[1:]],
        Conflict,
        "than its manifest",
    ),
    "a slug that can't be": (
        lambda lines: [["manifest", lines[0][1] | {"slug": "../x"}], *lines[1:]],
        InvalidRequest,
        "",
    ),
    "no manifest": (lambda lines: lines[1:], InvalidRequest, "no export"),
    "nothing": (lambda _: [], InvalidRequest, "no export"),
}


@pytest.mark.parametrize(
    "places",
    [("sqlite", "sqlite"), pytest.param(("sqlite", "postgresql"), marks=pytest.mark.slow)],
    indirect=True,
    ids="-to-".join,
)
def test_forgeries_leave_nothing(places, forge, subtests):
    sound = places.file.read_bytes()
    with places.come.inside():
        for name, (edit, refusal, words) in FORGERIES.items():
            with subtests.test(name):
                places.file.write_bytes(sound)
                forge(edit)
                with pytest.raises(refusal, match=words or None):
                    import_workspace(places.file, NOW)
                assert account_by_slug("acme") is None
                assert person_by_email(ALICE) is None
        places.file.write_bytes(sound)
        import_workspace(places.file, NOW)
