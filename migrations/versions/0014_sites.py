"""sites: publish versions of apps."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Out of the box an app can be deployed: what publishes it is on, unless the operator decided.
RUNNER_ON = """
INSERT INTO plugins (name, is_on, settings)
SELECT 'runner_static', {true}, '{{}}'
WHERE NOT EXISTS (SELECT 1 FROM plugins WHERE name = 'runner_static')
"""


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "sites",
        sa.Column("app_id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("live", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ai_credits", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ai_visitor_credits", sa.BigInteger(), server_default="5", nullable=False),
        sa.Column("ai_calls", sa.Integer(), server_default="10", nullable=False),
        sa.CheckConstraint(
            "ai_credits >= 0 AND ai_visitor_credits > 0", name=op.f("ck_sites_ai_credits")
        ),
        sa.CheckConstraint("ai_calls > 0", name=op.f("ck_sites_ai_calls")),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_sites_app_id")),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_sites")),
        sa.UniqueConstraint("name", name=op.f("uq_sites_name")),
    )
    op.create_table(
        "site_releases",
        sa.Column("app_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("address", sa.String(length=2000), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_site_releases_by_id")),
        sa.ForeignKeyConstraint(["app_id"], ["sites.app_id"], name=op.f("fk_site_releases_app_id")),
        sa.PrimaryKeyConstraint("app_id", "number", name=op.f("pk_site_releases")),
        sa.UniqueConstraint("key", name=op.f("uq_site_releases_key")),
    )
    op.create_table(
        "site_files",
        sa.Column("app_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "number"],
            ["site_releases.app_id", "site_releases.number"],
            name=op.f("fk_site_files_app_id_number"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "digest"],
            ["file_contents.app_id", "file_contents.digest"],
            name=op.f("fk_site_files_app_id_digest"),
        ),
        sa.PrimaryKeyConstraint("app_id", "number", "path", name=op.f("pk_site_files")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(RUNNER_ON.format(true="1" if is_sqlite else "true"))


def downgrade() -> None:
    """Go back to the revision before."""
    for table in ("site_files", "site_releases", "sites"):
        op.drop_table(table)
