"""The benchmark's decision: a report is validated, routed by fifty ordered rules and counted in its case's row.

Every system calls the same `decide_report`; none has a shorter way. `JOB` is what our own workers run.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.runtime.job import Emit, Input, Job, Record, Step, Turn, Unreadable
from tests.bench.plan import Plan

Kind = Literal["fall", "confusion", "loneliness", "medication", "neglect", "overload", "recovery", "crisis"]
Urgency = Literal["acute", "today", "this_week", "routine"]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]

KINDS: tuple[Kind, ...] = (
    "fall",
    "confusion",
    "loneliness",
    "medication",
    "neglect",
    "overload",
    "recovery",
    "crisis",
)
URGENCIES: tuple[Urgency, ...] = ("acute", "today", "this_week", "routine")
WITHIN_S: dict[Urgency, int] = {"acute": 900, "today": 14_400, "this_week": 259_200, "routine": 604_800}


class Reporter(BaseModel):
    """Who reported: the kind, and the party when there is one."""

    model_config = ConfigDict(extra="ignore")

    kind: Code
    party: Code | None = None


class Report(BaseModel):
    """A record of the input, some 430 bytes of JSON."""

    model_config = ConfigDict(extra="ignore")

    number: Annotated[int, Field(ge=0)]
    case: Annotated[str, StringConstraints(min_length=8, max_length=64)]
    kind: Kind
    urgency: Urgency
    postcode: Annotated[int, Field(ge=1000, le=9999)]
    reported_ms: Annotated[int, Field(ge=0)]
    about: Code
    types: list[Code]
    reporter: Reporter
    expects_feedback: bool
    content_ref: Annotated[str, StringConstraints(pattern=r"^vault:[A-Za-z0-9_-]{8,64}$")]
    traceparent: str


class Rule(NamedTuple):
    """Matches a kind, a range of postcodes and an urgency; `None` matches every one."""

    name: str
    kind: Kind | None
    postcode_first: int
    postcode_last: int
    urgency: Urgency | None
    contact: str


def _rules() -> tuple[Rule, ...]:
    """Forty-nine rules of which the first that matches decides, and a default that always answers."""
    found: list[Rule] = []
    for n in range(49):
        first = 1000 + (n * 1117) % 6000
        urgency = None if n % 3 else URGENCIES[n % len(URGENCIES)]
        found.append(
            Rule(f"rule-{n:02}", KINDS[n % len(KINDS)], first, first + 3000, urgency, f"party-{n:02}/team")
        )
    return (*found, Rule("default", None, 0, 9999, None, "coordination/desk"))


RULES = _rules()


def route(kind: Kind, postcode: int, urgency: Urgency) -> Rule:
    """The first rule that matches, in order."""
    for rule in RULES:
        _, of_kind, first, last, of_urgency, _ = rule
        if (
            (of_kind is None or of_kind == kind)
            and first <= postcode <= last
            and (of_urgency is None or of_urgency == urgency)
        ):
            return rule
    raise AssertionError("the default rule matches everything")


def decide_report(value: bytes, row: bytes | None) -> tuple[bytes, bytes]:
    """The case's next row and the fact about this report (some 250 bytes)."""
    report = Report.model_validate_json(value)
    rule = route(report.kind, report.postcode, report.urgency)
    due_ms = report.reported_ms + WITHIN_S[report.urgency] * 1000
    count = 1 + (orjson.loads(row)["count"] if row is not None else 0)
    fact = {
        "number": report.number,
        "case": report.case,
        "count": count,
        "kind": report.kind,
        "urgency": report.urgency,
        "rule": rule.name,
        "contact": rule.contact,
        "due_ms": due_ms,
        "reported_ms": report.reported_ms,
        "content_ref": report.content_ref,
    }
    return orjson.dumps({"count": count, "rule": rule.name, "due_ms": due_ms}), orjson.dumps(fact)


def job(plan: Plan) -> Job:
    """The same decision as a job of our runtime; each run has names of its own."""
    output = plan.output

    def decide(item: Input, row: bytes | None, turn: Turn, /) -> Step:
        if not isinstance(item, Record) or item.key is None or item.value is None:
            raise Unreadable("not_a_report")
        try:
            after, fact = decide_report(item.value, row)
        except ValidationError:
            raise Unreadable("not_a_report") from None
        return Step(after, (Emit(output, item.key, fact, []),))

    return Job(name=plan.name, inputs=(plan.input,), decide=decide, partitions=plan.partitions)


def __getattr__(name: str) -> Job:
    """`tests.bench.job:JOB` is made when a worker asks for it, of the plan in the worker's environment."""
    if name == "JOB":
        return job(Plan.told())
    raise AttributeError(name)
