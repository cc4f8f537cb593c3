"""Ladders by which a party was addressed, so that whoever was addressed can answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ladders",
        sa.Column("alias", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column(
            "lane", sa.Text, nullable=False, comment="partnership/party: who did not keep what was agreed"
        ),
        sa.Column("collaboration_id", sa.Text, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ladders_since_ms", "ladders", ["since_ms"])


def downgrade() -> None:
    op.drop_table("ladders")
