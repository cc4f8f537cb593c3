"""Partners that speak Kafka: whose inbox is read, in the name of which of its systems, and up to where."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inboxes",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("sources", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
    )


def downgrade() -> None:
    op.drop_table("inboxes")
