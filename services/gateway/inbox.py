"""Reads one record of a partner's inbox as an event, and says what may not be said on a topic at all.

Pure. What a partner writes there is judged as at the door over HTTP, and more strictly in two points: whose case it is
and what was written go by HTTP only, for a topic keeps what it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from schemas.gateway import DoorRefusal
from schemas.structured import CONTENT_TYPE
from services.gateway.judging import WORD_MAX_CHARS, Refused
from services.gateway.sayable import BY_TYPE
from services.runtime.job import Record

_PREFIX = "ce_"
#: A record has so many attributes at most; an event of ours has a dozen.
ATTRIBUTES_MAX = 32
#: What would lead to a person or is free text, and why it does not pass here.
_NOT_HERE: Mapping[str, tuple[DoorRefusal, str]] = {
    "client": (DoorRefusal.IDENTIFIER_NOT_ALLOWED, "say it by HTTP, and name the case by `caseid` here"),
    "content": (
        DoorRefusal.CONTENT_NOT_ALLOWED,
        "put the words into the vault by HTTP (POST /v1/content), and name their reference here",
    ),
}


class Unread(ValueError):
    """The record is no event at all; `reason` is a code of the dead-letter list."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def event_of(record: Record) -> dict[str, Any]:
    """The event of a record in binary or structured mode; raises `Unread`."""
    if any(name.startswith(_PREFIX) for name, _ in record.headers):
        return _binary(record)
    if any(
        name == "content-type" and (raw or b"").startswith(CONTENT_TYPE.encode())
        for name, raw in record.headers
    ):
        found = _json(record.value)
        if isinstance(found, dict):
            return found
    raise Unread("not_a_cloudevent")


def _binary(record: Record) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for header, raw in record.headers:
        if header == "content-type":
            event["datacontenttype"] = _text(raw)
        if not header.startswith(_PREFIX):
            continue
        name = header.removeprefix(_PREFIX)
        if name in event:
            raise Unread("attribute_repeated")
        event[name] = _text(raw)
        if len(event) > ATTRIBUTES_MAX:
            raise Unread("attributes_too_many")
    event["data"] = _json(record.value)
    return event


def _text(raw: bytes | None) -> str:
    try:
        return (raw or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise Unread("attribute_not_utf8") from None


def _json(value: bytes | None) -> Any:
    try:
        return orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        raise Unread("data_not_json") from None


def not_here(event: Mapping[str, Any]) -> Refused | None:
    """Why an event is refused before it is judged: it says what may not lie on a topic."""
    data = event.get("data")
    for name, (reason, says) in _NOT_HERE.items():
        if isinstance(data, dict) and data.get(name) is not None:
            said = {word: event.get(word) for word in ("id", "source", "type", "partnership")}
            words = {word: text if isinstance(text, str) else "" for word, text in said.items()}
            known = BY_TYPE.get(words["type"])
            return Refused(
                words["id"][:WORD_MAX_CHARS],
                reason,
                f"data.{name}",
                says,
                words["source"],
                known.model if known else None,
                words["partnership"],
            )
    return None
