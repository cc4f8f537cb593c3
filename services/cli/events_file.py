"""Judges a file of events, one structured CloudEvent a line: what may be sent, and every finding with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.attributes import Attributes, CommandAttributes, attributes_of
from schemas.base import Said, unknown_words
from schemas.envelope import Envelope
from schemas.registry import TYPES
from topics.catalogue import topic_of

_COMMANDS = sorted(name for name, model in TYPES.items() if model.kind == "command")
_OF_ENVELOPE = frozenset(Envelope.__slots__)
#: Stands for the moment of sending while a line is judged that needs none of its own.
_ANY_MOMENT = "1970-01-01T00:00:00Z"


class Finding(NamedTuple):
    """What is wrong with which field of which line. Never the value: it may hold what must not be shown."""

    line: int
    field: str
    code: str
    says: str


class Ready(NamedTuple):
    """A line that may be sent."""

    line: int
    topic: str
    envelope: Envelope
    recorded_ms: int
    data: bytes


def judge(lines: Iterable[bytes], *, is_stamped: bool = False) -> tuple[list[Ready], list[Finding]]:
    """The lines that may be sent, and all findings. Empty lines are passed over.

    `is_stamped`: the recorded time is given when it is sent, so a line need not have one.
    """
    ready: list[Ready] = []
    findings: list[Finding] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found = _judge_line(number, line, is_stamped)
            if isinstance(found, Ready):
                ready.append(found)
            else:
                findings += found
    return ready, findings


def _judge_line(number: int, line: bytes, is_stamped: bool) -> Ready | list[Finding]:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return [Finding(number, "-", "not_json", "write one JSON object a line, in UTF-8")]
    if not isinstance(event, dict):
        return [
            Finding(number, "-", "not_an_event", "write one JSON object a line, attributes beside `data`")
        ]
    if is_stamped:
        event.setdefault("recordedtime", _ANY_MOMENT)
    data = event.pop("data", None)
    attributes, findings = _attributes(number, event)
    message, more = _message(number, event.get("type"), data)
    findings += more
    if attributes is None or message is None or findings:
        return findings
    envelope = Envelope(**{name: value for name, value in event.items() if name in _OF_ENVELOPE and value})
    recorded_ms = round(attributes.recordedtime.timestamp() * 1000)
    return Ready(number, topic_of(type(message)).name, envelope, recorded_ms, _bytes(message))


def _bytes(message: Said) -> bytes:
    return message.model_dump_json(exclude_unset=True).encode()


def _attributes(number: int, event: Mapping[str, Any]) -> tuple[Attributes | None, list[Finding]]:
    no_text = [
        Finding(number, name, "attribute_not_text", "write it between quotes, or leave it out")
        for name, value in event.items()
        if not isinstance(value, str)
    ]
    if no_text:
        return None, no_text
    said = TYPES.get(str(event.get("type")))
    expected = CommandAttributes if said is None else attributes_of(said)
    try:
        attributes = expected.model_validate(event)
    except ValidationError as error:
        return None, list(_findings(number, expected, "attribute", "", error))
    if attributes.partitionkey not in (None, attributes.caseid):
        return None, [
            Finding(number, "partitionkey", "attribute_wrong", "write the same as `caseid`, or leave it out")
        ]
    return attributes, []


def _message(number: int, type_name: object, data: object) -> tuple[Said | None, list[Finding]]:
    if not isinstance(type_name, str):
        return None, []  # told already, with the attributes
    model = TYPES.get(type_name)
    if model is None:
        return None, [Finding(number, "type", "type_unknown", f"known are {', '.join(_COMMANDS)}")]
    if model.kind != "command":
        says = f"a fact is written by its own process alone; commands are {', '.join(_COMMANDS)}"
        return None, [Finding(number, "type", "not_a_command", says)]
    if not isinstance(data, dict):
        return None, [
            Finding(number, "data", "data_missing", f"add the fields of {model.__name__} as an object")
        ]
    try:
        message = model.model_validate_json(orjson.dumps(data))
    except ValidationError as error:
        return None, list(_findings(number, model, "field", "data.", error))
    return message, [
        Finding(number, f"data.{at}", "word_unknown", f"known are {_words(word)}")
        for at, word in unknown_words(message).items()
    ]


def _words(word: Any) -> str:
    return ", ".join(known.value for known in type(word) if known is not word)


def _findings(
    number: int, model: type[BaseModel], what: str, prefix: str, error: ValidationError
) -> Iterator[Finding]:
    for detail in error.errors(include_url=False, include_input=False):
        field = prefix + ".".join(str(part) for part in detail["loc"])
        yield Finding(number, field, *_verdict(model, what, detail))


def _verdict(model: type[BaseModel], what: str, detail: ErrorDetails) -> tuple[str, str]:
    match detail["type"]:
        case "missing":
            return f"{what}_missing", "add it"
        case "extra_forbidden":
            return f"{what}_unknown", f"take it out; known here are {', '.join(_known(model, detail['loc']))}"
        case "value_error":
            return f"{what}_wrong", str(detail["ctx"]["error"])
        case "string_pattern_mismatch":
            return f"{what}_wrong", f"it must have the form {detail['ctx']['pattern']}"
        case _:
            return f"{what}_wrong", detail["msg"]


def _known(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """The fields of the part in which a field too many was found."""
    for step in loc[:-1]:
        if isinstance(step, str):
            model = next(
                found
                for found in _leaves(model.model_fields[step].annotation)
                if isinstance(found, type) and issubclass(found, BaseModel)
            )
    return list(model.model_fields)


def _leaves(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _leaves(inner)
