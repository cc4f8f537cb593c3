"""From YAML text to plain values, each with its place; nothing of the text is run, expanded or guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from services.agreements.findings import Finding

#: Some three hundred pages of agreement; whatever is longer is something else.
MAX_CHARS = 128 * 1024
MAX_DEPTH = 16

#: What no reader sees, or sees in another order than it stands there.
_ODD = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028-\u202e\u2066-\u2069\ufeff]"
)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_TRUE, _FALSE = frozenset({"true", "True", "TRUE"}), frozenset({"false", "False", "FALSE"})
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


class Place(NamedTuple):
    """Where a value stands, and the key that names it: in the file itself, or in the template named by `source`."""

    line: int
    column: int
    key_line: int
    key_column: int
    source: str = ""

    def finding(self, code: str, **words: object) -> Finding:
        """An error at the value."""
        return _finding(self.line, self.column, self.source, code, words)

    def key_finding(self, code: str, **words: object) -> Finding:
        """An error at the key."""
        return _finding(self.key_line, self.key_column, self.source, code, words)


Plain = str | int | float | bool | None


class Written(NamedTuple):
    """A value as it was written."""

    value: Plain | list[Written] | dict[str, Written]
    place: Place

    def keys(self) -> dict[str, Written]:
        """Its parts by key; none when it is a list or a plain value."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> list[Written]:
        """Its parts in order; none when it has keys or is a plain value."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> object:
        """The value without places."""
        if isinstance(self.value, dict):
            return {name: part.plain() for name, part in self.value.items()}
        if isinstance(self.value, list):
            return [part.plain() for part in self.value]
        return self.value


def _finding(line: int, column: int, source: str, code: str, words: dict[str, object]) -> Finding:
    said = tuple((name, str(word)) for name, word in words.items())
    return Finding(line, column, code, "error", said, source)


def read_written(text: str, source: str = "") -> tuple[Written | None, tuple[Finding, ...]]:
    """What a text says, and what is wrong with how it is written. None when it cannot be read to its end."""
    start = Place(1, 1, 1, 1, source)
    if len(text) > MAX_CHARS:
        return None, (start.finding("too_long", most=MAX_CHARS),)
    text = text.removeprefix("\ufeff")
    odd = tuple(
        _at(text, found.start(), source).finding("odd_character", name=f"U+{ord(found[0]):04X}")
        for found in _ODD.finditer(text)
    )
    if odd:
        return None, odd
    reading = _Reading(text, source)
    try:
        return reading.whole(), tuple(reading.findings)
    except _TooDeep as error:
        return None, (*reading.findings, error.place.finding("too_deep", most=MAX_DEPTH))
    except MarkedYAMLError as error:
        return None, (*reading.findings, _no_yaml(error, text, source))
    except YAMLError:
        return None, (*reading.findings, start.finding("not_yaml"))


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place


class _Reading:
    """One pass over the events of a text."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self._events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)

    def whole(self) -> Written | None:
        """The one document there is."""
        if isinstance(event := next(self._events), StreamStartEvent):
            event = next(self._events)
        if not isinstance(event, DocumentStartEvent):
            self.findings.append(Place(1, 1, 1, 1, self.source).finding("empty"))
            return None
        if event.version or event.tags:
            self.findings.append(self._place(event).finding("directive"))
        event = next(self._events)
        if isinstance(event, ScalarEvent) and not event.style and event.value in _NOTHING:
            self.findings.append(Place(1, 1, 1, 1, self.source).finding("empty"))
            return None
        written = self._value(event, self._place(event), 1)
        next(self._events)
        if isinstance(event := next(self._events), DocumentStartEvent):
            self.findings.append(self._place(event).finding("several_documents"))
            return None
        return written

    def _place(self, event: Event, key: Event | None = None) -> Place:
        at, key_at = event.start_mark, (key or event).start_mark
        return Place(at.line + 1, at.column + 1, key_at.line + 1, key_at.column + 1, self.source)

    def _value(self, event: Event, place: Place, depth: int) -> Written:
        if isinstance(event, AliasEvent):
            self.findings.append(place.finding("alias", name=event.anchor))
            return Written(None, place)
        self._bare(event, place)
        if isinstance(event, ScalarEvent):
            if not event.style and event.value in _NOTHING:
                # It stands nowhere; the key that lacks it does.
                place = place._replace(line=place.key_line, column=place.key_column)
                self.findings.append(place.finding("no_value"))
                return Written(None, place)
            return Written(self._scalar(event, place), place)
        if depth > MAX_DEPTH:
            raise _TooDeep(place)
        if isinstance(event, SequenceStartEvent):
            return Written(
                [self._value(one, self._place(one), depth + 1) for one in self._until_end()], place
            )
        return Written(self._mapping(depth), place)

    def _until_end(self) -> Iterator[Event]:
        while not isinstance(event := next(self._events), CollectionEndEvent):
            yield event

    def _mapping(self, depth: int) -> dict[str, Written]:
        found: dict[str, Written] = {}
        for key in self._until_end():
            at = self._place(key)
            name = self._name(key, at, depth)
            event = next(self._events)
            value = self._value(event, self._place(event, key), depth + 1)
            if name is None:
                continue
            if name in found:
                self.findings.append(at.finding("duplicate_key", name=name))
            else:
                found[name] = value
        return found

    def _name(self, key: Event, at: Place, depth: int) -> str | None:
        """The text of a key; None when it is none, which is told."""
        if not isinstance(key, ScalarEvent):
            if isinstance(key, AliasEvent):
                self.findings.append(at.finding("alias", name=key.anchor))
            else:
                self._value(key, at, depth + 1)
                self.findings.append(at.finding("wrong_key"))
            return None
        self._bare(key, at)
        name = str(key.value)
        if name == "<<":
            self.findings.append(at.finding("merge_key"))
            return None
        if name == "" or _ODD.search(name):
            self.findings.append(at.finding("wrong_key"))
            return None
        return name

    def _bare(self, event: Event, place: Place) -> None:
        if isinstance(event, NodeEvent) and event.anchor:
            self.findings.append(place.finding("anchor", name=event.anchor))
        if tag := getattr(event, "tag", None):
            self.findings.append(place.finding("tag", name=tag))

    def _scalar(self, event: ScalarEvent, place: Place) -> str | int | float | bool:
        """A plain value. What is no plain number stays text, so that it can be said that it is no number; so do
        `yes`, `no`, `on` and `off`, and dates."""
        text = str(event.value)
        if odd := _ODD.search(text):
            self.findings.append(place.finding("odd_character", name=f"U+{ord(odd[0]):04X}"))
            return text.encode(errors="replace").decode()
        if event.style:
            return text
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        if _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if _FRACTION.fullmatch(text) else text


