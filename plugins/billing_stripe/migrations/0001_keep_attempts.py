"""Keep attempts, so that what became of them can be found out."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE billing_stripe_attempts (
            attempt_key VARCHAR(255) NOT NULL PRIMARY KEY,
            kind VARCHAR(8) NOT NULL,
            target VARCHAR(255) NOT NULL,
            request TEXT NOT NULL,
            reference VARCHAR(255),
            began_at BIGINT NOT NULL,
            tried_at BIGINT NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE billing_stripe_attempts")
