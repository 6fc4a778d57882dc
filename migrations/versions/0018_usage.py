"""usage: look at usage quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sum usage up by one thing at a time and by blocks of days."""
    op.create_table(
        "usage_sums",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "pool", "subject", "block", "number", "action", name=op.f("pk_usage_sums")
        ),
    )
    op.create_table(
        "usage_marks",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("blocks_through", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("pool", name=op.f("pk_usage_marks")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("usage_marks")
    op.drop_table("usage_sums")
