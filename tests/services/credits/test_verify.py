"""The proof on stored books: whatever is edited by SQL is found, and the first difference named."""

from contextlib import contextmanager

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.domain.refusals import NotFound
from app.services.credits.caller import caller_of
from app.services.credits.finish import refund
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.credits.verify import verify_ledger
from app.store.database import db
from app.store.pools import GRANTS, HOLDS, POOLS, TRANSACTIONS, USAGE
from tests.conftest import START


@pytest.fixture
def history(acme, service_token):
    """An allocation, a deduction of 3 (line 2), a refund of 1 (line 3), a hold of 2."""
    platform = caller_of(service_token, START)
    spending = Spending("acme", "bob@acme.test", None, "deploy", 3)
    paid = deduct(platform, spending, "k", START).value
    refund(platform, paid.id, 1, "mistake", None, START)
    place_hold(platform, Spending("acme", "bob@acme.test", None, "deploy", 2), "h", None, START)
    return acme.account.id


@contextmanager
def changed(table, *statements):
    """Edit a table behind Coffer's back; put its rows back afterwards."""
    with db.engine.begin() as connection:
        before = [row._asdict() for row in connection.execute(select(table))]
        for statement in statements:
            connection.execute(statement)
        assert [row._asdict() for row in connection.execute(select(table))] != before
    yield
    with db.engine.begin() as connection:
        connection.execute(delete(table))
        connection.execute(insert(table), before)


def named(table, *statements):
    """The first difference once the table was edited, after which all is well again."""
    with changed(table, *statements):
        (found,) = verify_ledger("acme")
    assert next(verify_ledger("acme")).difference is None
    return found.difference


def of(table, pool, **values):
    """An edit of all rows of a pool."""
    return update(table).where(table.c.pool == pool).values(**values)


def test_an_untouched_ledger_agrees(history):
    found = list(verify_ledger())
    assert {one.slug: one.lines for one in found} == {
        "alice": 1,
        "bob": 1,
        "carol": 1,
        "charlie": 1,
        "acme": 3,
    }
    assert not any(one.difference for one in found)


EDITED_LINES = [
    ({"credits": -2}, "line 2, balance after"),
    ({"balance_after": 4_998}, "line 2, balance after"),
    ({"draws": [[1, 2]]}, "line 2, credits drawn"),
    ({"draws": [[2, 3]]}, "grant 1, used"),
    ({"kind": "expiry"}, "grant 1, used"),
    ({"seq": 9}, "numbers without gaps"),
    ({"at": START.replace(hour=13)}, "line 3, in order of time"),
    ({"member": 99}, "usage on 2026-01-15 by member"),
    ({"app": 5}, "usage on 2026-01-15 by member"),
    ({"action": "ai.image"}, "usage on 2026-01-15 by member"),
]


def test_an_edited_line_is_found(history):
    for values, what in EDITED_LINES:
        edit = of(TRANSACTIONS, history, **values).where(TRANSACTIONS.c.seq == 2)
        assert named(TRANSACTIONS, edit).what.startswith(what), values


def test_a_deleted_line_is_found(history):
    for seq, what in [(2, "numbers without gaps"), (3, "last number")]:
        mine = (TRANSACTIONS.c.pool == history) & (TRANSACTIONS.c.seq == seq)
        assert named(TRANSACTIONS, delete(TRANSACTIONS).where(mine)).what == what


EDITED_GRANTS = [
    ({"used": 1, "remaining": 4_997}, "grant 1, used"),
    ({"expired": 1, "remaining": 4_995}, "grant 1, expired"),
    ({"held": 1, "remaining": 4_997}, "grant 1, held"),
    ({"granted": 6_000, "remaining": 5_996}, "grant 1, granted"),
    ({"is_open": False}, "open grants"),
    ({"number": 2}, "grant 2, granted"),
]


def test_an_edited_grant_is_found(history):
    for values, what in EDITED_GRANTS:
        assert named(GRANTS, of(GRANTS, history, **values)).what == what, values


def test_a_deleted_grant_and_an_invented_one_are_found(history):
    mine = GRANTS.c.pool == history
    with db.engine.connect() as connection:
        row = connection.execute(select(GRANTS).where(mine)).one()._asdict()
    invented = insert(GRANTS).values({**row, "number": 2})
    for edit in (invented, delete(GRANTS).where(mine)):
        assert named(GRANTS, edit).what == "number of grants"


EDITED_HOLDS = [
    ({"credits": 3}, "hold 1, credits"),
    ({"draws": [[1, 1]]}, "hold 1, credits"),
    ({"draws": [[1, 1]], "credits": 1}, "held"),
    ({"state": "released"}, "held"),
]


def test_an_edited_hold_and_a_deleted_one_are_found(history):
    for values, what in EDITED_HOLDS:
        assert named(HOLDS, of(HOLDS, history, **values)).what == what, values
    assert named(HOLDS, delete(HOLDS).where(HOLDS.c.pool == history)).what == "held"


EDITED_TOTALS = [
    ({"seq": 4}, "last number"),
    ({"balance": 4_999}, "balance"),
    ({"held": 1}, "held"),
    ({"grant_count": 0}, "last grant's number"),
    ({"at": START.replace(hour=1)}, "time of the last change"),
]


def test_edited_totals_are_found(history):
    for values, what in EDITED_TOTALS:
        edit = update(POOLS).where(POOLS.c.id == history).values(**values)
        assert named(POOLS, edit).what == what


def test_edited_usage_and_deleted_usage_are_found(history):
    for values in ({"credits": 3}, {"count": 2}, {"member": 99}, {"app": 4}):
        what = named(USAGE, of(USAGE, history, **values)).what
        assert what.startswith("usage on 2026-01-15 by member "), values
    difference = named(USAGE, delete(USAGE).where(USAGE.c.pool == history))
    assert str(difference).endswith(
        "(credits, deductions): (2, 1) by the lines, (0, 0) by the books"
    )


IMPOSSIBLE = [
    update(GRANTS).values(remaining=GRANTS.c.remaining - 1),
    update(GRANTS).values(remaining=-1, used=GRANTS.c.used + GRANTS.c.remaining + 1),
    update(GRANTS).values(held=-1, remaining=GRANTS.c.remaining + GRANTS.c.held + 1),
    update(POOLS).values(balance=POOLS.c.held - 1),
    update(POOLS).values(held=-1),
]


def test_the_database_itself_refuses_books_that_cant_be(history):
    for statement in IMPOSSIBLE:
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(statement)
    assert not any(one.difference for one in verify_ledger())


def test_an_unknown_account_is_not_found(app):
    with pytest.raises(NotFound):
        list(verify_ledger("nobody"))
