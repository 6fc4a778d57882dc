"""Many write at once and many seal at once: each line is sealed once, in chains without gaps."""

import threading

import pytest

from app.services.audit.note import note
from app.services.audit.seal_lines import seal_lines
from app.store.database import db, transaction
from tests.conftest import START
from tests.services.audit.log import broken, heads, lines, seal, write
from tests.services.racing import at_once


class UndoneError(Exception):
    pass


def write_or_undo(about, chain=7, *, undo=False):
    try:
        with transaction():
            note("member.joined", chain, START, about=about)
            if undo:
                raise UndoneError
    except UndoneError:
        pass


def test_what_is_undone_leaves_no_line(empty):
    write_or_undo("line", undo=True)
    assert lines() == []
    assert seal() == 0


def test_writers_and_sealers_at_once(app, empty):
    done = threading.Event()

    def writer(number):
        for turn in range(8):
            write_or_undo(f"{number}-{turn}", 7 + turn % 2, undo=turn == 5)

    def writers():
        found = at_once(app, *(lambda n=n: writer(n) for n in range(4)))
        done.set()
        return found

    def sealer():
        sealed = 0
        while not done.is_set():
            sealed += seal_lines(START)
        return sealed

    written, *sealed = at_once(app, writers, sealer, sealer)
    assert written == [None] * 4
    assert sum(sealed) + seal() == len(lines()) == 28
    for chain in (7, 8):
        numbers = sorted(line.seq for line in lines(chain))
        assert numbers == list(range(1, len(numbers) + 1))
        assert heads()[chain].seq == len(numbers)
    assert broken() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_writer_waits_for_no_other_and_a_late_one_is_sealed_late(app, empty):
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction():
            note("member.joined", 7, START, about="late")
            begun.set()
            assert go_on.wait(30)

    def quick():
        assert begun.wait(30)
        write(2)  # while the other has its line and has not committed
        sealed = seal_lines(START)
        go_on.set()
        return sealed

    assert at_once(app, slow, quick) == [None, 2]
    assert seal() == 1
    assert [(line.about, line.seq) for line in lines(7)] == [
        ("late", 3),
        ("line 0", 1),
        ("line 1", 2),
    ]
    assert broken() == []
    db.session.rollback()
