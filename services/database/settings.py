"""Where the database is, and how long anybody waits for it."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
    """`SEINHUIS_DATABASE*`. Times in seconds of the wall; every wait for the database ends at one of them."""

    model_config = SettingsConfigDict(
        env_prefix="SEINHUIS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    database: str = Field(default="", repr=False, description="postgresql://user:password@host:port/name")
    database_connections: int = Field(default=8, ge=1)
    database_within_s: float = Field(default=15.0, gt=0)
