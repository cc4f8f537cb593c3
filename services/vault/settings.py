"""The keys of the door, read once at start-up. They are never written down, logged or told."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.vault.ring import Ring, RingTextError


class KeySettings(BaseSettings):
    """`SEINHUIS_VAULT_KEY` or a file of it, and `SEINHUIS_REGISTER_KEY` or a file: each a ring."""

    model_config = SettingsConfigDict(
        env_prefix="SEINHUIS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    vault_key: str = Field(default="", repr=False)
    vault_key_file: str = ""
    register_key: str = Field(default="", repr=False)
    register_key_file: str = ""

    def vault_ring(self) -> Ring:
        """The master keys of the vault."""
        return _ring("SEINHUIS_VAULT_KEY", self.vault_key, self.vault_key_file)

    def register_ring(self) -> Ring:
        """The keys by which identifiers and a provider's own ids are hashed."""
        return _ring("SEINHUIS_REGISTER_KEY", self.register_key, self.register_key_file)


def _ring(variable: str, text: str, file: str) -> Ring:
    if text and file:
        raise RingTextError(f"set {variable} or {variable}_FILE, not both")
    if file:
        try:
            text = Path(file).read_text(encoding="ascii")
        except (OSError, ValueError):
            raise RingTextError(f"the file of {variable}_FILE cannot be read") from None
    return Ring.from_text(text, variable)
