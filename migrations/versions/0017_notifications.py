"""notifications: tell people in the page."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.store.database import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
KINDS = (
    *("credits", "limit_alert", "limit_block", "expiring", "renewed", "payment_failed"),
    *("member_joined", "member_left", "join_request", "invited", "role_changed", "removed"),
    *("action_finished", "webhook_off"),
)
FORMER = {"expiring": "expiring", "statement": "renewed"}
UNREAD = sa.text("read_at IS NULL")

FORWARD = """
INSERT INTO notification_choices (person_id, kind, way, wanted)
SELECT person_id, CAST(:kind AS VARCHAR(24)), 'mail', false FROM unwanted_mails WHERE kind = :former
"""
BACK = """
INSERT INTO unwanted_mails (person_id, kind)
SELECT person_id, CAST(:former AS VARCHAR(24)) FROM notification_choices
WHERE kind = :kind AND way = 'mail' AND NOT wanted
"""


def upgrade() -> None:
    """Go to this revision; who switched mails off keeps them off."""
    op.create_table(
        "notifications",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", _one_of("notificationkind", *KINDS), nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("link", sa.String(length=300), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notifications_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notifications_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    with op.batch_alter_table("notifications") as batch:
        batch.create_index(batch.f("ix_notifications_at"), ["at"], unique=False)
        batch.create_index("ix_notifications_person_id", ["person_id", "id"], unique=False)
        batch.create_index(
            "ix_notifications_unread",
            ["person_id"],
            unique=False,
            sqlite_where=UNREAD,
            postgresql_where=UNREAD,
        )
    op.create_table(
        "notification_choices",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", _one_of("notificationkind", *KINDS), nullable=False),
        sa.Column("way", _one_of("way", "page", "mail"), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notification_choices_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", "way", name=op.f("pk_notification_choices")),
    )
    op.create_table(
        "told",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "about", name=op.f("pk_told")),
    )
    with op.batch_alter_table("told") as batch:
        batch.create_index(batch.f("ix_told_at"), ["at"], unique=False)
    for former, kind in FORMER.items():
        op.execute(sa.text(FORWARD).bindparams(kind=kind, former=former))
    op.drop_table("unwanted_mails")


def downgrade() -> None:
    """Go back to the revision before."""
    op.create_table(
        "unwanted_mails",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", _one_of("noticekind", *FORMER), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_unwanted_mails_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_unwanted_mails")),
    )
    for former, kind in FORMER.items():
        op.execute(sa.text(BACK).bindparams(kind=kind, former=former))
    op.drop_table("told")
    op.drop_table("notification_choices")
    op.drop_table("notifications")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
