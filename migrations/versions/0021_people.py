"""people: lists of invitations, asking to join, and members in the order of joining."""

import sqlalchemy as sa
from alembic import op

from app.store.database import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLES = ("owner", "admin", "member")
UNDER_WAY = sa.text("sent_at IS NOT NULL AND ended_at IS NULL")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "invite_lists",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("made_by_id", KEY, nullable=False),
        sa.Column("sent_by_id", KEY, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        _to("invite_lists", "account_id", "accounts"),
        _to("invite_lists", "made_by_id", "people"),
        _to("invite_lists", "sent_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite_lists")),
    )
    with op.batch_alter_table("invite_lists") as batch:
        batch.create_index(batch.f("ix_invite_lists_account_id"), ["account_id"], unique=False)
        batch.create_index(batch.f("ix_invite_lists_created_at"), ["created_at"], unique=False)
        batch.create_index(
            "ix_invite_lists_under_way",
            ["id"],
            unique=False,
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        )
    op.create_table(
        "invite_lines",
        sa.Column("list_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", _one_of("role", *ROLES), nullable=False),
        sa.Column("state", _one_of("linestate", "ready", "sent", "refused"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        _to("invite_lines", "list_id", "invite_lists"),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_invite_lines")),
    )
    op.create_table(
        "join_requests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column(
            "state",
            _one_of("requeststate", "waiting", "approved", "declined", "closed"),
            nullable=False,
        ),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by_id", KEY, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        _to("join_requests", "account_id", "accounts"),
        _to("join_requests", "person_id", "people"),
        _to("join_requests", "answered_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_requests")),
    )
    with op.batch_alter_table("join_requests") as batch:
        batch.create_index(
            "ix_join_requests_person", ["account_id", "person_id", "id"], unique=False
        )
        batch.create_index(
            "uq_join_requests_waiting",
            ["account_id", "person_id"],
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )
    op.add_column(
        "domain_claims",
        sa.Column("needs_approval", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "ix_memberships_joined",
        "memberships",
        ["account_id", "joined_at", "person_id"],
        unique=False,
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_memberships_joined", "memberships")
    op.drop_column("domain_claims", "needs_approval")
    op.drop_table("join_requests")
    op.drop_table("invite_lines")
    op.drop_table("invite_lists")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
