"""The verifier of the core must be able to fail: a true recording is clean, each way to falsify one is found."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from services.agreements.book import AgreementBook, publication, record_key, usable
from services.casework.decide import Casework as Core
from services.runtime.job import Job
from tests.chaos import casework_model
from tests.chaos.proofs import Casework, fast_clock
from tests.chaos.recording import Recording, Seen, Verdict
from tests.chaos.simulated import LANES, START_MS, record

CLOCK = fast_clock(START_MS / 1000)
PROOF = Casework(seed=5, rate=60.0, clock=CLOCK)


def core() -> Job:
    book = AgreementBook()
    found = usable(casework_model.TEXT)
    book.take(record_key(found), publication(found, casework_model.TEXT).model_dump_json().encode())
    return Job(name="casework", inputs=PROOF.inputs, decide=Core(book).decide, partitions=LANES)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(PROOF, core(), CLOCK, seconds=20.0, slow="v1")


def judged(recording: Recording) -> Verdict:
    return PROOF.verify(recording, {})


def kinds(verdict: Verdict) -> set[str]:
    return {finding.kind for finding in verdict.findings}


def test_a_true_recording_of_the_core_is_found_clean(recording: Recording) -> None:
    verdict = judged(recording)
    assert verdict.findings == []
    told = verdict.counts
    assert told["signals"] > 400
    assert told["repeated"] > 10
    assert (
        min(
            told[name]
            for name in ("ObligationWarned", "ObligationBreached", "CommandRefused", "SignalDeclined")
        )
        > 20
    )
    assert told["ObligationEscalated"] > 100


def named(fact: Seen, name: str) -> bool:
    return fact.header("ce_type").split(".")[-2] == name


def first(recording: Recording, name: str, **fields: object) -> int:
    """The first fact of this name whose fields hold these values."""
    return next(
        index
        for index, fact in enumerate(recording.facts)
        if named(fact, name) and fields.items() <= told(fact).items()
    )


def told(fact: Seen) -> dict[str, object]:
    found = orjson.loads(fact.value or b"")
    assert isinstance(found, dict)
    return found


def with_fact(recording: Recording, index: int, *facts: Seen) -> Recording:
    return recording._replace(facts=[*recording.facts[:index], *facts, *recording.facts[index + 1 :]])


def changed(recording: Recording, index: int, **fields: object) -> Recording:
    fact = recording.facts[index]
    return with_fact(recording, index, fact._replace(value=orjson.dumps({**told(fact), **fields})))


def without(name: str, **fields: object) -> Callable[[Recording], Recording]:
    def falsify(recording: Recording) -> Recording:
        return with_fact(recording, first(recording, name, **fields))

    falsify.__name__ = "_".join(("no", name, *map(str, fields.values())))
    return falsify


def twice(name: str, **fields: object) -> Callable[[Recording], Recording]:
    def falsify(recording: Recording) -> Recording:
        index = first(recording, name, **fields)
        return with_fact(recording, index, recording.facts[index], recording.facts[index])

    falsify.__name__ = "_".join(("two", name, *map(str, fields.values())))
    return falsify


def recorded_earlier(name: str, **fields: object) -> Callable[[Recording], Recording]:
    """The fact claims to have been told before everything else."""

    def falsify(recording: Recording) -> Recording:
        index = first(recording, name, **fields)
        fact = recording.facts[index]
        headers = [
            (header, PROOF.stamp(START_MS)[1] if header == "ce_recordedtime" else value)
            for header, value in fact.headers
        ]
        return with_fact(recording, index, fact._replace(headers=headers))

    falsify.__name__ = "_".join(("early", name, *map(str, fields.values())))
    return falsify


def sent_to_another_contact(recording: Recording) -> Recording:
    return changed(
        recording, first(recording, "SignalRouted", contact="gp/gp-desk"), contact="care/care-team"
    )


def due_a_minute_later(recording: Recording) -> Recording:
    return changed(recording, first(recording, "ObligationOpened"), due_at="2027-01-01T00:00:00Z")


def a_rung_left_out(recording: Recording) -> Recording:
    return changed(recording, first(recording, "ObligationEscalated", level=1), level=2, to="point/desk")


def a_refusal_with_another_reason(recording: Recording) -> Recording:
    return changed(
        recording, first(recording, "CommandRefused", reason="never_asked"), reason="already_taken"
    )


def another_who_answers_for_the_case(recording: Recording) -> Recording:
    return changed(recording, first(recording, "ResponsibilityTaken"), by={"contact": "region/region-duty"})


def a_breach_that_stands_though_answered(recording: Recording) -> Recording:
    return changed(
        recording, first(recording, "ObligationDischarged", withdraws_breach=True), withdraws_breach=False
    )


def the_answer_was_in_the_log(recording: Recording) -> Recording:
    """A withdrawn breach is no fault when the answer was on its way, and one when it had arrived."""
    known = [seen._replace(at_ms=START_MS) for seen in recording.inputs]
    return recording._replace(inputs=known)


def a_row_with_something_owed(recording: Recording) -> Recording:
    rows = list(recording.rows)
    index = max(index for index, row in enumerate(rows) if row.key[:1] != b"\x00")
    head, _, body = (rows[index].value or b"").partition(b"\n")
    row = orjson.loads(body)
    rows[index] = rows[index]._replace(
        value=head + b"\n" + orjson.dumps({**row, "obligations": [{"id": "x"}]})
    )
    return recording._replace(rows=rows)


def a_row_that_lost_its_last_change(recording: Recording) -> Recording:
    last = max(index for index, row in enumerate(recording.rows) if row.key[:1] != b"\x00")
    return recording._replace(rows=[*recording.rows[:last], *recording.rows[last + 1 :]])


@pytest.mark.parametrize(
    ("falsify", "kind"),
    [
        (without("SignalReported"), "lost"),
        (without("SignalRouted"), "lost"),
        (without("SignalAcknowledged"), "lost"),
        (without("CommandRefused"), "lost"),
        (without("ResponsibilityTaken"), "lost"),
        (another_who_answers_for_the_case, "wrong"),
        (without("ObligationOpened"), "ids_missing"),
        (without("ObligationOpened"), "lost"),
        (without("ObligationDischarged"), "lost"),
        (without("ObligationDischarged", on_time=False), "lost"),
        (without("ObligationBreached"), "missed"),
        (without("ObligationEscalated", cause="declined"), "lost"),
        (without("ObligationEscalated", cause="no_answer"), "wrong"),
        (twice("SignalReported"), "ids_twice"),
        (twice("SignalAcknowledged"), "applied_twice"),
        (twice("ResponsibilityTaken"), "applied_twice"),
        (twice("CommandRefused"), "applied_twice"),
        (twice("ObligationWarned"), "applied_twice"),
        (twice("ObligationBreached"), "applied_twice"),
        (twice("ObligationEscalated", cause="repeated"), "early"),
        (recorded_earlier("ObligationBreached"), "early"),
        (recorded_earlier("ObligationWarned"), "early"),
        (recorded_earlier("ObligationEscalated", cause="no_answer"), "early"),
        (sent_to_another_contact, "wrong"),
        (due_a_minute_later, "wrong"),
        (a_rung_left_out, "wrong"),
        (a_refusal_with_another_reason, "wrong"),
        (a_breach_that_stands_though_answered, "false_breach"),
        (the_answer_was_in_the_log, "false_breach"),
        (a_row_with_something_owed, "rows_wrong"),
        (a_row_that_lost_its_last_change, "rows_wrong"),
    ],
)
def test_a_falsified_recording_of_the_core_is_found_out(
    recording: Recording, falsify: Callable[[Recording], Recording], kind: str
) -> None:
    assert kind in kinds(judged(falsify(recording)))
