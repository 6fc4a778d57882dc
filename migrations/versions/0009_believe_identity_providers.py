"""believe identity providers: identity providers, identities, and sign-ins on their way."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PURPOSES = sa.Enum(
    "sign_in",
    "test",
    "sign_out",
    name="purpose",
    native_enum=False,
    create_constraint=True,
    length=24,
)
KINDS = sa.Enum(
    "sign_in",
    "test",
    "sign_out",
    "stray",
    name="recordkind",
    native_enum=False,
    create_constraint=True,
    length=24,
)
TABLES = (
    "sso_records",
    "sso_replays",
    "sso_tickets",
    "sso_attempts",
    "sso_sessions",
    "identities",
    "certificate_notices",
    "required_sso",
    "identity_providers",
)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "identity_providers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("handler", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_url", sa.String(length=2000), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("our_certificate", sa.Text(), nullable=False),
        sa.Column("role_attribute", sa.String(length=200), nullable=False),
        sa.Column("role_values", sa.JSON(), nullable=False),
        sa.Column("unsolicited", sa.Boolean(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("tested_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_identity_providers_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_providers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_identity_providers_public_id")),
    )
    op.create_index(
        op.f("ix_identity_providers_account_id"), "identity_providers", ["account_id"], unique=False
    )
    op.create_table(
        "required_sso",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_required_sso_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_required_sso_person_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_required_sso")),
    )
    op.create_table(
        "certificate_notices",
        sa.Column("idp_id", KEY, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["identity_providers.id"], name=op.f("fk_certificate_notices_idp_id")
        ),
        sa.PrimaryKeyConstraint(
            "idp_id", "fingerprint", "days", name=op.f("pk_certificate_notices")
        ),
    )
    op.create_table(
        "identities",
        sa.Column("id", KEY, nullable=False),
        sa.Column("idp_id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["identity_providers.id"], name=op.f("fk_identities_idp_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("idp_id", "subject", name=op.f("uq_identities_idp_id_subject")),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"], unique=False)
    op.create_table(
        "sso_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("idp_id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("session", sa.String(length=500), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["identity_providers.id"], name=op.f("fk_sso_sessions_idp_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sso_sessions")),
    )
    op.create_index(op.f("ix_sso_sessions_idp_id"), "sso_sessions", ["idp_id"], unique=False)
    op.create_table(
        "sso_attempts",
        sa.Column("handle_hash", sa.String(length=64), nullable=False),
        sa.Column("idp_id", KEY, nullable=False),
        sa.Column("purpose", PURPOSES, nullable=False),
        sa.Column("request_id", sa.String(length=80), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("onward", sa.String(length=2000), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["identity_providers.id"], name=op.f("fk_sso_attempts_idp_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sso_attempts_person_id")
        ),
        sa.PrimaryKeyConstraint("handle_hash", name=op.f("pk_sso_attempts")),
    )
    op.create_index(
        op.f("ix_sso_attempts_expires_at"), "sso_attempts", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_sso_attempts_idp_id"), "sso_attempts", ["idp_id"], unique=False)
    op.create_table(
        "sso_tickets",
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("idp_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("is_link", sa.Boolean(), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("onward", sa.String(length=2000), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["identity_providers.id"], name=op.f("fk_sso_tickets_idp_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sso_tickets_person_id")
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_sso_tickets")),
    )
    op.create_index(op.f("ix_sso_tickets_expires_at"), "sso_tickets", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sso_tickets_idp_id"), "sso_tickets", ["idp_id"], unique=False)
    op.create_table(
        "sso_replays",
        sa.Column("idp_id", KEY, autoincrement=False, nullable=False),
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["identity_providers.id"], name=op.f("fk_sso_replays_idp_id")
        ),
        sa.PrimaryKeyConstraint("idp_id", "id_hash", name=op.f("pk_sso_replays")),
    )
    op.create_index(op.f("ix_sso_replays_until"), "sso_replays", ["until"], unique=False)
    op.create_table(
        "sso_records",
        sa.Column("id", KEY, nullable=False),
        sa.Column("idp_id", KEY, nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("refused_by", sa.String(length=60), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["identity_providers.id"], name=op.f("fk_sso_records_idp_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_records")),
    )
    op.create_index(
        op.f("ix_sso_records_idp_id_kind_id"), "sso_records", ["idp_id", "kind", "id"], unique=False
    )


def downgrade() -> None:
    """Go back to the revision before."""
    for table in TABLES:
        op.drop_table(table)
