"""write invoices: invoices with gapless numbers."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = sa.Enum(
    "invoice",
    "credit_note",
    name="invoicekind",
    native_enum=False,
    create_constraint=True,
    length=24,
)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# An invoice is immutable, whoever writes SQL.
NEVER_CHANGE_SQLITE = """
CREATE TRIGGER invoices_never_{what} BEFORE {what} ON invoices
BEGIN SELECT RAISE(ABORT, 'an invoice never changes: write a credit note'); END
"""
NEVER_CHANGE_POSTGRESQL = """
CREATE FUNCTION invoices_never_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an invoice never changes: write a credit note'; END $$;
CREATE TRIGGER invoices_never_change BEFORE UPDATE OR DELETE ON invoices
FOR EACH ROW EXECUTE FUNCTION invoices_never_change()
"""


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "invoice_series",
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_invoice_series")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("credits_id", KEY, nullable=True),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_invoices_position")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_invoices_total")),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (credits_id IS NOT NULL)", name=op.f("ck_invoices_credits")
        ),
        sa.ForeignKeyConstraint(
            ["series"], ["invoice_series.series"], name=op.f("fk_invoices_series")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_invoices_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["credits_id"], ["invoices.id"], name=op.f("fk_invoices_credits_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        sa.UniqueConstraint("key", name=op.f("uq_invoices_key")),
        sa.UniqueConstraint("series", "position", name=op.f("uq_invoices_series_position")),
    )
    op.create_index("ix_invoices_account_id_id", "invoices", ["account_id", "id"])
    op.create_index(op.f("ix_invoices_credits_id"), "invoices", ["credits_id"])
    op.create_table(
        "invoice_payments",
        sa.Column("invoice_id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("paid_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_payments_invoice_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoice_payments")),
    )
    op.create_table(
        "billing_details",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("tax_number", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_billing_details_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_billing_details")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(NEVER_CHANGE_SQLITE.format(what=what))
    else:
        op.execute(NEVER_CHANGE_POSTGRESQL)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("billing_details")
    op.drop_table("invoice_payments")
    op.drop_table("invoices")
    op.drop_table("invoice_series")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION invoices_never_change()")
