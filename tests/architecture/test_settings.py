"""What is read from the environment is never told again: neither when it is shown, nor when it cannot be used."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from services.database.settings import DatabaseSettings
from services.gateway.reading_settings import ReadingSettings
from services.gateway.settings import GatewaySettings
from services.notices.settings import NoticesSettings
from services.runtime.settings import RuntimeSettings
from services.vault.settings import KeySettings

ALL = (DatabaseSettings, GatewaySettings, KeySettings, NoticesSettings, ReadingSettings, RuntimeSettings)
#: A word in a name by which a secret is known.
SECRET = ("password", "_key", "token", "pepper", "database")


def _variable(settings: type[BaseSettings], name: str) -> str:
    alias = settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"{settings.model_config['env_prefix']}{name}".upper()


@pytest.mark.parametrize("settings", ALL, ids=lambda one: str(one.__name__))
def test_settings_that_cannot_be_used_are_told_without_their_values(
    settings: type[BaseSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.model_config.get("hide_input_in_errors") is True
    for name in settings.model_fields:
        monkeypatch.setenv(_variable(settings, name), "hush-hush")
    try:
        settings()
    except ValidationError as error:
        assert "hush-hush" not in str(error)


@pytest.mark.parametrize("settings", ALL, ids=lambda one: str(one.__name__))
def test_secrets_are_not_shown(settings: type[BaseSettings]) -> None:
    for name, field in settings.model_fields.items():
        if any(word in name for word in SECRET) and field.annotation is str and not name.endswith("_file"):
            assert field.repr is False, name
