"""What docs/OPERATIONS.md says of variables, metrics and exit codes is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from services.casework import metrics as casework_metrics
from services.cli import errors
from services.database.settings import DatabaseSettings
from services.gateway import metrics as gateway_metrics
from services.gateway import reading_metrics
from services.gateway.reading_settings import ReadingSettings
from services.gateway.settings import GatewaySettings
from services.notices import metrics as notices_metrics
from services.notices.settings import NoticesSettings
from services.runtime import exits, metrics
from services.runtime.settings import RuntimeSettings
from services.vault.settings import KeySettings

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
#: Whatever is read from the environment is a field of one of these.
SETTINGS = (RuntimeSettings, DatabaseSettings, KeySettings, GatewaySettings, ReadingSettings, NoticesSettings)
FIELDS = {
    str(field.validation_alias or f"{settings.model_config['env_prefix']}{name}".upper()): field
    for settings in SETTINGS
    for name, field in settings.model_fields.items()
}
#: Read by the command line alone.
OF_THE_COMMANDS = {"SEINHUIS_RUN", "SEINHUIS_GATEWAY_URL", "SEINHUIS_TOKEN"}


def _metrics() -> dict[str, str]:
    declared = [
        value
        for module in (metrics, casework_metrics, gateway_metrics, reading_metrics, notices_metrics)
        for value in vars(module).values()
        if isinstance(value, MetricWrapperBase)
    ]
    return {
        metric._name + ("_total" if metric._type == "counter" else ""): metric._documentation
        for metric in declared
    }


def test_operations_names_every_variable_and_no_other() -> None:
    named = set(re.findall(r"`(SEINHUIS_[A-Z_]+)`", TEXT))
    assert named == FIELDS.keys() | OF_THE_COMMANDS


@pytest.mark.parametrize(
    "name", [name for name in FIELDS if FIELDS[name].annotation in (int, float) and FIELDS[name].default]
)
def test_operations_gives_each_number_as_it_is(name: str) -> None:
    value = FIELDS[name].default
    default = str(value) if isinstance(value, int) else f"{value:g}"
    assert re.search(rf"`{name}`( \||) \(?{re.escape(default)}\b", TEXT)


def test_operations_lists_every_metric_with_its_meaning() -> None:
    listed = dict(re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", TEXT.partition("<!-- metrics")[2], re.MULTILINE))
    assert listed == _metrics()


def test_operations_lists_every_exit_code() -> None:
    tables = TEXT.partition("## Exit codes")[2].partition("\n## ")[0].split("| of a worker")
    listed = [{int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} for table in tables]
    ours = {
        fault.exit_code
        for fault in (errors.CliError, errors.UsedWrongly, errors.Unreachable, errors.ProcessDied)
    }
    assert listed == [{0, 130, *ours}, {exits.OK, exits.FAILED, exits.CONFIG}]
