"""The verifier must be able to fail: a true recording is found clean, and each way to falsify one is found out."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from services.runtime.clock import Clock
from tests.chaos.counting import job
from tests.chaos.counting_verify import verify
from tests.chaos.proofs import Counting
from tests.chaos.recording import Recording, Seen, Verdict
from tests.chaos.simulated import LANES, record

NAME = "counted"
PROOF = Counting(NAME, seed=5, rate=60.0, partitions=LANES)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(PROOF, job(NAME, LANES), Clock(), seconds=12.0, slow=".b")


def judged(recording: Recording) -> Verdict:
    return verify(recording, NAME, {})


def kinds(verdict: Verdict) -> set[str]:
    return {finding.kind for finding in verdict.findings}


def test_a_true_recording_is_found_clean(recording: Recording) -> None:
    verdict = judged(recording)
    assert verdict.findings == []
    assert verdict.counts["breaches"] > 30
    assert verdict.counts["withdrawn"] > 3
    assert sorted(verdict.late_ms)[len(verdict.late_ms) // 2] < 10


def test_a_true_recording_tells_every_way_a_question_can_end(recording: Recording) -> None:
    told = [orjson.loads(fact.value or b"") for fact in recording.facts]
    assert any("discharged" in fact for fact in told)
    assert any("withdrew" in fact for fact in told)
    assert any(fact["kind"] == "breach" for fact in told)
    assert any(b'"ahead":{"' in (row.value or b"") for row in recording.rows)


def told(fact: Seen) -> dict[str, object]:
    found = orjson.loads(fact.value or b"")
    assert isinstance(found, dict)
    return found


def changed(fact: Seen, **fields: object) -> Seen:
    return fact._replace(value=orjson.dumps({**told(fact), **fields}))


def a_breach(recording: Recording, *, withdrawn: bool = False) -> int:
    taken_back = {told(fact).get("withdrew") for fact in recording.facts}
    return next(
        index
        for index, fact in enumerate(recording.facts)
        if told(fact)["kind"] == "breach" and (told(fact)["asked"] in taken_back) == withdrawn
    )


def with_fact(recording: Recording, index: int, *facts: Seen) -> Recording:
    return recording._replace(facts=[*recording.facts[:index], *facts, *recording.facts[index + 1 :]])


def a_doubled_fact(recording: Recording) -> Recording:
    return with_fact(recording, 40, recording.facts[40], recording.facts[40])


def an_input_applied_again_under_a_new_id(recording: Recording) -> Recording:
    again = recording.facts[-1]._replace(headers=[("ce_id", f"{NAME}-2-99999".encode())])
    return recording._replace(facts=[*recording.facts, again])


def a_missing_fact(recording: Recording) -> Recording:
    return with_fact(recording, 40)


def a_fact_with_another_digest(recording: Recording) -> Recording:
    return with_fact(recording, 40, changed(recording.facts[40], digest="0" * 24))


def two_facts_swapped(recording: Recording) -> Recording:
    facts = list(recording.facts)
    same = [index for index, fact in enumerate(facts) if fact.key == facts[40].key][:2]
    facts[same[0]], facts[same[1]] = facts[same[1]], facts[same[0]]
    return recording._replace(facts=facts)


def a_breach_told_early(recording: Recording) -> Recording:
    index = a_breach(recording)
    fact = recording.facts[index]
    due_ms = told(fact)["due_ms"]
    assert isinstance(due_ms, int)
    return with_fact(recording, index, changed(fact, now_ms=due_ms - 1))


def a_breach_never_told(recording: Recording) -> Recording:
    return with_fact(recording, a_breach(recording))


def a_breach_told_twice(recording: Recording) -> Recording:
    index = a_breach(recording)
    return with_fact(recording, index, recording.facts[index], recording.facts[index])


def a_breach_that_stands_though_answered(recording: Recording) -> Recording:
    asked = told(recording.facts[a_breach(recording, withdrawn=True)])["asked"]
    index = next(index for index, fact in enumerate(recording.facts) if told(fact).get("withdrew") == asked)
    return with_fact(recording, index, changed(recording.facts[index], withdrew=""))


def a_breach_told_with_the_answer_in_the_log(recording: Recording) -> Recording:
    asked = told(recording.facts[a_breach(recording, withdrawn=True)])["asked"]
    earlier = [
        seen._replace(at_ms=int(seen.header("stamp"))) if told(seen).get("answers") == asked else seen
        for seen in recording.inputs
    ]
    return recording._replace(inputs=earlier)


def a_row_that_lost_its_last_change(recording: Recording) -> Recording:
    rows = [row for row in recording.rows if row.key[:1] != b"\x00"]
    last = max(index for index, row in enumerate(rows) if row.key == rows[0].key)
    return recording._replace(rows=rows[:last] + rows[last + 1 :])


def a_row_that_counted_twice(recording: Recording) -> Recording:
    rows = list(recording.rows)
    head, _, body = (rows[-2].value or b"").partition(b"\n")
    state = orjson.loads(body)
    rows[-2] = rows[-2]._replace(value=head + b"\n" + orjson.dumps({**state, "n": state["n"] + 1}))
    return recording._replace(rows=rows)


def a_row_that_forgot_its_timer(recording: Recording) -> Recording:
    rows = list(recording.rows)
    index = next(
        i for i, row in enumerate(rows) if row.key[:1] != b"\x00" and (row.value or b"-")[:1] != b"-"
    )
    body = (rows[index].value or b"").partition(b"\n")[2]
    rows[index] = rows[index]._replace(value=b"- 5\n" + body)
    return recording._replace(rows=rows)


def a_row_that_went_back(recording: Recording) -> Recording:
    first = next(row for row in recording.rows if row.key[:1] != b"\x00")
    return recording._replace(rows=[*recording.rows, first])


def a_dead_letter(recording: Recording) -> Recording:
    return recording._replace(dead=[recording.inputs[0]])


@pytest.mark.parametrize(
    ("falsify", "kind"),
    [
        (a_doubled_fact, "applied_twice"),
        (a_doubled_fact, "ids_twice"),
        (an_input_applied_again_under_a_new_id, "applied_twice"),
        (a_missing_fact, "lost"),
        (a_missing_fact, "ids_missing"),
        (a_fact_with_another_digest, "wrong"),
        (two_facts_swapped, "out_of_order"),
        (two_facts_swapped, "wrong"),
        (a_breach_told_early, "early"),
        (a_breach_never_told, "missed"),
        (a_breach_told_twice, "applied_twice"),
        (a_breach_that_stands_though_answered, "false_breach"),
        (a_breach_told_with_the_answer_in_the_log, "false_breach"),
        (a_row_that_lost_its_last_change, "rows_wrong"),
        (a_row_that_counted_twice, "rows_wrong"),
        (a_row_that_forgot_its_timer, "rows_wrong"),
        (a_row_that_went_back, "rows_wrong"),
        (a_dead_letter, "dead_letters"),
    ],
)
def test_a_falsified_recording_is_found_out(
    recording: Recording, falsify: Callable[[Recording], Recording], kind: str
) -> None:
    assert kind in kinds(judged(falsify(recording)))


def test_a_sequence_given_before_is_an_id_given_twice(recording: Recording) -> None:
    assert "ids_twice" in kinds(verify(recording, NAME, {0: 3}))
