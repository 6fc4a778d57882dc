"""ai_proxy: let apps call AI models."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("chat", "image", "embedding")
SPANS = ("day", "cycle", "total")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "ai_models",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="modelkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("upstream", sa.String(length=100), nullable=False),
        sa.Column("per", sa.Integer(), nullable=True),
        sa.Column("input_credits", sa.BigInteger(), nullable=False),
        sa.Column("output_credits", sa.BigInteger(), nullable=False),
        sa.Column("most_input", sa.BigInteger(), nullable=False),
        sa.Column("most_output", sa.BigInteger(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_ai_models")),
    )
    op.create_table(
        "ai_terms",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column(
            "per",
            sa.Enum(*SPANS, name="budgetper", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("calls_per_minute", sa.Integer(), nullable=True),
        sa.Column("calls_at_once", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_ai_terms")),
    )
    op.create_table(
        "ai_purses",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("minute", Instant(), nullable=False),
        sa.Column("minute_calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_ai_purses")),
    )
    op.create_table(
        "ai_open_calls",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("pool", sa.BigInteger(), nullable=False),
        sa.Column("hold", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ai_open_calls")),
    )
    op.create_index("ix_ai_open_calls_subject", "ai_open_calls", ["subject"])
    op.create_table(
        "ai_use",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "day", name=op.f("pk_ai_use")),
    )
    with op.batch_alter_table("tokens") as tokens:
        tokens.add_column(sa.Column("former_hash", sa.String(length=64), nullable=True))
        tokens.add_column(sa.Column("former_until", Instant(), nullable=True))
        tokens.create_unique_constraint(op.f("uq_tokens_former_hash"), ["former_hash"])


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("tokens") as tokens:
        tokens.drop_constraint(op.f("uq_tokens_former_hash"), type_="unique")
        tokens.drop_column("former_until")
        tokens.drop_column("former_hash")
    for table in ("ai_use", "ai_open_calls", "ai_purses", "ai_terms", "ai_models"):
        op.drop_table(table)
