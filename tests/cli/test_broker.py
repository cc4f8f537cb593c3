"""The embedded broker: it answers or says why not, starts once, and leaves nothing running."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from services.cli.broker import Embedded
from services.cli.errors import ProcessDied
from services.cli.main import main
from services.cli.processes import HOST, LeftBehind, is_broker, is_port_free


@pytest.mark.broker
def test_embedded_broker_answers_until_it_is_stopped(tmp_path: Path) -> None:
    with Embedded(log=tmp_path / "log") as broker:
        assert is_broker(broker.bootstrap)
        assert broker.is_running()
    assert not broker.is_running()
    assert is_port_free(broker.port)


def test_embedded_broker_says_that_its_port_is_taken() -> None:
    with socket.create_server((HOST, 0)) as somebody:
        port = somebody.getsockname()[1]
        with pytest.raises(ProcessDied, match=f"port {port} on {HOST} is taken; choose another with --port"):
            Embedded(port).start()


def test_embedded_broker_without_a_binary_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALF_TANSU_BIN", "/nonexistent/tansu")
    with pytest.raises(ProcessDied, match="set SEINHUIS_KAFKA to the host:port of a broker of your own"):
        Embedded().start()


def test_embedded_broker_that_dies_at_once_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CALF_TANSU_BIN", "/bin/false")
    with pytest.raises(ProcessDied, match="ended at once with exit code 1; its last words are in"):
        Embedded(log=tmp_path / "log").start()


@pytest.mark.broker
def test_broker_command_starts_once_and_stops_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEINHUIS_RUN", str(tmp_path))
    try:
        assert main(["broker", "start"]) == 0
        first = LeftBehind.read(tmp_path / "broker.json")
        assert main(["broker", "start"]) == 0
        assert main(["broker", "status"]) == 0
        assert first is not None
        assert LeftBehind.read(tmp_path / "broker.json") == first
        line = f"export SEINHUIS_KAFKA={first.bootstrap} SEINHUIS_TRANSACTIONS=off\n"
        assert capsys.readouterr().out == line * 3
    finally:
        assert main(["broker", "stop"]) == 0
    assert not first.is_running()
    assert main(["broker", "stop"]) == 0
    assert main(["broker", "status"]) == 1
    told = capsys.readouterr()
    assert told.out == f"stopped the broker at {first.bootstrap}\nno broker was running\n"


def test_left_behind_is_not_a_stranger_with_the_same_number(tmp_path: Path) -> None:
    assert LeftBehind.read(tmp_path / "nothing.json") is None
    assert not LeftBehind(1, "", "no program of this name").is_running()
