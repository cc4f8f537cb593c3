"""Every table of the edges, as the newest migration leaves it; the tests hold the two equal.

No word of what was said, and no identifier of a client or of a provider's choosing, is in any of them but sealed or
as an HMAC with a key that is kept elsewhere.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

# The register of cases (services/gateway/register.py)

#: Under which case a client's identifier is known, once for each key of the ring.
case_register = Table(
    "case_register",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("partnership", Text, nullable=False),
    Column("caseid", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Index("case_register_caseid", "caseid"),
)

#: Cases that proved to be about one person: what is new of the one is told in the other.
case_links = Table(
    "case_links",
    metadata,
    Column("caseid", Text, primary_key=True),
    Column("leads_to", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Index("case_links_leads_to", "leads_to"),
)

#: Entities born at the door: under which names their own reporter knows them.
subjects = Table(
    "subjects",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("caseid", Text, nullable=False),
    Column("partnership", Text, nullable=False),
    Column("entity_alias", Text, nullable=False),
    Column("case_alias", Text, nullable=False),
    Column("word", LargeBinary, comment="HMAC of the provider's source and own word"),
    Column("since_ms", BigInteger, nullable=False),
    Index("subjects_word", "word", unique=True),
    Index("subjects_entity_alias", "entity_alias", unique=True),
    Index("subjects_case_alias", "case_alias"),
    Index("subjects_caseid", "caseid"),
)

# The intake (services/gateway/intake.py)

#: Each batch takes one; its events are numbered from there.
intake_batches = Sequence("intake_batches", metadata=metadata)

#: Every event taken in, for a week; the exact record for as long as it is owed to the broker.
intake = Table(
    "intake",
    metadata,
    Column("command_id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="the order in which it was taken in"),
    Column("party", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("caseid", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("is_owed", Boolean, nullable=False, server_default=text("true")),
    Column("value", LargeBinary),
    Column("headers", LargeBinary),
    Column("partition", Integer),
    Column("position", BigInteger),
    Index("intake_recorded_ms", "recorded_ms"),
    Index("intake_owed", "caseid", "number", postgresql_where=text("is_owed")),
)

#: Words that were put into the vault before an event refers to them, for a week (services/gateway/uploads.py).
#: `case_alias` is empty where the words give no right to begin in the case.
uploads = Table(
    "uploads",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("partnership", Text, nullable=False),
    Column("caseid", Text, nullable=False),
    Column("case_alias", Text, nullable=False),
    Column("chars", Integer, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column(
        "used_ms", BigInteger, comment="when an event referred to them first; without it they are let go of"
    ),
    Index("uploads_case_alias", "case_alias"),
    Index("uploads_since_ms", "since_ms"),
)

# The door's own facts (services/gateway/ownfacts.py)

own_counters = Table(
    "own_counters",
    metadata,
    Column("slot", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
)

own_facts = Table(
    "own_facts",
    metadata,
    Column("slot", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("is_owed", Boolean, nullable=False, server_default=text("true")),
    Column("partition", Integer),
    Column("position", BigInteger),
    Index("own_facts_owed", "slot", "sequence", postgresql_where=text("is_owed")),
)

# The vault (services/vault)

#: The key of each case, wrapped by a master key; a destroyed one leaves its row behind, without a key.
vault_keys = Table(
    "vault_keys",
    metadata,
    Column("caseid", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("wrapped", LargeBinary),
    Column("since_ms", BigInteger, nullable=False),
    Column("destroyed_ms", BigInteger),
    Index("vault_keys_key_id", "key_id"),
)

vault_content = Table(
    "vault_content",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("caseid", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("chars", Integer, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Index("vault_content_caseid", "caseid"),
)

#: Who opened what, when and for what. A trigger refuses to change or delete a line.
vault_access_log = Table(
    "vault_access_log",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("caseid", Text, nullable=False),
    Column("ref", Text),
    Column("party", Text),
    Column("actor_ref", Text),
    Column("purpose", Text),
    Column("ground", Text),
    Column("fact_id", Text),
    Index("vault_access_log_caseid", "caseid"),
)

# Whom we reach and who reaches us

#: Addresses of functions, never of persons; a secret is sealed by the master key.
addresses = Table(
    "addresses",
    metadata,
    Column("party", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("address_ref", Text, nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("language", Text, nullable=False, server_default="nl"),
    Column("changed_ms", BigInteger, nullable=False),
)

#: Keys of parties without tokens, as hashes.
api_keys = Table(
    "api_keys",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("party", Text, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("sources", ARRAY(Text), nullable=False),
    Column("partnerships", ARRAY(Text), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    Column("last_used_ms", BigInteger),
    Index("api_keys_party", "party"),
)

# What the door reads of the facts (services/gateway/reading.py)

#: Who reads, and when all was last known to be read: whoever takes over writes its own name, and ends the other.
readers = Table(
    "readers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("fresh_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

#: The next position of each partition, moved in the transaction of the rows it led to.
reader_positions = Table(
    "reader_positions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

#: A signal as the facts tell it.
entities = Table(
    "entities",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("caseid", Text, nullable=False),
    Column("partnership", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("taken_by", Text),
    Column("reporter_party", Text),
    Column("ends_ms", BigInteger),
    Column("author_ends_ms", BigInteger),
    Column("stances", JSONB, nullable=False),
    Column("dues", JSONB, nullable=False),
    Index("entities_caseid", "caseid"),
)

#: Content a signal's facts refer to, and which party said it; nobody where it was somebody without one.
entity_content = Table(
    "entity_content",
    metadata,
    Column("content_ref", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("wrote", Text),
    Index("entity_content_entity", "entity"),
)

#: Who may pull of a signal, on which ground, from when until when; `content_ref` is empty where it is all of it.
grants = Table(
    "grants",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("party", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    Column("ground", Text, primary_key=True),
    Column("content_ref", Text, primary_key=True),
    Column("caseid", Text, nullable=False),
    Column("entity_alias", Text, nullable=False),
    Column("case_alias", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Index("grants_entity_alias", "entity_alias"),
    Index("grants_case_alias", "case_alias"),
)

#: Ladders by which a party was addressed, under the names that those who were addressed have for them.
ladders = Table(
    "ladders",
    metadata,
    Column("alias", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("lane", Text, nullable=False, comment="partnership/party: who did not keep what was agreed"),
    Column("collaboration_id", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Index("ladders_since_ms", "since_ms"),
)

#: Links that were acted on: what was said by which, so that it is said once.
links_used = Table(
    "links_used",
    metadata,
    Column("link_id", Text, primary_key=True),
    Column("action", Text, nullable=False),
    Column("reason", Text),
    Column("used_ms", BigInteger, nullable=False),
)

# Partners that speak Kafka (services/gateway/inboxes.py)

#: Whose inbox is read, in the name of which of its systems, and up to where; no `position` = from the oldest record.
inboxes = Table(
    "inboxes",
    metadata,
    Column("party", Text, primary_key=True),
    Column("sources", ARRAY(Text), nullable=False),
    Column("position", BigInteger),
    Column("since_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
)
