"""Golden samples: what was once said stays readable, by who writes and by who reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from schemas.attributes import attributes_of
from schemas.base import OpenEnum, Said, read, unknown_words
from schemas.registry import TYPES
from schemas.structured import decode_structured, encode_structured
from tests.schemas.golden import SAMPLES, Sample, all_samples, name_of, path_of

every_sample = pytest.mark.parametrize("sample", all_samples(), ids=name_of)


def test_every_type_has_a_sample_and_every_sample_a_type() -> None:
    assert {path_of(model).name for model in TYPES.values()} == {file.name for file in SAMPLES.iterdir()}


@every_sample
def test_sample_is_accepted_by_who_writes_and_by_who_reads(sample: Sample) -> None:
    data = json.dumps(sample.data).encode()
    written = sample.model.model_validate_json(data)
    assert read(sample.model, data) == written
    assert not unknown_words(written)


@every_sample
def test_sample_comes_back_as_the_same_json(sample: Sample) -> None:
    message = read(sample.model, json.dumps(sample.data).encode())
    assert json.loads(message.model_dump_json(exclude_unset=True)) == sample.data


@every_sample
def test_sample_has_the_attributes_of_its_kind(sample: Sample) -> None:
    said = {name: value for name, value in sample.event.items() if name != "data"}
    assert attributes_of(sample.model).model_validate(said).type == sample.model.type_name()


@every_sample
def test_sample_survives_structured_mode(sample: Sample) -> None:
    envelope, data = decode_structured(json.dumps(sample.event).encode())
    assert json.loads(encode_structured(envelope, data)) == sample.event


@every_sample
def test_reader_passes_over_a_field_added_later_at_any_depth(sample: Sample) -> None:
    later = deepcopy(sample.data)
    for part in list(_objects(later)):
        part["added_later"] = {"any": ["thing"]}
    assert read(sample.model, json.dumps(later).encode()) == sample.model.model_validate(sample.data)


@every_sample
def test_writer_is_refused_a_field_it_does_not_know_at_any_depth(sample: Sample) -> None:
    for place in range(len(list(_objects(sample.data)))):
        later = deepcopy(sample.data)
        list(_objects(later))[place]["added_later"] = 1
        with pytest.raises(ValidationError, match="added_later"):
            sample.model.model_validate(later)


@every_sample
def test_reader_takes_a_word_added_later_for_unknown_and_writer_is_told(sample: Sample) -> None:
    for path, word in _open_words(sample.model.model_validate(sample.data)):
        later = deepcopy(sample.data)
        _put(later, path, "a_word_of_next_year")
        message = read(sample.model, json.dumps(later).encode())
        assert unknown_words(message) == {".".join(map(str, path)): type(word)("unknown")}


def test_every_list_that_may_grow_has_an_unknown_branch() -> None:
    lists = {found for model in TYPES.values() for found in _enums(model)}
    assert len(lists) > 5
    assert all(issubclass(found, OpenEnum) and "UNKNOWN" in found.__members__ for found in lists)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _open_words(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], OpenEnum]]:
    if isinstance(value, OpenEnum):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, inner in value:
            yield from _open_words(inner, (*path, name))
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from _open_words(inner, (*path, place))


def _put(data: Any, path: tuple[str | int, ...], value: str) -> None:
    *way, last = path
    for step in way:
        data = data[step]
    data[last] = value


def _enums(model: type[BaseModel]) -> Iterator[type]:
    from enum import Enum  # noqa: PLC0415 - told apart from our own OpenEnum on purpose

    for field in model.model_fields.values():
        for found in _leaves(field.annotation):
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield from _enums(found)
            elif isinstance(found, type) and issubclass(found, Enum):
                yield found


def _leaves(annotation: Any) -> Iterator[Any]:
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for found in inner:
        yield from _leaves(found)


def test_a_message_is_closed_and_frozen() -> None:
    for model in TYPES.values():
        assert issubclass(model, Said)
        assert model.model_config["extra"] == "forbid"
        assert model.model_config["frozen"]
