"""app_files: keep the files of apps in versions."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ORIGINS = ("edit", "upload", "restore", "generate")
TABLES = ("file_contents", "app_versions", "app_version_files")

# A version says the same for ever, whoever writes SQL.
SAID = "a version of an app never changes"
FUNCTION = f"""
CREATE FUNCTION app_versions_never_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{SAID}'; END $$
"""


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "file_contents",
        sa.Column("app_id", KEY, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_file_contents_app_id")),
        sa.PrimaryKeyConstraint("app_id", "digest", name=op.f("pk_file_contents")),
    )
    op.create_table(
        "app_versions",
        sa.Column("app_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(*ORIGINS, name="origin", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_app_versions_app_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_app_versions_by_id")),
        sa.PrimaryKeyConstraint("app_id", "number", name=op.f("pk_app_versions")),
    )
    op.create_table(
        "app_version_files",
        sa.Column("app_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "number"],
            ["app_versions.app_id", "app_versions.number"],
            name=op.f("fk_app_version_files_app_id_number"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "digest"],
            ["file_contents.app_id", "file_contents.digest"],
            name=op.f("fk_app_version_files_app_id_digest"),
        ),
        sa.PrimaryKeyConstraint("app_id", "number", "path", name=op.f("pk_app_version_files")),
    )
    _guard()


def _guard() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(FUNCTION)
    for table in TABLES:
        head = f"CREATE TRIGGER {table}_never_update BEFORE UPDATE ON {table} "
        then = f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        each = "FOR EACH ROW EXECUTE FUNCTION app_versions_never_change()"
        op.execute(head + (then if sqlite else each))


def downgrade() -> None:
    """Go back to the revision before."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION app_versions_never_change()")
