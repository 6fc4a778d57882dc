"""begin with everything the pool needs."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant
from app.store.pools import Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "personal",
                "workspace",
                name="accountkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("slug", name=op.f("uq_accounts_slug")),
    )
    op.create_table(
        "directory",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory")),
    )
    op.create_table(
        "grants",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "allocation",
                "top_up",
                "adjustment",
                name="source",
                native_enum=False,
                create_constraint=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.Column("effective_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "granted = remaining + held + used + expired AND remaining >= 0 AND held >= 0 AND used >= 0 AND expired >= 0",
            name=op.f("ck_grants_accounted_for"),
        ),
        sa.CheckConstraint(
            "source = 'allocation' OR source = 'top_up' OR source = 'adjustment'",
            name=op.f("ck_grants_source"),
        ),
        sa.PrimaryKeyConstraint("pool", "number", name=op.f("pk_grants")),
    )
    with op.batch_alter_table("grants") as batch:
        batch.create_index(
            "ix_grants_open",
            ["pool", "number"],
            unique=False,
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        )

    op.create_table(
        "holds",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "captured",
                "released",
                "expired",
                name="holdstate",
                native_enum=False,
                create_constraint=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("draws", Json, nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=True),
        sa.Column("app", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("details", Json, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lasts_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state = 'active' OR state = 'captured' OR state = 'released' OR state = 'expired'",
            name=op.f("ck_holds_holdstate"),
        ),
        sa.PrimaryKeyConstraint("pool", "number", name=op.f("pk_holds")),
    )
    with op.batch_alter_table("holds") as batch:
        batch.create_index(
            "ix_holds_active",
            ["pool", "expires_at"],
            unique=False,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "idempotency_keys",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=True),
        sa.Column("hold", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys") as batch:
        batch.create_index(batch.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False)

    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("given_up_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    with op.batch_alter_table("mails") as batch:
        batch.create_index(
            "ix_mails_waiting",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
        )

    op.create_table(
        "packs",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_packs")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("email_verified_at", Instant(), nullable=True),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "periods",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("carried", sa.BigInteger(), nullable=False),
        sa.Column("trimmed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "number", name=op.f("pk_periods")),
    )
    op.create_table(
        "plans",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column(
            "renews",
            sa.Enum(
                "daily",
                "monthly",
                name="renews",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("rollover_cap", sa.Integer(), nullable=True),
        sa.Column("workspaces", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_plans")),
    )
    op.create_table(
        "plugins",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugins")),
    )
    op.create_table(
        "pools",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("grant_count", sa.BigInteger(), nullable=False),
        sa.Column("hold_count", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("plan", sa.String(length=40), nullable=True),
        sa.Column("anchor", Instant(), nullable=True),
        sa.Column("period_index", sa.BigInteger(), nullable=False),
        sa.Column("period_number", sa.BigInteger(), nullable=False),
        sa.Column("period_start", Instant(), nullable=True),
        sa.Column("period_end", Instant(), nullable=True),
        sa.Column("next_plan", sa.String(length=40), nullable=True),
        sa.Column("renews", sa.Boolean(), nullable=False),
        sa.Column("suspends_at", Instant(), nullable=True),
        sa.CheckConstraint("balance >= held AND held >= 0", name=op.f("ck_pools_no_overdraft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
    )
    with op.batch_alter_table("pools") as batch:
        batch.create_index(batch.f("ix_pools_due_at"), ["due_at"], unique=False)

    op.create_table(
        "prices",
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("effective_from", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("action", "version", name=op.f("pk_prices")),
    )
    op.create_table(
        "transactions",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "allocation",
                "top_up",
                "deduction",
                "refund",
                "expiry",
                "adjustment",
                name="transactionkind",
                native_enum=False,
                create_constraint=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("draws", Json, nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=True),
        sa.Column("app", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("details", Json, nullable=True),
        sa.Column("hold", sa.BigInteger(), nullable=True),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "kind = 'allocation' OR kind = 'top_up' OR kind = 'deduction' OR kind = 'refund' OR kind = 'expiry' OR kind = 'adjustment'",
            name=op.f("ck_transactions_transactionkind"),
        ),
        sa.PrimaryKeyConstraint("pool", "seq", name=op.f("pk_transactions")),
    )
    with op.batch_alter_table("transactions") as batch:
        batch.create_index("ix_transactions_app", ["pool", "app", "seq"], unique=False)
        batch.create_index("ix_transactions_member", ["pool", "member", "seq"], unique=False)
        batch.create_index(
            "ix_transactions_rare",
            ["pool", "kind", "seq"],
            unique=False,
            sqlite_where=sa.text("kind <> 'deduction'"),
            postgresql_where=sa.text("kind <> 'deduction'"),
        )
        batch.create_index(
            "ix_transactions_reverses",
            ["pool", "reverses"],
            unique=False,
            sqlite_where=sa.text("reverses IS NOT NULL"),
            postgresql_where=sa.text("reverses IS NOT NULL"),
        )

    op.create_table(
        "usage",
        sa.Column("pool", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("member", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("app", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "day", "member", "app", "action", name=op.f("pk_usage")),
    )
    op.create_table(
        "apps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_apps_account_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_apps_created_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apps")),
    )
    with op.batch_alter_table("apps") as batch:
        batch.create_index(batch.f("ix_apps_account_id"), ["account_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "admin",
                "member",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("sent_count", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_invitations_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["people.id"], name=op.f("fk_invitations_invited_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    with op.batch_alter_table("invitations") as batch:
        batch.create_index(batch.f("ix_invitations_account_id"), ["account_id"], unique=False)
        batch.create_index(batch.f("ix_invitations_email"), ["email"], unique=False)

    op.create_table(
        "memberships",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "admin",
                "member",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_memberships_person_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "person_id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships") as batch:
        batch.create_index(batch.f("ix_memberships_person_id"), ["person_id"], unique=False)
        batch.create_index(
            "uq_memberships_owner",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("role = 'owner'"),
            postgresql_where=sa.text("role = 'owner'"),
        )

    op.create_table(
        "ownership_offers",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("offered_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_ownership_offers_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_ownership_offers_person_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_ownership_offers")),
    )
    with op.batch_alter_table("ownership_offers") as batch:
        batch.create_index(batch.f("ix_ownership_offers_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sign_ins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    with op.batch_alter_table("sign_ins") as batch:
        batch.create_index(batch.f("ix_sign_ins_person_id"), ["person_id"], unique=False)

    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "past_due",
                "cancelled",
                name="subscriptionstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_subscriptions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_subscriptions_person_id")
        ),
        sa.ForeignKeyConstraint(["plan"], ["plans.key"], name=op.f("fk_subscriptions_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("account_id", name=op.f("uq_subscriptions_account_id")),
    )
    with op.batch_alter_table("subscriptions") as batch:
        batch.create_index(batch.f("ix_subscriptions_person_id"), ["person_id"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "service",
                "personal",
                "app",
                name="tokenkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=4), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("app_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_tokens_app_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tokens_token_hash")),
    )
    with op.batch_alter_table("tokens") as batch:
        batch.create_index(batch.f("ix_tokens_app_id"), ["app_id"], unique=False)
        batch.create_index(batch.f("ix_tokens_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("tokens") as batch:
        batch.drop_index(batch.f("ix_tokens_person_id"))
        batch.drop_index(batch.f("ix_tokens_app_id"))

    op.drop_table("tokens")
    with op.batch_alter_table("subscriptions") as batch:
        batch.drop_index(batch.f("ix_subscriptions_person_id"))

    op.drop_table("subscriptions")
    with op.batch_alter_table("sign_ins") as batch:
        batch.drop_index(batch.f("ix_sign_ins_person_id"))

    op.drop_table("sign_ins")
    with op.batch_alter_table("ownership_offers") as batch:
        batch.drop_index(batch.f("ix_ownership_offers_person_id"))

    op.drop_table("ownership_offers")
    with op.batch_alter_table("memberships") as batch:
        batch.drop_index(
            "uq_memberships_owner",
            sqlite_where=sa.text("role = 'owner'"),
            postgresql_where=sa.text("role = 'owner'"),
        )
        batch.drop_index(batch.f("ix_memberships_person_id"))

    op.drop_table("memberships")
    with op.batch_alter_table("invitations") as batch:
        batch.drop_index(batch.f("ix_invitations_email"))
        batch.drop_index(batch.f("ix_invitations_account_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("apps") as batch:
        batch.drop_index(batch.f("ix_apps_account_id"))

    op.drop_table("apps")
    op.drop_table("usage")
    with op.batch_alter_table("transactions") as batch:
        batch.drop_index(
            "ix_transactions_reverses",
            sqlite_where=sa.text("reverses IS NOT NULL"),
            postgresql_where=sa.text("reverses IS NOT NULL"),
        )
        batch.drop_index(
            "ix_transactions_rare",
            sqlite_where=sa.text("kind <> 'deduction'"),
            postgresql_where=sa.text("kind <> 'deduction'"),
        )
        batch.drop_index("ix_transactions_member")
        batch.drop_index("ix_transactions_app")

    op.drop_table("transactions")
    op.drop_table("prices")
    with op.batch_alter_table("pools") as batch:
        batch.drop_index(batch.f("ix_pools_due_at"))

    op.drop_table("pools")
    op.drop_table("plugins")
    op.drop_table("plans")
    op.drop_table("periods")
    op.drop_table("people")
    op.drop_table("packs")
    with op.batch_alter_table("mails") as batch:
        batch.drop_index(
            "ix_mails_waiting",
            sqlite_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
        )

    op.drop_table("mails")
    with op.batch_alter_table("idempotency_keys") as batch:
        batch.drop_index(batch.f("ix_idempotency_keys_created_at"))

    op.drop_table("idempotency_keys")
    with op.batch_alter_table("holds") as batch:
        batch.drop_index(
            "ix_holds_active",
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.drop_table("holds")
    with op.batch_alter_table("grants") as batch:
        batch.drop_index(
            "ix_grants_open", sqlite_where=sa.text("is_open"), postgresql_where=sa.text("is_open")
        )

    op.drop_table("grants")
    op.drop_table("directory")
    op.drop_table("accounts")
