"""The document of the door: OpenAPI 3.1, drawn from the models, whose examples the door takes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.gateway import examples
from services.gateway.sayable import COMMANDS, LADDERS, SIGNALS, Sayable
from tests.gateway.doors import Opened, opened

PROBLEM = "application/problem+json"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened(tmp_path) as found:
        yield found


@pytest.fixture
async def document(door: Opened) -> dict[str, Any]:
    found: dict[str, Any] = (await door.client.get("/openapi.json")).json()
    return found


def resolved(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A schema that stands by itself."""
    return {"$ref": f"#/components/schemas/{name}", "components": document["components"]}


async def test_document_is_of_version_3_1_and_every_reference_leads_somewhere(
    document: dict[str, Any],
) -> None:
    assert document["openapi"].startswith("3.1.")

    def refs(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [ref for one in value.values() for ref in refs(one)]
        return [ref for one in value for ref in refs(one)] if isinstance(value, list) else []

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(refs(document)) <= known


async def test_document_says_every_command_by_its_own_route(document: dict[str, Any]) -> None:
    said = {
        path["post"]["operationId"]
        for name, path in document["paths"].items()
        if name.startswith((SIGNALS, LADDERS)) and "post" in path
    }
    assert said == {one.model.__name__ for one in COMMANDS}


@pytest.mark.parametrize("said", COMMANDS, ids=lambda said: said.model.__name__)
async def test_examples_are_what_their_schema_says_and_the_door_takes(
    said: Sayable, door: Opened, document: dict[str, Any]
) -> None:
    name = said.model.__name__
    schemas = document["components"]["schemas"]
    for kind in ("Data", "Event", "Request"):
        (example,) = schemas[f"{name}{kind}"]["examples"]
        jsonschema.Draft202012Validator(resolved(document, f"{name}{kind}")).validate(example)
    (event,) = schemas[f"{name}Event"]["examples"]
    headers = {**door.bearer(), "Content-Type": "application/cloudevents+json"}
    answer = await door.client.post("/v1/events", content=json.dumps(event), headers=headers)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("said", COMMANDS, ids=lambda said: said.model.__name__)
async def test_schema_of_data_has_the_fields_of_the_model_and_words_beside(
    said: Sayable, document: dict[str, Any]
) -> None:
    schema = document["components"]["schemas"][f"{said.model.__name__}Data"]
    beside = set(schema["properties"]) - said.parts
    assert beside == ({"client"} if said.begins else set()) | ({"content"} if said.refs else set())
    assert schema["additionalProperties"] is False
    assert not said.refs & set(schema.get("required", ()))


async def test_every_no_is_described_as_a_problem(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")):
                    assert list(answer["content"]) == [PROBLEM], (operation["operationId"], status)


async def test_every_route_of_the_door_needs_a_token(document: dict[str, Any]) -> None:
    for name, path in document["paths"].items():
        for operation in path.values():
            assert operation.get("security"), name


async def test_answer_is_what_the_document_says(door: Opened, document: dict[str, Any]) -> None:
    event = examples.event("ReportSignal", COMMANDS[0].model.type_name())
    headers = {**door.bearer(), "Content-Type": "application/cloudevents+json"}
    taken = await door.client.post("/v1/events", content=json.dumps(event), headers=headers)
    jsonschema.Draft202012Validator(resolved(document, "TakenAnswer")).validate(taken.json())
    refused = await door.client.post("/v1/events", content=b"{}", headers=headers)
    jsonschema.Draft202012Validator(resolved(document, "ProblemDetails")).validate(refused.json())
    batch = await door.client.post(
        "/v1/events",
        content=json.dumps([event, 7]),
        headers={**headers, "Content-Type": "application/cloudevents-batch+json"},
    )
    jsonschema.Draft202012Validator(resolved(document, "BatchAnswer")).validate(batch.json())
