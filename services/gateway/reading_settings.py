"""What the reading side of the door is told by its environment."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ReadingSettings(BaseSettings):
    """`SEINHUIS_*`. Keys and tokens are never told again, not in a log and not in a fault."""

    model_config = SettingsConfigDict(
        env_prefix="SEINHUIS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    gateway_access_days: int = Field(
        default=30, ge=0, le=3650, description="how long after a closing whoever was asked may still read"
    )
    link_key: str = Field(
        default="", repr=False, pattern=r"^(.{32,})?$", description="seals links in notices: 32 bytes or more"
    )
    service_token: str = Field(default="", repr=False, description="what the bell shows at the inner routes")
