"""What the tests of the audit log look at and lay hands on."""

from app.services.audit.note import note
from app.services.audit.seal_lines import seal_lines
from app.services.audit.verify import verify_audit
from app.store.audit_lines import AuditHead, AuditLine
from app.store.database import current_engine, db, transaction
from tests.conftest import START

GUARDS = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS audit_lines_never_update",
        "DROP TRIGGER IF EXISTS audit_lines_never_delete",
    ),
    "postgresql": (
        "DROP TRIGGER IF EXISTS audit_lines_never_change ON audit_lines",
        "DROP TRIGGER IF EXISTS audit_lines_never_emptied ON audit_lines",
    ),
}


def lines(chain=None):
    """The lines, the oldest first."""
    db.session.rollback()
    statement = db.select(AuditLine).order_by(AuditLine.id)
    if chain is not None:
        statement = statement.where(AuditLine.chain == chain)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def heads():
    """The heads by chain."""
    db.session.rollback()
    return {row.chain: row for row in db.session.scalars(db.select(AuditHead))}


def write(count, chain=7):
    """Note that many lines in one chain, each in a transaction of its own."""
    for number in range(count):
        with transaction():
            note("member.joined", chain, START, about=f"line {number}")


def tamper(*statements):
    """Run SQL as somebody who owns the database and takes its guards away."""
    engine = current_engine()
    with engine.begin() as connection:
        for statement in (*GUARDS[engine.dialect.name], *statements):
            connection.exec_driver_sql(statement)
    db.session.rollback()


def begin_anew():
    """Forget what filled the database, which another installation's secret marked."""
    tamper("DELETE FROM audit_lines", "DELETE FROM audit_heads")


def broken(kept=None):
    """What is found to be wrong, as (chain, seq, words)."""
    return [(one.chain, one.seq, one.broken) for one in verify_audit(kept) if one.broken]


def seal():
    """Seal what waits."""
    return seal_lines(START)
