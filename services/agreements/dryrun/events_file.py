"""Cases from the signals of a while ago: one event a line, as they were sent or told; nothing is expected of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from schemas.base import Said, read
from schemas.signals import ReportSignal, SignalReported
from services.agreements.dryrun.cases import Case, Cases, Finding, Reported
from services.agreements.dryrun.csv_file import MAX_CASES
from services.agreements.moments import YEARS, milliseconds

_MODELS: dict[str, type[ReportSignal] | type[SignalReported]] = {
    model.type_name(): model for model in (ReportSignal, SignalReported)
}


def read_events(text: str, partnership: str) -> Cases:
    """The reported signals of a partnership; other events, and those of other partnerships, are passed over."""
    cases: list[Case] = []
    findings: list[Finding] = []
    passed_over = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = _case(number, line, partnership)
        if isinstance(found, Case):
            cases.append(found)
        elif found is not None:
            findings.append(found)
        else:
            passed_over += 1
        if len(cases) > MAX_CASES:
            says = f"at most {MAX_CASES} signals fit in one file; make two of it"
            return Cases((), (Finding(number, 1, "", "too_long", says),))
    if not cases and not findings:
        says = f"no signal of {partnership} is in this file; name a file with ReportSignal events of it"
        findings.append(Finding(1, 1, "", "no_signal", says))
    return Cases(() if findings else tuple(cases), tuple(findings), passed_over)


def _case(number: int, line: str, partnership: str) -> Case | Finding | None:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        event = None
    if not isinstance(event, dict):
        return Finding(number, 1, "", "not_an_event", "write one event a line, as a JSON object")
    model = _MODELS.get(str(event.get("type")))
    if model is None or event.get("partnership") != partnership:
        return None
    at = _moment(event.get("recordedtime") or event.get("time"))
    if at is None:
        return Finding(
            number, 1, "recordedtime", "no_moment", "add `recordedtime`, such as 2026-11-23T09:00Z"
        )
    return _read(number, event, model, at)


def _read(number: int, event: dict[str, Any], model: type[Said], at: datetime) -> Case | Finding:
    try:
        said: Any = read(model, orjson.dumps(event.get("data")))
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        says = f"the data are no {model.__name__}; `seinhuis publish` says what is wrong with each field"
        return Finding(number, 1, f"data.{field}", "wrong_data", says)
    return Case(
        name=str(event.get("subject") or event.get("id") or f"line {number}"),
        line=number,
        at_ms=milliseconds(at),
        urgency=said.urgency,
        types=tuple(word.value for word in said.types),
        concern=tuple(word.value for word in said.concern),
        about=said.about.value,
        postcode=said.postcode,
        reporter=Reported(said.reporter.kind.value, said.reporter.party),
    )


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo and found.year in YEARS else None
