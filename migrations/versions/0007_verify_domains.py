"""verify domains: domains of workspaces, and what their directories tell of users."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = sa.Enum(
    "pending",
    "verified",
    "lapsed",
    "released",
    name="claimstate",
    native_enum=False,
    create_constraint=True,
    length=24,
)
ROLES = sa.Enum(
    "owner",
    "admin",
    "member",
    name="role",
    native_enum=False,
    create_constraint=True,
    length=24,
)
UNIQUE = (
    ("uq_domain_claims_verified", ["domain"], "state = 'verified'"),
    ("uq_domain_claims_live", ["account_id", "domain"], "state <> 'released'"),
)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "domain_claims",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("default_role", ROLES, nullable=False),
        sa.Column("is_vouched", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by_id", KEY, nullable=False),
        sa.Column("verified_at", Instant(), nullable=True),
        sa.Column("lapsed_at", Instant(), nullable=True),
        sa.Column("released_at", Instant(), nullable=True),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "default_role NOT IN ('owner', 'admin')",
            name=op.f("ck_domain_claims_modest_default_role"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_domain_claims_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_domain_claims_created_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_claims")),
    )
    for column in ("account_id", "due_at"):
        op.create_index(f"ix_domain_claims_{column}", "domain_claims", [column], unique=False)
    for name, columns, condition in UNIQUE:
        where = sa.text(condition)
        op.create_index(
            name,
            "domain_claims",
            columns,
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_table(
        "not_offered",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_not_offered_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_not_offered_person_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "person_id", name=op.f("pk_not_offered")),
    )
    _create_directories()


def _create_directories() -> None:
    op.create_table(
        "scim_connections",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("hint", sa.String(length=4), nullable=False),
        sa.Column("made_by_id", KEY, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_scim_connections_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_scim_connections_made_by_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_scim_connections")),
        sa.UniqueConstraint("public_id", name=op.f("uq_scim_connections_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_scim_connections_token_hash")),
    )
    op.create_table(
        "scim_users",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("has_opened", sa.Boolean(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_scim_users_account_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_scim_users_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_users")),
        sa.UniqueConstraint(
            "account_id", "name_key", name=op.f("uq_scim_users_account_id_name_key")
        ),
    )
    op.create_index(
        "ix_scim_users_external_id", "scim_users", ["account_id", "external_id"], unique=False
    )
    op.create_index("ix_scim_users_person_id", "scim_users", ["person_id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("scim_users")
    op.drop_table("scim_connections")
    op.drop_table("not_offered")
    op.drop_table("domain_claims")
