"""actions: run what apps ask for in the background."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("generate", "refine", "deploy")
STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "action_runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("app_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("kind", one_of(KINDS, "actionkind"), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("runner", sa.String(length=40), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("state", one_of(STATES, "runstate"), nullable=False),
        sa.Column("hold", sa.Integer(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=2000), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_action_runs_app_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_action_runs_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_action_runs_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_runs")),
        sa.UniqueConstraint(
            "account_id", "person_id", "key", name=op.f("uq_action_runs_account_id_person_id_key")
        ),
    )
    op.create_index("ix_action_runs_state_id", "action_runs", ["state", "id"])
    op.create_index("ix_action_runs_app_id_id", "action_runs", ["app_id", "id"])
    op.create_table(
        "action_steps",
        sa.Column("run_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["action_runs.id"], name=op.f("fk_action_steps_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_action_steps")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("action_steps")
    op.drop_table("action_runs")
