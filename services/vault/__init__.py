"""The vault: what people write, sealed with a key a case that can be destroyed (PostgreSQL, AES-GCM)."""
