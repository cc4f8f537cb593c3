"""When a key was last used, so that one nobody uses any more can be ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("last_used_ms", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("api_keys", "last_used_ms")