def _at(text: str, index: int, source: str) -> Place:
    lines = re.split("\r\n|\r|\n", text[:index])
    return Place(len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 1, source)


def _no_yaml(error: MarkedYAMLError, text: str, source: str) -> Finding:
    """What the parser stumbled over, in words for people."""
    context, problem = str(error.context or ""), str(error.problem or "")
    opened, mark = error.context_mark, error.problem_mark or error.context_mark
    if mark is None:
        return Place(1, 1, 1, 1, source).finding("not_yaml")
    sign = ""
    if "directive" in context or "YAML document" in problem:
        code = "directive"
    elif "escape" in problem:
        code = "wrong_escape"
    elif re.search("flow (sequence|mapping)|quoted", context) and opened is not None:
        # Where it was opened is where to look; the parser only noticed later.
        code, mark = "not_closed", opened
    elif "cannot start any token" in problem:
        sign = text[mark.index] if mark.index < len(text) else ""
        code = "tab" if sign == "\t" else "wrong_beginning"
    elif "mapping values" in problem or "expected ':'" in problem:
        code = "wrong_colon"
    elif "<block end>" in problem:
        code = "not_in_line"
    else:
        code = "not_yaml"
    at = Place(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 1, source)
    return at.finding(code, name=sign) if code == "wrong_beginning" else at.finding(code)
