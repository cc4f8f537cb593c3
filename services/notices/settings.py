"""What the bell is told by its environment, read once at start-up. Secrets are not shown."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class NoticesSettings(BaseSettings):
    """`SEINHUIS_*`. Where the door is, how mail leaves, and what a webhook may reach. Times in seconds of the wall."""

    model_config = SettingsConfigDict(
        env_prefix="SEINHUIS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    alias_key: str = Field(repr=False, min_length=16, description="the key of the names that parties know")
    gateway_url: str = Field(
        default="http://127.0.0.1:8400", description="where addresses and links are asked for"
    )
    service_token: str = Field(default="", repr=False, description="by which the door knows the bell")

    smtp_host: str = Field(default="", description="no host: no mail leaves")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    smtp_from: str = Field(default="seinhuis@localhost", description="the sender's own address")
    smtp_ca: str = Field(default="", description="a file of trusted certificates; empty: those of the system")
    smtp_plain: bool = Field(default=False, description="mail may leave without TLS")

    webhook_private: bool = Field(
        default=False, description="webhooks may reach addresses that are not public"
    )
    webhook_plain: bool = Field(default=False, description="webhooks may be http, without TLS")
    webhook_ca: str = Field(
        default="", description="a file of trusted certificates; empty: those of the system"
    )
    profile: str = Field(default="development", description="in production nothing leaves in the clear")
    send_within_s: float = Field(default=10.0, gt=0, description="a sending takes no longer")

    @model_validator(mode="after")
    def _nothing_in_the_clear(self) -> Self:
        if self.profile == "production" and (self.smtp_plain or self.webhook_plain):
            raise ValueError(
                "SEINHUIS_SMTP_PLAIN and SEINHUIS_WEBHOOK_PLAIN are for trying it out: "
                "with SEINHUIS_PROFILE=production nothing leaves without TLS"
            )
        return self
