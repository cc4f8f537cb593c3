"""The door: register, intake, own facts, vault, addresses and keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_register",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("partnership", sa.Text, nullable=False),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("case_register_caseid", "case_register", ["caseid"])
    op.create_table(
        "case_links",
        sa.Column("caseid", sa.Text, primary_key=True),
        sa.Column("leads_to", sa.Text, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("case_links_leads_to", "case_links", ["leads_to"])
    op.create_table(
        "subjects",
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("partnership", sa.Text, nullable=False),
        sa.Column("entity_alias", sa.Text, nullable=False),
        sa.Column("case_alias", sa.Text, nullable=False),
        sa.Column("word", sa.LargeBinary, comment="HMAC of the provider's source and own word"),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("subjects_word", "subjects", ["word"], unique=True)
    op.create_index("subjects_entity_alias", "subjects", ["entity_alias"], unique=True)
    op.create_index("subjects_case_alias", "subjects", ["case_alias"])
    op.create_index("subjects_caseid", "subjects", ["caseid"])
    _intake()
    _own_facts()
    _vault()
    op.create_table(
        "addresses",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("contact", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("address_ref", sa.Text, nullable=False, unique=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("language", sa.Text, nullable=False, server_default="nl"),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False, server_default=""),
        sa.Column("scopes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("partnerships", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger),
        sa.Column("revoked_ms", sa.BigInteger),
    )
    op.create_index("api_keys_party", "api_keys", ["party"])


def _intake() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("intake_batches")))
    op.create_table(
        "intake",
        sa.Column("command_id", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, comment="the order in which it was taken in"),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("recorded_ms", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("is_owed", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("value", sa.LargeBinary),
        sa.Column("headers", sa.LargeBinary),
        sa.Column("partition", sa.Integer),
        sa.Column("position", sa.BigInteger),
    )
    op.create_index("intake_recorded_ms", "intake", ["recorded_ms"])
    op.create_index("intake_owed", "intake", ["caseid", "number"], postgresql_where=sa.text("is_owed"))


def _own_facts() -> None:
    op.create_table(
        "own_counters",
        sa.Column("slot", sa.Text, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "own_facts",
        sa.Column("slot", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.Column("recorded_ms", sa.BigInteger, nullable=False),
        sa.Column("is_owed", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("partition", sa.Integer),
        sa.Column("position", sa.BigInteger),
    )
    op.create_index("own_facts_owed", "own_facts", ["slot", "sequence"], postgresql_where=sa.text("is_owed"))


def _vault() -> None:
    op.create_table(
        "vault_keys",
        sa.Column("caseid", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("destroyed_ms", sa.BigInteger),
    )
    op.create_index("vault_keys_key_id", "vault_keys", ["key_id"])
    op.create_table(
        "vault_content",
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("chars", sa.Integer, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("vault_content_caseid", "vault_content", ["caseid"])
    op.create_table(
        "vault_access_log",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("caseid", sa.Text, nullable=False),
        sa.Column("ref", sa.Text),
        sa.Column("party", sa.Text),
        sa.Column("actor_ref", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("ground", sa.Text),
        sa.Column("fact_id", sa.Text),
    )
    op.create_index("vault_access_log_caseid", "vault_access_log", ["caseid"])
    op.execute(
        """
        create function vault_access_log_stays() returns trigger language plpgsql as $$
        begin
            raise exception 'a line of vault_access_log is never changed or deleted';
        end $$
        """
    )
    op.execute(
        """
        create trigger vault_access_log_stays before update or delete or truncate on vault_access_log
        for each statement execute function vault_access_log_stays()
        """
    )


def downgrade() -> None:
    for table in (
        "api_keys",
        "addresses",
        "vault_access_log",
        "vault_content",
        "vault_keys",
        "own_facts",
        "own_counters",
        "intake",
        "subjects",
        "case_links",
        "case_register",
    ):
        op.drop_table(table)
    op.execute("drop sequence intake_batches")
    op.execute("drop function vault_access_log_stays()")
