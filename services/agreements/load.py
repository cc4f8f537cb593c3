"""From the text of an agreement to its model, with every finding at once: line, column, code and a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from services.agreements.findings import Finding, Found, Path
from services.agreements.model import Agreement

#: Some three hundred pages of agreement; whatever is longer is something else.
MAX_CHARS = 128 * 1024
MAX_DEPTH = 16

_WHOLE = re.compile(r"^-?(0|[1-9][0-9]{0,17})$")


#: What the model's own checks are called here.
_CODES: Mapping[str, str] = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "string_type": "not_text",
    "int_type": "not_a_whole_number",
    "bool_type": "not_true_or_false",
    "tuple_type": "not_a_list",
    "dict_type": "not_keys",
    "model_type": "not_keys",
    "model_attributes_type": "not_keys",
    "too_short": "missing_item",
    "date_type": "not_a_date",
    "date_parsing": "not_a_date",
    "date_from_datetime_parsing": "not_a_date",
    "string_pattern_mismatch": "wrong_form",
    "literal_error": "unknown_word",
    "unknown_word": "unknown_word",
    "wrong_length_of_time": "wrong_length_of_time",
    "wrong_period": "wrong_period",
    "wrong_week": "wrong_week",
    "wrong_condition": "wrong_condition",
}


class Place(NamedTuple):
    """Where a value stands, and the key that names it."""

    line: int
    column: int
    key_line: int
    key_column: int


class Draft(NamedTuple):
    """What was read: the agreement when its form is right, what is wrong with it, and where each part stands."""

    agreement: Agreement | None
    findings: tuple[Finding, ...]
    places: dict[Path, Place]

    def placed(self, found: Found) -> Finding:
        """A finding with the place of the part it is about."""
        place = self.places.get(found.path, Place(1, 1, 1, 1))
        return Finding(place.line, place.column, found.code, found.severity, found.words)


def load(text: str) -> Draft:
    """Reads an agreement. Nothing of the text is run, expanded or guessed: no tags, anchors or aliases."""
    if len(text) > MAX_CHARS:
        return Draft(None, (_finding_at(1, 1, "too_long", most=MAX_CHARS),), {})
    try:
        findings = list(_forbidden(text))
        node = None if findings else YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        return Draft(None, (_unreadable(error),), {})
    if node is None:
        findings = findings or [_finding_at(1, 1, "empty")]
        return Draft(None, tuple(findings), {})
    places: dict[Path, Place] = {}
    value = _build(node, (), _place(node, node), places, findings)
    agreement: Agreement | None = None
    try:
        agreement = Agreement.model_validate_json(orjson.dumps(value))
        findings += _zone(agreement, places)
    except ValidationError as error:
        findings += [
            _finding(detail, places)
            for detail in error.errors(include_url=False)
            # A list whose items are wrong also counts as empty; the items are told already.
            if not (detail["type"] == "too_short" and detail["input"])
        ]
    return Draft(None if findings else agreement, tuple(sorted(findings)), places)


def _forbidden(text: str) -> Iterator[Finding]:
    """What may not stand in an agreement: a reader must see each thing where it is, and no file may blow up."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        mark = event.start_mark
        where = (mark.line + 1, mark.column + 1)
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                yield _finding_at(*where, "too_deep", most=MAX_DEPTH)
                return
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if isinstance(event, AliasEvent):
            yield _finding_at(*where, "alias", name=event.anchor)
        elif isinstance(event, NodeEvent) and event.anchor:
            yield _finding_at(*where, "anchor", name=event.anchor)
        elif getattr(event, "tag", None):
            yield _finding_at(*where, "tag", name=event.tag)


def _unreadable(error: YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return _finding_at(line, column, "not_yaml", why=getattr(error, "problem", None) or "unreadable")


def _place(node: Node, key: Node) -> Place:
    at, key_at = node.start_mark, key.start_mark
    return Place(at.line + 1, at.column + 1, key_at.line + 1, key_at.column + 1)


def _build(node: Node, path: Path, place: Place, places: dict[Path, Place], findings: list[Finding]) -> Any:
    places[path] = place
    if isinstance(node, SequenceNode):
        return [
            _build(item, (*path, n), _place(item, item), places, findings)
            for n, item in enumerate(node.value)
        ]
    if isinstance(node, MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            at = _place(value, key)
            if not isinstance(key, ScalarNode):
                findings.append(_finding_at(at.key_line, at.key_column, "wrong_key"))
            elif (name := _text(key)) in found:
                findings.append(_finding_at(at.key_line, at.key_column, "duplicate_key", name=name))
            else:
                found[name] = _build(value, (*path, name), at, places, findings)
        return found
    return _scalar(node)


def _text(node: Node) -> str:
    """The text of a scalar; half a character, which an escape can make, is none."""
    return str(node.value).encode(errors="replace").decode()


def _scalar(node: Node) -> str | int | float | bool | None:
    """A plain value. What is no plain number stays text, so that the model can say that it is no number."""
    text = _text(node)
    match str(node.tag).rpartition(":")[2]:
        case "int" if _WHOLE.match(text):
            return int(text)
        case "float" if text.replace(".", "", 1).isdigit():
            return float(text)
        case "bool":
            return text.lower() == "true"
        case "null":
            return None
        case _:
            return text


def _finding(detail: ErrorDetails, places: dict[Path, Place]) -> Finding:
    path: Path = ()
    for part in detail["loc"]:
        if (*path, part) in places:
            path = (*path, part)
    place = places[path]
    code = _CODES.get(detail["type"], "wrong_value")
    context = detail.get("ctx", {})
    words = {
        "name": detail["loc"][-1] if detail["loc"] else "",
        "given": _shown(detail["input"]),
        "why": detail["msg"],
        "form": context.get("pattern", ""),
        "known": context.get("expected", context.get("words", "")),
    }
    if code == "unknown_key":
        return _finding_at(place.key_line, place.key_column, code, **words)
    return _finding_at(place.line, place.column, code, **words)


def _finding_at(line: int, column: int, code: str, **words: object) -> Finding:
    return Finding(line, column, code, "error", tuple((name, str(word)) for name, word in words.items()))


def _shown(value: object) -> str:
    text = "nothing" if value is None else f'"{value}"' if isinstance(value, str) else str(value)
    return f"`{text[:60]}`"


def _zone(agreement: Agreement, places: dict[Path, Place]) -> list[Finding]:
    try:
        ZoneInfo(agreement.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = places["timezone",]
        return [_finding_at(place.line, place.column, "unknown_zone", name=agreement.timezone)]
    return []
