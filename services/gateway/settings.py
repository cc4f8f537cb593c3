"""What the door is told by its environment, beside what every process is told."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class GatewaySettings(BaseSettings):
    """`SEINHUIS_GATEWAY_*`. Sizes in bytes, times in seconds of the wall; every wait and every queue has its bound."""

    model_config = SettingsConfigDict(
        env_prefix="SEINHUIS_GATEWAY_",
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        hide_input_in_errors=True,
    )

    port: int = Field(default=8400, ge=0, le=65535)
    host: str = "127.0.0.1"
    public_url: str = Field(
        default="", description="as people and programs outside write it; links begin with it"
    )
    issuer: str = Field(default="", description="who must have made an access token: its `iss`")
    audience: str = Field(default="seinhuis", description="for whom it must be made: its `aud`")
    jwks: str = Field(default="", description="the issuer's keys: a file, or an https URL")
    jwks_refresh_s: float = Field(default=60.0, gt=0)
    key_pepper: str = Field(default="", repr=False)
    trusted_proxies: str = "127.0.0.1"

    clock_skew_s: float = Field(default=60.0, ge=0, le=300)
    body_max_bytes: int = Field(default=4 * 1024 * 1024, ge=1024)
    event_max_bytes: int = Field(default=128 * 1024, ge=1024)
    batch_max_events: int = Field(default=1000, ge=1)
    head_max_bytes: int = Field(default=16 * 1024, ge=1024)
    head_within_s: float = Field(default=10.0, gt=0)
    body_within_s: float = Field(default=20.0, gt=0)
    keep_alive_s: int = Field(default=15, ge=1)
    accept_within_s: float = Field(default=15.0, gt=0)
    stop_within_s: float = Field(default=8.0, gt=0)

    requests_per_minute: int = Field(default=1200, ge=1)
    events_per_minute: int = Field(default=300_000, ge=1)
    failures_per_minute: int = Field(
        default=60, ge=1, description="requests without a good token, of one address"
    )
    forms_per_hour: int = Field(default=20, ge=1)
    refusals_told_per_minute: int = Field(default=60, ge=0)

    #: Of the whole house, not of the door alone.
    alias_key: str = Field(default="", repr=False, validation_alias="SEINHUIS_ALIAS_KEY")
