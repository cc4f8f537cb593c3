"""What a worker is told by its environment, read once at start-up."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RuntimeSettings(BaseSettings):
    """`SEINHUIS_*`. Times in seconds of the wall; every wait of the runtime is bounded by one of them (I10)."""

    model_config = SettingsConfigDict(
        env_prefix="SEINHUIS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    kafka: str = Field(default="127.0.0.1:9092", description="bootstrap servers, host:port[,host:port]")
    slot: str = Field(
        default="0", pattern=r"^[A-Za-z0-9_.-]{1,40}$", description="stable name of this worker"
    )
    transactions: Literal["on", "off"] = "on"
    kafka_security: Literal["", "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = ""
    kafka_ca: str = ""
    kafka_sasl_mechanism: str = "SCRAM-SHA-512"
    kafka_user: str = ""
    kafka_password: str = Field(default="", repr=False)
    profile: Literal["production", "development"] = "development"
    clock: str | None = None
    http_port: int = Field(default=0, ge=0, le=65535)
    http_host: str = "127.0.0.1"
    log: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    session_timeout_s: float = Field(default=10.0, gt=0)
    rebalance_timeout_s: float = Field(default=30.0, gt=0)
    transaction_timeout_s: float = Field(default=10.0, gt=0)
    commit_within_s: float = Field(default=15.0, gt=0)
    recover_within_s: float = Field(default=120.0, gt=0)
    stop_within_s: float = Field(default=8.0, gt=0)
    stuck_after_s: float = Field(default=60.0, gt=0)
    loop_lag_max_s: float = Field(default=10.0, gt=0)
    broadcast_stale_s: float = Field(default=10.0, gt=0)

    batch_records: int = Field(default=2000, ge=1)
    batch_budget_s: float = Field(default=0.06, gt=0)
    group_commit_every_s: float = Field(default=5.0, gt=0)
