"""limits: guard the pool by limits."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHO = ("each_member", "member", "app", "account")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "limits",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("who", _one_of("limitwho", *WHO), nullable=False),
        sa.Column("member_id", KEY, nullable=True),
        sa.Column("app_id", KEY, nullable=True),
        sa.Column("effect", _one_of("limiteffect", "alert", "block"), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("per", _one_of("limitper", "day", "cycle"), nullable=False),
        sa.Column("made_by", KEY, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("credits > 0", name=op.f("ck_limits_size")),
        sa.CheckConstraint(
            "(who = 'member') = (member_id IS NOT NULL) AND (who = 'app') = (app_id IS NOT NULL)",
            name=op.f("ck_limits_subject"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_limits_account_id")),
        sa.ForeignKeyConstraint(["member_id"], ["people.id"], name=op.f("fk_limits_member_id")),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_limits_app_id")),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_limits_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limits")),
    )
    with op.batch_alter_table("limits") as batch:
        batch.create_index(batch.f("ix_limits_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("limits")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
