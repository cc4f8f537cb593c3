"""Words that were put into the vault before an event refers to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("partnership", sa.Text, nullable=False),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("case_alias", sa.Text, nullable=False),
        sa.Column("chars", sa.Integer, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column(
            "used_ms",
            sa.BigInteger,
            comment="when an event referred to them first; without it they are let go of",
        ),
    )
    op.create_index("uploads_case_alias", "uploads", ["case_alias"])
    op.create_index("uploads_since_ms", "uploads", ["since_ms"])


def downgrade() -> None:
    op.drop_table("uploads")
