"""`seinhuis publish`: what is good is sent where it belongs, at once or at its own pace; what is bad sends nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import decode
from schemas.signals import ReportSignal
from services.cli.events_file import Ready, judge
from services.cli.main import main
from services.cli.processes import HOST, free_port
from services.cli.publish import send_ready
from services.runtime.admin import make
from services.runtime.clock import Clock
from services.runtime.follow import follow
from services.runtime.job import Record
from tests.schemas.golden import sample_of
from topics.catalogue import CATALOGUE, SIGNALS_COMMANDS

Unique = Callable[[str], str]


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    found: str = request.getfixturevalue(request.param)
    monkeypatch.setenv("SEINHUIS_KAFKA", found)
    asyncio.run(make(found, CATALOGUE))
    return found


class Typed(BytesIO):
    """What somebody types, or pipes."""

    name = "<stdin>"


def a_report(caseid: str, n: int = 1, **changed: Any) -> dict[str, Any]:
    event = {
        **sample_of(ReportSignal).event,
        "id": f"cmd-{caseid}-{n}",
        "caseid": caseid,
        "subject": f"sig-{caseid}",
    }
    return {**event, "partitionkey": caseid, **changed}


def a_file(path: Path, *events: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return str(path)


def sent_of(bootstrap: str, *caseids: str) -> list[Record]:
    """The commands of these cases that are on their topic."""

    async def read() -> list[Record]:
        batches = follow(bootstrap, [SIGNALS_COMMANDS.name], until_end=True)
        return [record async for batch in batches for record in batch]

    keys = {caseid.encode() for caseid in caseids}
    return [record for record in asyncio.run(read()) if record.key in keys]


def test_publish_sends_in_binary_mode_keyed_by_case_and_says_where(
    broker: str, unique: Unique, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = unique("case"), unique("case")
    events = [a_report(one, 1), a_report(two, 1), a_report(one, 2)]
    assert main(["publish", a_file(tmp_path / "day.jsonl", *events)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("3 sent\nsignals.commands.v1\n  partition ")
    found = sent_of(broker, one, two)
    assert [decode(record.headers).id for record in found if record.key == one.encode()] == [
        f"cmd-{one}-1",
        f"cmd-{one}-2",
    ]
    for record in found:
        envelope = decode(record.headers)
        assert record.key == envelope.caseid.encode()
        assert envelope.recordedtime == events[0]["recordedtime"]
        assert json.loads(record.value or b"") == sample_of(ReportSignal).data
        assert dict(record.headers)["content-type"] == b"application/json"


def test_publish_reads_standard_input_and_answers_in_json(
    embedded: str, unique: Unique, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    caseid = unique("case")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(Typed(json.dumps(a_report(caseid)).encode())))
    assert main(["publish", "--kafka", embedded, "--format", "json", "-"]) == 0
    (span,) = json.loads(capsys.readouterr().out)["sent"]
    (record,) = sent_of(embedded, caseid)
    assert (span["topic"], span["partition"], span["first"], span["last"]) == (
        record.topic,
        record.partition,
        record.offset,
        record.offset,
    )


def test_one_bad_line_and_nothing_is_sent(
    embedded: str, unique: Unique, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    caseid = unique("case")
    file = a_file(tmp_path / "day.jsonl", a_report(caseid), a_report(caseid, urgency="Very Urgent"))
    assert main(["publish", "--kafka", embedded, file]) == 1
    told = capsys.readouterr().err
    assert f"{file}:2  urgency  attribute_wrong  it must have the form" in told
    assert told.endswith("seinhuis: 1 of 2 lines have findings; nothing was sent\n")
    assert sent_of(embedded, caseid) == []


def test_skip_bad_sends_the_good_lines_and_names_the_others(
    embedded: str, unique: Unique, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    caseid = unique("case")
    file = a_file(tmp_path / "day.jsonl", a_report(caseid), a_report(caseid, remark="words"))
    assert main(["publish", "--kafka", embedded, "--skip-bad", file]) == 0
    told = capsys.readouterr()
    assert ":2  remark  attribute_unknown" in told.err
    assert told.out.startswith("1 sent")
    assert len(sent_of(embedded, caseid)) == 1


def test_stamp_replaces_the_recorded_time_by_the_clock_of_the_service(
    embedded: str, unique: Unique, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    monkeypatch.setenv("SEINHUIS_CLOCK", f"2031-05-06T07:08:09+02:00@{time.time():.3f}x1")
    caseid = unique("case")
    event = a_report(caseid)
    del event["recordedtime"]
    assert main(["publish", "--kafka", embedded, "--stamp", a_file(tmp_path / "day.jsonl", event)]) == 0
    (record,) = sent_of(embedded, caseid)
    assert decode(record.headers).recordedtime.startswith("2031-05-06T05:")


async def test_at_their_pace_events_go_when_the_clock_shows_their_recorded_time(
    embedded: str, unique: Unique
) -> None:
    await make(embedded, CATALOGUE)
    caseid = unique("case")
    hours = ("08:00", "09:00", "11:00")
    events = [a_report(caseid, n, recordedtime=f"2026-11-23T{hour}:00+01:00") for n, hour in enumerate(hours)]
    ready, findings = judge([json.dumps(event).encode() for event in events])
    assert findings == []
    clock = Clock(start_ms=ready[0].recorded_ms, anchor_s=time.time(), speed=7200)
    late_ms: list[int] = []

    def sent(event: Ready) -> None:
        late_ms.append(clock.now_ms() - event.recorded_ms)

    await send_ready(embedded, ready, clock=clock, is_paced=True, on_sent=sent)
    # Never early, each at its own time; how late is the machine's affair.
    assert len(late_ms) == len(events)
    assert min(late_ms) >= 0


def test_without_a_broker_publish_is_exit_code_3(
    unique: Unique, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = f"{HOST}:{free_port()}"
    file = a_file(tmp_path / "day.jsonl", a_report(unique("case")))
    assert main(["publish", "--kafka", nobody, file]) == 3
    assert capsys.readouterr().err.startswith(f"seinhuis: no broker answered at {nobody}")


def test_a_clock_that_cannot_be_read_is_wrong_use(
    unique: Unique, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEINHUIS_CLOCK", "noon")
    assert main(["publish", a_file(tmp_path / "day.jsonl", a_report(unique("case")))]) == 2
