"""A file of events is judged whole before anything is sent, and every finding says where, what and what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.base import Said
from schemas.signals import AcknowledgeSignal, DeclineSignal, ReportSignal, SignalRouted
from services.cli.events_file import Finding, judge
from tests.schemas.golden import sample_of

REPORT = sample_of(ReportSignal).event


def line(event: dict[str, Any] = REPORT, /, *without: str, **changed: Any) -> bytes:
    """The event of a golden sample, with some attributes changed or left out."""
    found = {name: value for name, value in {**event, **changed}.items() if name not in without}
    return json.dumps(found).encode() + b"\n"


def data(**changed: Any) -> dict[str, Any]:
    return {**REPORT["data"], **changed}


def codes(findings: list[Finding]) -> list[tuple[int, str, str]]:
    return [(finding.line, finding.field, finding.code) for finding in findings]


def test_the_golden_commands_are_ready_for_their_topic() -> None:
    models: tuple[type[Said], ...] = (ReportSignal, AcknowledgeSignal, DeclineSignal)
    ready, findings = judge([line(sample_of(model).event) for model in models])
    assert findings == []
    for event, model in zip(ready, models, strict=True):
        assert event.topic == "signals.commands.v1"
        assert event.envelope.type == model.type_name()
        assert json.loads(event.data) == sample_of(model).data


def test_an_empty_line_is_passed_over_and_still_counted() -> None:
    ready, findings = judge([b"\n", line(), b"  \n", b"{\n"])
    assert [event.line for event in ready] == [2]
    assert codes(findings) == [(4, "-", "not_json")]


@pytest.mark.parametrize(
    ("text", "field", "code", "says"),
    [
        (b"words", "-", "not_json", "one JSON object a line"),
        (b"\xff\n", "-", "not_json", "UTF-8"),
        (b"[]", "-", "not_an_event", "attributes beside `data`"),
        (line(REPORT, "id"), "id", "attribute_missing", "add it"),
        (line(REPORT, "caseid", "partitionkey"), "caseid", "attribute_missing", "add it"),
        (line(REPORT, "partnership"), "partnership", "attribute_missing", "add it"),
        (line(REPORT, "subject"), "subject", "attribute_missing", "add it"),
        (line(REPORT, "recordedtime"), "recordedtime", "attribute_missing", "add it"),
        (line(specversion="0.3"), "specversion", "attribute_wrong", "1.0"),
        (line(datacontenttype="text/plain"), "datacontenttype", "attribute_wrong", "application/json"),
        (line(source="urn:nld:oin:1:systeem:ecd"), "source", "attribute_wrong", "the form ^urn:"),
        (line(time="2026-11-23 08:00"), "time", "attribute_wrong", "with its zone"),
        (line(recordedtime="2026-11-23T08:00:00"), "recordedtime", "attribute_wrong", "with its zone"),
        (line(recordedtime="1795420800"), "recordedtime", "attribute_wrong", "with its zone"),
        (line(subject="Jan de Vries"), "subject", "attribute_wrong", "the form"),
        (line(priority="high"), "priority", "attribute_wrong", "'stat'"),
        (line(partitionkey="case-another1"), "partitionkey", "attribute_wrong", "same as `caseid`"),
        (line(urgency=3), "urgency", "attribute_not_text", "between quotes"),
        (line(remark="words"), "remark", "attribute_unknown", "take it out; known here are specversion"),
        (line(type="nl.seinhuis.signals.ShoutSignal.v1"), "type", "type_unknown", "ReportSignal.v1"),
        (line(REPORT, "type"), "type", "attribute_missing", "add it"),
        (line(sample_of(SignalRouted).event), "type", "not_a_command", "its own process alone"),
        (line(REPORT, "data"), "data", "data_missing", "fields of ReportSignal"),
        (line(data="words"), "data", "data_missing", "fields of ReportSignal"),
        (line(data=data(urgency="Very Urgent")), "data.urgency", "field_wrong", "the form"),
        (line(data=data(types=["nursing", "sad"])), "data.types.1", "word_unknown", "supportive, caring"),
        (line(data=data(about="unknown")), "data.about", "word_unknown", "client, informal_carer, household"),
        (line(data=data(remark="words")), "data.remark", "field_unknown", "known here are urgency, types"),
        (
            line(data=data(reporter={"kind": "client", "name": "words"})),
            "data.reporter.name",
            "field_unknown",
            "known here are kind, party",
        ),
        (line(data=data(reporter={})), "data.reporter.kind", "field_missing", "add it"),
    ],
)
def test_finding_names_line_field_code_and_what_to_do(text: bytes, field: str, code: str, says: str) -> None:
    ready, findings = judge([line(), text])
    assert [event.line for event in ready] == [1]
    assert (2, field, code) in codes(findings)
    assert says in next(finding.says for finding in findings if finding.field == field)


def test_all_findings_of_all_lines_come_at_once() -> None:
    bad = line(REPORT, "id", recordedtime="yesterday", data=data(urgency="!", remark=1))
    _, findings = judge([bad, line(), b"{", bad])
    wrong = ["id", "recordedtime", "data.urgency", "data.remark"]
    assert [finding.field for finding in findings] == [*wrong, "-", *wrong]


def test_no_finding_repeats_what_was_written() -> None:
    private = "Jan de Vries 123456782"
    bad = line(subject=private, time=private, type=private, priority=private)
    worse = line(
        data=data(urgency=private, about=private, content_ref=private, postcode=private, types=private)
    )
    _, findings = judge([bad, worse, private.encode()])
    assert len(findings) >= 9
    assert not [finding for finding in findings if "Vries" in finding.says or "123456782" in finding.says]


def test_a_line_that_is_stamped_when_sent_needs_no_recorded_time() -> None:
    ready, findings = judge([line(REPORT, "recordedtime")], is_stamped=True)
    assert len(ready) == 1
    assert findings == []


def test_a_moment_is_kept_as_it_was_written() -> None:
    (event,), _ = judge([line(recordedtime="2026-11-23T07:00:00+01:00")])
    assert event.envelope.recordedtime == "2026-11-23T07:00:00+01:00"
    assert event.recorded_ms == 1795413600000
