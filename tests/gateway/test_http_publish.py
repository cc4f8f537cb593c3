"""`seinhuis publish --gateway`: a file through a real door, each line with its own answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.signals import AcknowledgeSignal, ReportSignal
from services.cli.main import main
from services.cli.processes import HOST, free_port
from services.cli.through_door import batches, lines_of, sources_of
from services.gateway import examples
from tests.databases import Databases
from tests.gateway.minted import GP, a_key, a_token, token_of
from tests.gateway.running import Gateway, a_gateway

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def door(embedded: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with (
        databases.fresh() as database,
        a_gateway(embedded, database, tmp_path_factory.mktemp("door")) as found,
    ):
        yield found


def a_file(path: Path, *events: object) -> str:
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return str(path)


def a_report(event_id: str, **data: Any) -> dict[str, Any]:
    event = examples.event("ReportSignal", ReportSignal.type_name())
    return {**event, "id": event_id, "data": {**event["data"], **data}}


def publish(door: Gateway, *arguments: str, token: str | None = None) -> int:
    token = token or a_token(door.key)
    return main(["publish", "--gateway", door.url, "--token", token, *arguments])


def test_publish_through_the_door_says_what_lies_where(
    door: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path / "day.jsonl", *(a_report(f"door-{n}") for n in range(1100)))
    assert publish(door, file) == 0
    out = capsys.readouterr().out
    assert out.startswith("1100 sent\nsignals.commands.v1\n  partition ")
    assert publish(door, "--format", "json", file) == 0
    again = json.loads(capsys.readouterr().out)["sent"]
    # Said twice, taken once: the same places again.
    assert sum(span["records"] for span in again) == 1100
    assert f"partition {again[0]['partition']:>2}" in out
    assert f"positions {again[0]['first']} to {again[0]['last']}" in out


def test_line_that_is_refused_holds_up_no_other_and_is_named(
    door: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = (a_report("line-1"), a_report("line-2", urgency="panic"), "no event", a_report("line-3"))
    file = a_file(tmp_path / "day.jsonl", *events)
    assert publish(door, file) == 1
    told = capsys.readouterr()
    assert told.out.startswith("2 sent\n")
    assert f"{file}:2  data.urgency  data_invalid  agreed are" in told.err
    assert f"{file}:3  -  not_json" in told.err
    assert told.err.endswith("2 of 4 lines were refused; the others are on the log\n")


def test_file_written_for_the_topics_goes_through_the_door_too(
    door: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its case is known by the name in the file, and what the door allots is left out."""
    neighbour = "urn:nld:oin:00000000000000000008:systeem:meldpunt"
    reporter = token_of(door.key, "schakel", neighbour)
    doctor = token_of(door.key, "huisartsen", "urn:nld:oin:00000000000000000002:systeem:huisartsen")
    file = tmp_path / "fall.jsonl"
    file.write_bytes(
        (EXAMPLES / "fall-reported.jsonl").read_bytes() + (EXAMPLES / "fall-taken.jsonl").read_bytes()
    )
    assert publish(door, str(file), "--token", doctor, token=reporter) == 1
    told = capsys.readouterr()
    # The doctor's system has not heard of the signal yet: nothing told it.
    assert told.out.startswith("1 sent\n")
    assert ":2  subject  subject_unknown" in told.err


def test_lines_go_with_the_token_that_names_their_source() -> None:
    key = a_key()
    ours, theirs = a_token(key), token_of(key, "huisartsen", GP)
    gp = {**a_report("gp"), "source": GP}
    lines, findings = lines_of(
        [json.dumps(event).encode() for event in (a_report("a"), gp, gp, a_report("b"))]
    )
    assert findings == []
    found = [(token, [line.number for line in batch]) for token, batch in batches(lines, [ours, theirs])]
    assert found == [(ours, [1]), (theirs, [2, 3]), (ours, [4])]
    assert sources_of(theirs) == {GP}
    assert sources_of("no token") == frozenset()


def test_lines_are_what_the_door_is_told() -> None:
    event = {
        **a_report("a"),
        "caseid": "case-1",
        "recordedtime": "2026-11-23T07:00:00Z",
        "correlationid": "x",
    }
    del event["data"]["client"]
    answer = examples.event("AcknowledgeSignal", AcknowledgeSignal.type_name(), "sig-1")
    (report, answered), _ = lines_of(
        [json.dumps(one).encode() for one in (event, {**answer, "caseid": "case-1"})]
    )
    told = json.loads(report.body)
    assert told["data"]["client"] == {"system": "file", "value": "case-1"}
    assert not {"caseid", "recordedtime", "correlationid"} & told.keys()
    assert report.recorded_ms == 1_795_417_200_000
    assert "client" not in json.loads(answered.body)["data"]


def test_token_that_is_not_taken_is_one_sentence(
    door: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path / "day.jsonl", a_report("x"))
    assert publish(door, file, token=a_token(a_key())) == 1
    assert "seinhuis: the gateway says 401: The token or key is not one of ours." in capsys.readouterr().err
    assert main(["publish", "--gateway", door.url, file]) == 2


def test_door_that_is_not_there_is_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli.through_door.TRIES", 2)
    file = a_file(tmp_path / "day.jsonl", a_report("x"))
    assert main(["publish", "--gateway", f"http://{HOST}:{free_port()}", "--token", "x", file]) == 3
    assert "no gateway answered" in capsys.readouterr().err
