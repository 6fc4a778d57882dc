"""keep plugins in health: plugins' secrets, health and switches."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("plugins", sa.Column("secrets", sa.JSON(), server_default="{}", nullable=False))
    op.add_column(
        "plugins", sa.Column("in_shadow", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "plugins", sa.Column("releases", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_table(
        "plugins_off",
        sa.Column("plugin", sa.String(40), nullable=False),
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_plugins_off_account_id")
        ),
        sa.PrimaryKeyConstraint("plugin", "account_id", name=op.f("pk_plugins_off")),
    )
    op.create_table(
        "plugin_health",
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("plugin", sa.String(200), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("releases", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("failed_at", Instant(), nullable=True),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("shadow", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("process", "plugin", name=op.f("pk_plugin_health")),
    )
    with op.batch_alter_table("plugin_health") as batch:
        batch.create_index(batch.f("ix_plugin_health_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "plugin_checks",
        sa.Column("plugin", sa.String(40), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", name=op.f("pk_plugin_checks")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("plugin_checks")
    with op.batch_alter_table("plugin_health") as batch:
        batch.drop_index(batch.f("ix_plugin_health_seen_at"))

    op.drop_table("plugin_health")
    op.drop_table("plugins_off")
    op.drop_column("plugins", "releases")
    op.drop_column("plugins", "in_shadow")
    op.drop_column("plugins", "secrets")
