"""A signal as a file holds it: the data of `ReportSignal`, and what is known of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from schemas.base import unknown_words
from schemas.signals import ReportSignal
from services.agreements.routable import CaseView


class SignalFileError(ValueError):
    """The file holds no signal; its text is the sentence for who wrote it."""


class AskedSignal(NamedTuple):
    """The signal, and the case it belongs to."""

    signal: ReportSignal
    case: CaseView


class _Case(BaseModel):
    """Contacts by their name in the agreement, or as `party/contact`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    contact: str | None = None
    coordinator: str | None = None
    practice: str | None = None
    target_group: str | None = None


def read_signal(text: str, refs: Mapping[str, str]) -> AskedSignal:
    """Reads a signal; `refs` are the contacts of the agreement by their names. Raises `SignalFileError`."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SignalFileError(f"it is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise SignalFileError(
            'a signal is written as {"urgency": "acute", "reporter": {"kind": "neighbour"}}'
        )
    try:
        case = _Case.model_validate(found.pop("case", {}))
        signal = ReportSignal.model_validate_json(orjson.dumps(found))
    except ValidationError as error:
        raise SignalFileError("; ".join(_sentence(one) for one in error.errors(include_url=False))) from None
    wrong = ", ".join(f"`{field}`" for field in unknown_words(signal))
    if wrong:
        raise SignalFileError(f"{wrong} holds a word that nobody knows; docs/asyncapi.json lists them")
    return AskedSignal(
        signal,
        CaseView(_ref(case.contact, refs), _ref(case.coordinator, refs), case.practice, case.target_group),
    )


def _ref(name: str | None, refs: Mapping[str, str]) -> str | None:
    if name is None or name in refs.values():
        return name
    if name not in refs:
        raise SignalFileError(f"`{name}` is no contact of this agreement; name one of its functions")
    return refs[name]


def _sentence(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "signal"
    return f"`{place}`: {error['msg'][:1].lower()}{error['msg'][1:]}"
