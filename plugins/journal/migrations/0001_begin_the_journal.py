"""begin the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table of entries."""
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("who", sa.String(320)),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.create_index("ix_journal_entries_account_at", "journal_entries", ["account", "at", "id"])
    op.create_index("ix_journal_entries_at", "journal_entries", ["at", "id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("journal_entries")
