"""let cycles be seen: their runs, what is paid, and which mails went out."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TRIGGERS = sa.Enum(
    "scheduler",
    "command",
    "page",
    name="trigger",
    native_enum=False,
    create_constraint=True,
    length=24,
)
NOTICES = sa.Enum(
    "expiring",
    "statement",
    name="noticekind",
    native_enum=False,
    create_constraint=True,
    length=24,
)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "cycle_runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("trigger", TRIGGERS, nullable=False),
        sa.Column("instant", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle_runs")),
    )
    with op.batch_alter_table("cycle_runs") as batch:
        batch.create_index(batch.f("ix_cycle_runs_started_at"), ["started_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", NOTICES, nullable=False),
        sa.Column("about", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "kind", "about", name=op.f("pk_notices")),
    )
    op.create_table(
        "unwanted_mails",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", NOTICES, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_unwanted_mails_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_unwanted_mails")),
    )
    op.add_column(
        "subscriptions",
        sa.Column("paid_through", sa.BigInteger(), server_default="0", nullable=False),
    )
    for column in ("member", "app"):
        name = f"ix_transactions_{column}"
        where = sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, table_name="transactions")
        op.create_index(
            name,
            "transactions",
            ["pool", column, "seq"],
            unique=False,
            sqlite_where=where,
            postgresql_where=where,
        )


def downgrade() -> None:
    """Go back to the revision before."""
    for column in ("member", "app"):
        name = f"ix_transactions_{column}"
        op.drop_index(name, table_name="transactions")
        op.create_index(name, "transactions", ["pool", column, "seq"], unique=False)
    op.drop_column("subscriptions", "paid_through")
    op.drop_table("unwanted_mails")
    op.drop_table("notices")
    with op.batch_alter_table("cycle_runs") as batch:
        batch.drop_index(batch.f("ix_cycle_runs_started_at"))

    op.drop_table("cycle_runs")
