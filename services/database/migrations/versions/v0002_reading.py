"""The door's reading: signals as the facts tell them, who may pull what of them, and links that were acted on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readers",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("fresh_at", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "reader_positions",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "entities",
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("partnership", sa.Text, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("taken_by", sa.Text),
        sa.Column("reporter_party", sa.Text),
        sa.Column("ends_ms", sa.BigInteger),
        sa.Column("author_ends_ms", sa.BigInteger),
        sa.Column("stances", JSONB, nullable=False),
        sa.Column("dues", JSONB, nullable=False),
    )
    op.create_index("entities_caseid", "entities", ["caseid"])
    op.create_table(
        "entity_content",
        sa.Column("content_ref", sa.Text, primary_key=True),
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("wrote", sa.Text),
    )
    op.create_index("entity_content_entity", "entity_content", ["entity"])
    op.create_table(
        "grants",
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("contact", sa.Text, primary_key=True),
        sa.Column("ground", sa.Text, primary_key=True),
        sa.Column("content_ref", sa.Text, primary_key=True),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("entity_alias", sa.Text, nullable=False),
        sa.Column("case_alias", sa.Text, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
    )
    op.create_index("grants_entity_alias", "grants", ["entity_alias"])
    op.create_index("grants_case_alias", "grants", ["case_alias"])
    op.create_table(
        "links_used",
        sa.Column("link_id", sa.Text, primary_key=True),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("used_ms", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("links_used", "grants", "entity_content", "entities", "reader_positions", "readers"):
        op.drop_table(table)
