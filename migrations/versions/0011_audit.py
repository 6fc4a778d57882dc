"""audit: who changed what, from where, in chains that are sealed."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SAID = (
    "id",
    "chain",
    "nonce",
    "at",
    "kind",
    "actor",
    "actor_name",
    "person_id",
    "token_id",
    "door",
    "address",
    "browser",
    "about",
    "before",
    "after",
    "mark",
)

# A line never changes, whoever writes SQL: it only gets its number and its seal, once.
SAME = " AND ".join(f'OLD."{name}" IS NEW."{name}"' for name in SAID)
SQLITE = (
    f"""
CREATE TRIGGER audit_lines_never_update BEFORE UPDATE ON audit_lines
WHEN NOT (OLD.seq IS NULL AND NEW.seq IS NOT NULL AND NEW.seal IS NOT NULL AND {SAME})
BEGIN SELECT RAISE(ABORT, 'a line of the audit log never changes'); END
""",
    """
CREATE TRIGGER audit_lines_never_delete BEFORE DELETE ON audit_lines
BEGIN SELECT RAISE(ABORT, 'a line of the audit log never changes'); END
""",
)
POSTGRESQL = """
CREATE FUNCTION audit_lines_never_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF TG_OP = 'UPDATE' THEN
    IF OLD.seq IS NULL AND NEW.seq IS NOT NULL AND NEW.seal IS NOT NULL
        AND to_jsonb(OLD) - 'seq' - 'seal' = to_jsonb(NEW) - 'seq' - 'seal' THEN
        RETURN NEW;
    END IF;
END IF;
RAISE EXCEPTION 'a line of the audit log never changes';
END $$;
CREATE TRIGGER audit_lines_never_change BEFORE UPDATE OR DELETE ON audit_lines
FOR EACH ROW EXECUTE FUNCTION audit_lines_never_change();
CREATE TRIGGER audit_lines_never_emptied BEFORE TRUNCATE ON audit_lines
FOR EACH STATEMENT EXECUTE FUNCTION audit_lines_never_change()
"""


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "audit_lines",
        sa.Column("id", KEY, nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("actor", sa.String(length=24), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("door", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_lines")),
        sa.UniqueConstraint("nonce", name=op.f("uq_audit_lines_nonce")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_audit_lines_chain_seq")),
    )
    op.create_index("ix_audit_lines_chain_id", "audit_lines", ["chain", "id"])
    op.create_index("ix_audit_lines_person_id_id", "audit_lines", ["person_id", "id"])
    op.create_index(
        "ix_audit_lines_unsealed",
        "audit_lines",
        ["chain", "id"],
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("chain", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_sign_in_failures")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
    else:
        op.execute(POSTGRESQL)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("sign_in_failures")
    op.drop_table("audit_heads")
    op.drop_table("audit_lines")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_lines_never_change()")
