"""tell observers what happened: the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.store.database import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
COUNTS = ("event_count", "shortage")


def upgrade() -> None:
    """Go to this revision."""
    for name in COUNTS:
        op.add_column("pools", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "outbox",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("consumer", sa.String(length=60), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("parked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("pool", "consumer", "number", name=op.f("pk_outbox")),
    )
    parked = sa.text("parked_at IS NOT NULL")
    op.create_index(
        "ix_outbox_parked",
        "outbox",
        ["consumer", "parked_at"],
        unique=False,
        sqlite_where=parked,
        postgresql_where=parked,
    )
    op.create_table(
        "outbox_lanes",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("consumer", sa.String(length=60), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "consumer", name=op.f("pk_outbox_lanes")),
    )
    op.create_index("ix_outbox_lanes_due", "outbox_lanes", ["consumer", "due_at"], unique=False)
    op.create_table(
        "outbox_losses",
        sa.Column("consumer", sa.String(length=60), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("latest", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", name=op.f("pk_outbox_losses")),
    )


def downgrade() -> None:
    """Go back to the revision before; what was not told is lost."""
    for table in ("outbox_losses", "outbox_lanes", "outbox"):
        op.drop_table(table)
    for name in COUNTS:
        op.drop_column("pools", name)
