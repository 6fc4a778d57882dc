"""preferences: how each person reads instants and figures."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STYLES = ("comma", "point", "space", "apostrophe")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "readings",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column(
            "numbers",
            sa.Enum(
                *STYLES, name="numberstyle", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_readings_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_readings")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("readings")
