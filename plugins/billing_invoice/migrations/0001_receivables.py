"""Receivables, the money that came for them, and refunds to be sent.

Instants are text in UTC that sorts by time, days are text such as 2026-12-07, so that they read
alike on every database.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "billing_invoice_receivables",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("reference", sa.String(25), nullable=False, unique=True),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("tax_words", sa.String(100), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("due_on", sa.String(10), nullable=False),
        sa.Column("settled_at", sa.String(27), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'paid', 'cancelled')", name="ck_billing_invoice_receivables_state"
        ),
    )
    op.create_index(
        "ix_billing_invoice_receivables_state", "billing_invoice_receivables", ["state", "due_on"]
    )
    op.create_index(
        "ix_billing_invoice_receivables_settled_at", "billing_invoice_receivables", ["settled_at"]
    )
    op.create_table(
        "billing_invoice_receipts",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("reference", sa.String(25), nullable=False, index=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.String(10), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("noted_by", sa.String(254), nullable=False),
        sa.Column("noted_at", sa.String(27), nullable=False),
    )
    op.create_table(
        "billing_invoice_refunds",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("reference", sa.String(25), nullable=False, index=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("sent_on", sa.String(10), nullable=False),
        sa.CheckConstraint("state IN ('open', 'sent')", name="ck_billing_invoice_refunds_state"),
    )


def downgrade() -> None:
    """Go back to before there was anything."""
    op.drop_table("billing_invoice_refunds")
    op.drop_table("billing_invoice_receipts")
    op.drop_table("billing_invoice_receivables")
