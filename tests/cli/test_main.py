"""The command line: a failure is one sentence, a way out and its exit code; never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.main import main
from services.cli.processes import HOST, free_port


@pytest.mark.parametrize(
    "arguments", [["--help"], ["broker", "--help"], ["broker", "start", "--help"], ["run", "--help"]]
)
def test_help_is_given_everywhere(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "Usage: seinhuis" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["no-such-command"], ["run", "casework", "--workers", "none"], ["broker", "start", "--port", "x"]],
)
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    assert main(arguments) == 2


def test_run_refuses_a_service_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tea"]) == 2
    assert capsys.readouterr().err == (
        "seinhuis: there is no service tea; known are casework, collaboration, gateway, notices, "
        "and module.path:ATTRIBUTE of a Job\n"
    )


def test_run_without_a_broker_says_so_and_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = f"{HOST}:{free_port()}"
    monkeypatch.setenv("SEINHUIS_KAFKA", nobody)
    assert main(["run", "casework"]) == 3
    told = capsys.readouterr().err
    assert told.startswith(f"seinhuis: no broker answers at {nobody}; start one with `seinhuis broker start`")


def test_run_names_the_variable_it_cannot_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEINHUIS_TRANSACTIONS", "perhaps")
    assert main(["run", "casework"]) == 2
    assert capsys.readouterr().err.startswith(
        "seinhuis: the environment cannot be used: SEINHUIS_TRANSACTIONS: "
    )


def test_command_is_installed() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("seinhuis"), "broker", "status"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"SEINHUIS_RUN": "/nonexistent"},
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "seinhuis: no embedded broker runs from here; `seinhuis broker start` starts one\n"
