"""Within a major version only optional fields are added, and the gate sees every other change."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas.base import Said
from schemas.registry import TYPES
from schemas.signals import ReportSignal
from tests.schemas.evolution import Schema, breaks
from tests.schemas.release import RELEASED, path_of, present, released

every_type = pytest.mark.parametrize("model", TYPES.values(), ids=lambda model: model.__name__)


@every_type
def test_present_model_keeps_the_promises_of_the_released_one(model: type[Said]) -> None:
    before = released(model)
    assert before is not None, "run `python -m tests.schemas.release`"
    assert breaks(before, present(model)) == []


@every_type
def test_released_schema_is_in_step_with_the_model(model: type[Said]) -> None:
    assert released(model) == present(model), "run `python -m tests.schemas.release`"


def test_a_released_type_is_never_taken_away() -> None:
    assert {file.name for file in RELEASED.iterdir()} == {path_of(model).name for model in TYPES.values()}


def _add_optional(schema: Any) -> None:
    schema["properties"]["added"] = {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}


def _add_optional_inside(schema: Any) -> None:
    schema["$defs"]["Reporter"]["properties"]["added"] = {"type": "integer", "default": 0}


def _grow_open_list(schema: Any) -> None:
    schema["$defs"]["Concern"]["enum"].append("hoarding")


def _add_required(schema: Any) -> None:
    schema["properties"]["added"] = {"type": "integer"}
    schema["required"].append("added")


def _take_away(schema: Any) -> None:
    del schema["properties"]["postcode"]


def _take_away_inside(schema: Any) -> None:
    del schema["$defs"]["Reporter"]["properties"]["party"]


def _require_optional(schema: Any) -> None:
    schema["required"].append("postcode")


def _leave_out_required(schema: Any) -> None:
    schema["required"].remove("urgency")


def _change_pattern(schema: Any) -> None:
    schema["properties"]["urgency"]["pattern"] = "^[a-z]{1,8}$"


def _drop_pattern(schema: Any) -> None:
    del schema["properties"]["urgency"]["pattern"]


def _shrink_list(schema: Any) -> None:
    schema["$defs"]["Concern"]["enum"].remove("fall")


def _close_list(schema: Any) -> None:
    schema["$defs"]["Concern"]["enum"].remove("unknown")


def _grow_closed_list(schema: Any) -> None:
    schema["properties"]["mode"]["enum"].append("third")


def _change_type(schema: Any) -> None:
    schema["properties"]["expects_feedback"] = {"type": "integer"}


def _drop_null(schema: Any) -> None:
    schema["properties"]["client_informed"] = {"type": "boolean"}


def _make_list(schema: Any) -> None:
    schema["properties"]["urgency"] = {"type": "array", "items": schema["properties"]["urgency"]}


def _with_closed_list() -> Schema:
    schema = deepcopy(present(ReportSignal))
    schema["properties"]["mode"] = {"enum": ["first", "second"], "type": "string"}
    return schema


@pytest.mark.parametrize("change", [_add_optional, _add_optional_inside, _grow_open_list])
def test_gate_lets_an_addition_through(change: Callable[[Any], None]) -> None:
    schema = _with_closed_list()
    change(schema)
    assert breaks(_with_closed_list(), schema) == []


@pytest.mark.parametrize(
    "change",
    [
        _add_required,
        _take_away,
        _take_away_inside,
        _require_optional,
        _leave_out_required,
        _change_pattern,
        _drop_pattern,
        _shrink_list,
        _close_list,
        _grow_closed_list,
        _change_type,
        _drop_null,
        _make_list,
    ],
)
def test_gate_sees_a_broken_promise(change: Callable[[Any], None]) -> None:
    schema = _with_closed_list()
    change(schema)
    assert breaks(_with_closed_list(), schema)
