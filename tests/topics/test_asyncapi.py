"""The AsyncAPI document is valid, whole and in step, and the golden samples fit what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas.registry import TYPES
from schemas.structured import decode_structured
from tests.schemas.golden import Sample, all_samples, name_of
from topics.asyncapi import DOCUMENT, TOLD, document, text

OFFICIAL = Path(__file__).parent / "asyncapi" / "3.0.0.json"


@cache
def official() -> jsonschema.protocols.Validator:
    return jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8")))


def faults(found: Any) -> list[str]:
    return [f"{fault.json_path}: {fault.message[:200]}" for fault in official().iter_errors(found)]


def test_document_is_valid_by_the_official_schema() -> None:
    assert faults(document()) == []


@pytest.mark.parametrize("missing", ["asyncapi", "info"])
def test_official_schema_refuses_a_document_with_a_part_missing(missing: str) -> None:
    assert faults({name: part for name, part in document().items() if name != missing})


def test_official_schema_refuses_an_operation_that_neither_sends_nor_receives() -> None:
    broken = document()
    next(iter(broken["operations"].values()))["action"] = "shout"
    assert faults(broken)


def test_document_in_docs_is_in_step() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `python -m topics.asyncapi`"


def _refs(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        if "$ref" in found:
            yield found["$ref"]
        for inner in found.values():
            yield from _refs(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _refs(inner)


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    for ref in _refs(whole):
        at: Any = whole
        for step in ref.removeprefix("#/").split("/"):
            at = at[step]
        assert at


def test_every_registered_message_is_in_the_document_once() -> None:
    named = [message["name"] for message in document()["components"]["messages"].values()]
    assert sorted(named) == sorted(TYPES)


def test_every_writer_and_reader_of_a_topic_has_an_operation() -> None:
    operations = document()["operations"]
    expected = {f"{writer}.sends.{topic.name}" for topic in TOLD for writer in topic.writers}
    expected |= {f"{reader}.receives.{topic.name}" for topic in TOLD for reader in topic.readers}
    assert set(operations) == {name.replace("{party}", "party") for name in expected}
    assert {topic.name.replace("{party}", "party") for topic in TOLD} == set(document()["channels"])


def _check(schema: dict[str, Any], value: Any) -> None:
    jsonschema.Draft202012Validator({**schema, "components": document()["components"]}).validate(value)


def _headers(sample: Sample) -> dict[str, str]:
    envelope, _ = decode_structured(json.dumps(sample.event).encode())
    return {name: raw.decode() for name, raw in envelope.headers()}


def _described(sample: Sample) -> dict[str, Any]:
    messages = document()["components"]["messages"].values()
    found: dict[str, Any] = next(one for one in messages if one["name"] == sample.model.type_name())
    return found


@pytest.mark.parametrize("sample", all_samples(), ids=name_of)
def test_sample_fits_headers_and_payload(sample: Sample) -> None:
    _check(_described(sample)["headers"], _headers(sample))
    _check(_described(sample)["payload"], sample.data)


@pytest.mark.parametrize("sample", all_samples(), ids=name_of)
def test_headers_without_an_id_do_not_fit(sample: Sample) -> None:
    headers = {name: value for name, value in _headers(sample).items() if name != "ce_id"}
    with pytest.raises(jsonschema.ValidationError, match="ce_id"):
        _check(_described(sample)["headers"], headers)


@pytest.mark.parametrize("sample", all_samples(), ids=name_of)
def test_a_reader_is_told_that_facts_grow_and_a_writer_that_commands_do_not(sample: Sample) -> None:
    later = {**sample.data, "added_later": 1}
    if sample.model.kind == "fact":
        _check(_described(sample)["payload"], later)
    else:
        with pytest.raises(jsonschema.ValidationError, match="added_later"):
            _check(_described(sample)["payload"], later)
