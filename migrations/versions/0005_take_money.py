"""take money: payments, purchases, refunds and disputes."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PURPOSES = sa.Enum(
    "plan",
    "period",
    "top_up",
    "auto_top_up",
    name="purpose",
    native_enum=False,
    create_constraint=True,
    length=24,
)
STATES = sa.Enum(
    "open",
    "pending",
    "unknown",
    "processed",
    "declined",
    "cancelled",
    name="attemptstate",
    native_enum=False,
    create_constraint=True,
    length=24,
)

# The history of money is only added to, whoever writes SQL.
NEVER_CHANGE_SQLITE = """
CREATE TRIGGER payment_events_never_{what} BEFORE {what} ON payment_events
BEGIN SELECT RAISE(ABORT, 'the history of money is only added to'); END
"""
NEVER_CHANGE_POSTGRESQL = """
CREATE FUNCTION payment_events_never_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the history of money is only added to'; END $$;
CREATE TRIGGER payment_events_never_change BEFORE UPDATE OR DELETE ON payment_events
FOR EACH ROW EXECUTE FUNCTION payment_events_never_change()
"""


def where(condition: str) -> dict[str, sa.TextClause]:
    """Let an index hold only rows that meet a condition."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("plans", sa.Column("amount", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "plans", sa.Column("currency", sa.String(length=3), server_default="EUR", nullable=False)
    )
    op.create_table(
        "book_differences",
        sa.Column("id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("ours", sa.String(length=200), nullable=False),
        sa.Column("theirs", sa.String(length=200), nullable=False),
        sa.Column("paid_at", Instant(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_differences")),
        sa.UniqueConstraint("provider", "kind", "about", name="uq_book_differences_provider"),
    )
    op.create_index("ix_book_differences_gone_at", "book_differences", ["gone_at"])
    op.create_table(
        "provider_events",
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("told_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("provider", "id", name=op.f("pk_provider_events")),
    )
    op.create_index(
        "ix_provider_events_waiting",
        "provider_events",
        ["received_at"],
        **where("taken_at IS NULL"),
    )
    op.create_table(
        "auto_top_ups",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("pack", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("stopped_because", sa.String(length=500), nullable=True),
        sa.CheckConstraint("threshold > 0 AND cap > 0", name=op.f("ck_auto_top_ups_sizes")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_auto_top_ups_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_auto_top_ups_person_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_auto_top_ups")),
    )
    op.create_table(
        "payers",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_payers_account_id")),
        sa.PrimaryKeyConstraint("account_id", "provider", name=op.f("pk_payers")),
    )
    op.create_table(
        "payment_attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("purpose", PURPOSES, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=True),
        sa.Column("subscription_id", sa.BigInteger(), nullable=True),
        sa.Column("period", sa.BigInteger(), nullable=True),
        sa.Column("pack", sa.String(length=40), nullable=True),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("visit", sa.Text(), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("is_failure", sa.Boolean(), nullable=False),
        sa.Column("grant", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_attempts_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payment_attempts_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_payment_attempts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempts_key")),
    )
    op.create_index("ix_payment_attempts_account_id_id", "payment_attempts", ["account_id", "id"])
    op.create_index(
        "ix_payment_attempts_due", "payment_attempts", ["due_at"], **where("due_at IS NOT NULL")
    )
    op.create_index(
        "ix_payment_attempts_provider_reference", "payment_attempts", ["provider", "reference"]
    )
    op.create_index(
        "ix_payment_attempts_subscription_id_period",
        "payment_attempts",
        ["subscription_id", "period"],
    )
    op.create_index(
        "uq_payment_attempts_unresolved",
        "payment_attempts",
        ["account_id", "subject"],
        unique=True,
        **where("state = 'open' OR state = 'pending' OR state = 'unknown'"),
    )
    op.create_table(
        "payment_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("attempt_id", sa.BigInteger(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payment_events_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_payment_events_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_events")),
    )
    op.create_index("ix_payment_events_attempt_id", "payment_events", ["attempt_id"])
    op.create_index("ix_payment_events_account_id_id", "payment_events", ["account_id", "id"])
    op.create_table(
        "payment_disputes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("dispute", sa.String(length=255), nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("won", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempts.id"], name=op.f("fk_payment_disputes_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_disputes")),
        sa.UniqueConstraint("provider", "dispute", name="uq_payment_disputes_provider_dispute"),
    )
    op.create_index(op.f("ix_payment_disputes_attempt_id"), "payment_disputes", ["attempt_id"])
    op.create_table(
        "payment_refunds",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("given_back", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempts.id"], name=op.f("fk_payment_refunds_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_payment_refunds_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_refunds")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_refunds_key")),
    )
    op.create_index(op.f("ix_payment_refunds_attempt_id"), "payment_refunds", ["attempt_id"])
    op.create_index(
        "ix_payment_refunds_due", "payment_refunds", ["due_at"], **where("due_at IS NOT NULL")
    )
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(NEVER_CHANGE_SQLITE.format(what=what))
    else:
        op.execute(NEVER_CHANGE_POSTGRESQL)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("payment_refunds")
    op.drop_table("payment_disputes")
    op.drop_table("payment_events")
    op.drop_table("payment_attempts")
    op.drop_table("payers")
    op.drop_table("auto_top_ups")
    op.drop_table("provider_events")
    op.drop_table("book_differences")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION payment_events_never_change()")
    op.drop_column("plans", "currency")
    op.drop_column("plans", "amount")
