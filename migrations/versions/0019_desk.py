"""desk: let operators do their work."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STILL_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Go to this revision."""
    for table in ("plans", "packs"):
        on_sale = sa.Column("on_sale", sa.Boolean(), server_default=sa.true(), nullable=False)
        op.add_column(table, on_sale)
    op.create_table(
        "job_runs",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("good_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(500), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "sign_in_blocks",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_in_blocks_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_sign_in_blocks")),
    )
    _upgrade_seeing()
    op.create_table(
        "ledger_audits",
        sa.Column("id", KEY, nullable=False),
        sa.Column("slug", sa.String(40), nullable=True),
        sa.Column("asked_by", sa.String(254), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("pools", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("differences", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_audits")),
    )
    op.create_index(op.f("ix_ledger_audits_started_at"), "ledger_audits", ["started_at"])


def _upgrade_seeing() -> None:
    op.create_table(
        "seeing",
        sa.Column("id", KEY, nullable=False),
        sa.Column("operator_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("sign_in_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["people.id"], name=op.f("fk_seeing_operator_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_seeing_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seeing")),
    )
    op.create_index(op.f("ix_seeing_operator_id"), "seeing", ["operator_id"])
    op.create_index(op.f("ix_seeing_person_id"), "seeing", ["person_id"])
    op.create_index(
        "uq_seeing_open",
        "seeing",
        ["sign_in_id"],
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )
    op.create_table(
        "seen_accounts",
        sa.Column("seeing_id", KEY, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["seeing_id"], ["seeing.id"], name=op.f("fk_seen_accounts_seeing_id")
        ),
        sa.PrimaryKeyConstraint("seeing_id", "account_id", name=op.f("pk_seen_accounts")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    for table in ("ledger_audits", "seen_accounts", "seeing", "sign_in_blocks", "job_runs"):
        op.drop_table(table)
    for table in ("packs", "plans"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("on_sale")
