"""Whoever lays hands on the audit log is found out: order, gaps, edits, insertions, truncation."""

import pytest
from sqlalchemy.exc import DatabaseError

from app.services import sealing
from app.services.audit.verify import heads as present_heads
from app.services.sealing import seal_with
from app.store.database import db, transaction
from tests.services.audit.log import broken, heads, lines, seal, tamper, write

COPIED = (
    "chain, at, kind, actor, actor_name, person_id, token_id, door, address, browser, about, "
    '"before", "after", mark'
)
AFTER = "does not follow the one before"
CHANGED = "was changed, or not written by this installation"


def test_a_log_that_nobody_touched_is_whole(sealed):
    write(2)
    assert broken() == []
    assert seal() == 2
    assert broken() == []
    assert [line.seq for line in lines(7)] == [1, 2, 3, 4, 5, 6, 7]


# what somebody does, the line at which the chain breaks, and how it is told
TAMPERED = {
    "edit what it says": (
        "UPDATE audit_lines SET about = 'x' WHERE chain = {c} AND seq = 3",
        3,
        CHANGED,
    ),
    "edit who did it": (
        "UPDATE audit_lines SET actor_name = 'Bob', person_id = 2 WHERE chain = {c} AND seq = 1",
        1,
        CHANGED,
    ),
    "edit when": (
        "UPDATE audit_lines SET at = '2020-01-01 00:00:00+00:00' WHERE chain = {c} AND seq = 2",
        2,
        CHANGED,
    ),
    "delete in the middle": (
        "DELETE FROM audit_lines WHERE chain = {c} AND seq = 3",
        3,
        "is missing",
    ),
    "delete the first": ("DELETE FROM audit_lines WHERE chain = {c} AND seq = 1", 1, "is missing"),
    "delete and close the gap": (
        (
            "DELETE FROM audit_lines WHERE chain = {c} AND seq = 3; "
            "UPDATE audit_lines SET seq = seq - 1 WHERE chain = {c} AND seq = 4; "
            "UPDATE audit_lines SET seq = seq - 1 WHERE chain = {c} AND seq = 5"
        ),
        3,
        AFTER,
    ),
    "truncate": ("DELETE FROM audit_lines WHERE chain = {c} AND seq > 3", 4, "names line 5"),
    "truncate and take the head back": (
        (
            "DELETE FROM audit_lines WHERE chain = {c} AND seq > 3; "
            "UPDATE audit_heads SET seq = 3, seal = "
            "(SELECT seal FROM audit_lines WHERE chain = {c} AND seq = 3) WHERE chain = {c}"
        ),
        None,
        "The head was changed",
    ),
    "empty the chain": ("DELETE FROM audit_lines WHERE chain = {c}", 1, "names line 5"),
    "take the head away": ("DELETE FROM audit_heads WHERE chain = {c}", None, "its head is gone"),
    "reorder": (
        (
            "UPDATE audit_lines SET seq = -1 WHERE chain = {c} AND seq = 2; "
            "UPDATE audit_lines SET seq = 2 WHERE chain = {c} AND seq = 3; "
            "UPDATE audit_lines SET seq = 3 WHERE chain = {c} AND seq = -1"
        ),
        2,
        AFTER,
    ),
    "move to another chain": (
        "UPDATE audit_lines SET chain = {c}, seq = 6 WHERE chain = {d} AND seq = 3",
        6,
        CHANGED,
    ),
    "insert a copy at the end": (
        (
            "INSERT INTO audit_lines (nonce, COPIED, seq, seal) "
            "SELECT 'other {c}', COPIED, 6, seal FROM audit_lines WHERE chain = {c} AND seq = 5"
        ),
        6,
        CHANGED,
    ),
    "insert a copy that waits for its seal": (
        (
            "INSERT INTO audit_lines (nonce, COPIED) "
            "SELECT 'other {c}', COPIED FROM audit_lines WHERE chain = {c} AND seq = 5"
        ),
        None,
        CHANGED,
    ),
    "edit the seal": ("UPDATE audit_lines SET seal = 'x' WHERE chain = {c} AND seq = 4", 4, AFTER),
}


def test_what_somebody_does_to_it_is_found(empty, subtests):
    chains = {what: 10 * number for number, what in enumerate(TAMPERED, 1)}
    for chain in chains.values():
        write(5, chain=chain)
        write(3, chain=chain + 1)
    seal()
    for what, chain in chains.items():
        statements = TAMPERED[what][0].replace("COPIED", COPIED)
        tamper(*statements.format(c=chain, d=chain + 1).split("; "))
    found = {chain: (seq, words) for chain, seq, words in broken()}
    for what, chain in chains.items():
        with subtests.test(what):
            _, seq, words = TAMPERED[what]
            assert found[chain][0] == seq
            assert words in found[chain][1]
    assert {chain for chain in found if chain % 10} == {chains["move to another chain"] + 1}


def test_a_forged_line_that_was_sealed_is_found(sealed):
    tamper(
        f"INSERT INTO audit_lines (nonce, {COPIED}) "
        f"SELECT 'other', {COPIED} FROM audit_lines WHERE chain = 7 AND seq = 5"
    )
    assert seal() == 1
    assert [(chain, seq) for chain, seq, _ in broken()] == [(7, 6)]


def test_an_edit_before_the_seal_is_found(empty):
    write(2)
    tamper("UPDATE audit_lines SET about = 'x' WHERE about = 'line 1'")
    assert CHANGED in broken()[0][2]
    seal()
    assert [(chain, seq) for chain, seq, _ in broken()] == [(7, 2)]


def test_a_head_that_was_kept_elsewhere_tells_of_a_log_that_was_written_anew(sealed):
    kept = {each.chain: (each.seq, each.seal) for each in present_heads()}
    assert broken(kept) == []
    write(1)
    seal()
    assert broken(kept) == [], "the log may go on"
    tamper("DELETE FROM audit_lines WHERE chain = 7", "DELETE FROM audit_heads WHERE chain = 7")
    write(5)  # whoever has the secret, too
    seal()
    assert broken() == []
    assert [(chain, seq) for chain, seq, _ in broken(kept)] == [(7, 5)]
    tamper("DELETE FROM audit_lines WHERE chain = 7", "DELETE FROM audit_heads WHERE chain = 7")
    assert [(chain, seq) for chain, seq, _ in broken(kept)] == [(7, 1)]


def test_the_database_refuses_to_change_a_line(guarded, subtests):
    write(1)
    seal()
    write(1)
    before = [(line.id, line.seq, line.about) for line in lines()]
    for statement in (
        "UPDATE audit_lines SET about = 'x'",
        "UPDATE audit_lines SET seq = 9, seal = 'x', about = 'x' WHERE seq IS NULL",
        "UPDATE audit_lines SET seq = 9, seal = 'x' WHERE seq = 1",
        "DELETE FROM audit_lines",
    ):
        with subtests.test(statement):
            with pytest.raises(DatabaseError, match="a line of the audit log never changes"):
                in_a_transaction(statement)
            assert [(line.id, line.seq, line.about) for line in lines()] == before


def in_a_transaction(statement):
    with transaction():
        db.session.execute(db.text(statement))


def test_after_the_secret_was_changed_the_former_one_proves_what_was(sealed):
    (former,) = sealing._secrets[db.engine]
    seal_with(secret := "another secret of the installation")
    assert {chain for chain, _, _ in broken()} == {7, 8}
    seal_with(secret, former)
    write(1)
    seal()
    assert broken() == []
    assert heads()[7].seq == 6
