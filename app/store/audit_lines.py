"""Lines of the audit log, the heads of their chains, and how often signing in failed.

Lines are only added. The database refuses to delete one, and to change anything of it but to
give it its number and its seal, once. Nothing here has a foreign key: whoever writes a line
waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.audit_line import (
    LONGEST_ABOUT,
    LONGEST_ADDRESS,
    LONGEST_BROWSER,
    LONGEST_NAME,
    AuditFacts,
)
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, current_connection, db

UNSEALED = text("seq IS NULL")


class AuditLine(Base):
    """One line. Its chain is the account's id, or 0 for the installation."""

    __tablename__ = "audit_lines"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_audit_lines_chain_id", "chain", "id"),
        Index("ix_audit_lines_person_id_id", "person_id", "id"),
        Index(
            "ix_audit_lines_unsealed",
            "chain",
            "id",
            sqlite_where=UNSEALED,
            postgresql_where=UNSEALED,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    chain: Mapped[int] = mapped_column(BigInteger)
    nonce: Mapped[str] = mapped_column(String(32), unique=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str] = mapped_column(String(24))
    actor_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    token_id: Mapped[int | None] = mapped_column(BigInteger)
    door: Mapped[str] = mapped_column(String(24))
    address: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    browser: Mapped[str] = mapped_column(String(LONGEST_BROWSER))
    about: Mapped[str] = mapped_column(String(LONGEST_ABOUT))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int | None] = mapped_column(BigInteger)
    seal: Mapped[str | None] = mapped_column(String(64))


class AuditHead(Base):
    """The last sealed line of a chain. Sealers take turns at its row; writers never touch it."""

    __tablename__ = "audit_heads"

    chain: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(Instant)


class SignInFailures(Base):
    """How often signing in as a person failed on a day; 0 stands for addresses nobody has."""

    __tablename__ = "sign_in_failures"

    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


LINES, HEADS, FAILURES = (
    cast("Table", table.__table__) for table in (AuditLine, AuditHead, SignInFailures)
)


def add_line(values: Mapping[str, Any], connection: Connection | None = None) -> None:
    """Write a line in the running transaction, whatever else it still has to write."""
    (connection or current_connection()).execute(insert(LINES), values)


def facts_of(line: AuditLine) -> AuditFacts:
    """What a line says, as marks and seals are made of it."""
    return AuditFacts(**{name: getattr(line, name) for name in AuditFacts.__slots__})


def unsealed_chains(connection: Connection, limit: int) -> list[int]:
    """List chains with lines that wait for their seal."""
    statement = select(LINES.c.chain).where(LINES.c.seq.is_(None)).distinct().limit(limit)
    return list(connection.scalars(statement))


def lock_head(chain: int, begin: Mapping[str, Any]) -> AuditHead | None:
    """Take the head of a chain, which is made if there is none; None while another has it."""
    dialect = postgresql if current_connection().dialect.name == "postgresql" else sqlite
    made = dialect.insert(HEADS).values(chain=chain, **begin).on_conflict_do_nothing()
    current_connection().execute(made)
    statement = select(AuditHead).where(AuditHead.chain == chain)
    return db.session.scalar(statement.with_for_update(skip_locked=True))


def unsealed_lines(chain: int, limit: int) -> list[AuditLine]:
    """List a chain's lines that wait for their seal, in the order in which they were written."""
    statement = select(AuditLine).where(AuditLine.chain == chain, AuditLine.seq.is_(None))
    return list(db.session.scalars(statement.order_by(AuditLine.id).limit(limit)))


def put_seals(seals: Sequence[tuple[int, int, str]]) -> None:
    """Give lines, by id, their numbers and seals."""
    statement = (
        update(LINES)
        .where(LINES.c.id == bindparam("line"))
        .values(seq=bindparam("number"), seal=bindparam("sealed"))
    )
    values = [{"line": line, "number": seq, "sealed": seal} for line, seq, seal in seals]
    current_connection().execute(statement, values)


def count_failure(person_id: int, day: date) -> int:
    """Count a failure to sign in, and tell how many there were on that day."""
    dialect = postgresql if current_connection().dialect.name == "postgresql" else sqlite
    made = dialect.insert(FAILURES).values(person_id=person_id, day=day, count=1)
    counted = made.on_conflict_do_update(
        index_elements=["person_id", "day"], set_={"count": FAILURES.c.count + 1}
    )
    found = current_connection().scalar(counted.returning(FAILURES.c.count))
    return int(found or 0)


def take_failures(person_id: int) -> int:
    """Forget how often signing in as a person failed, and tell how often it was."""
    gone = delete(FAILURES).where(FAILURES.c.person_id == person_id)
    return sum(current_connection().scalars(gone.returning(FAILURES.c.count)))


def delete_failures_before(day: date) -> None:
    """Forget counts of long ago."""
    current_connection().execute(delete(FAILURES).where(FAILURES.c.day < day))


def slugs_of_chains(chains: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The slugs and names of the accounts whose chains these are."""
    found = db.session.execute(
        select(Account.id, Account.slug, Account.name).where(Account.id.in_(set(chains)))
    )
    return {row[0]: (row[1], row[2]) for row in found}
