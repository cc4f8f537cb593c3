"""The door's own document, OpenAPI 3.1: what may be sent is drawn from the models of schemas/, each with an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.gateway import examples
from services.gateway.judging import TEXT_MAX_CHARS, TEXTS_MAX, WORD_MAX_CHARS, ClientSaid, WordsSaid
from services.gateway.problems import MEDIA_TYPE, ProblemDetails
from services.gateway.sayable import COMMANDS, REF, Sayable

Schema = dict[str, Any]
_PLACE = "#/components/schemas/"
TEMPLATE = _PLACE + "{model}"

_WORD: Schema = {"type": "string", "minLength": 1, "maxLength": WORD_MAX_CHARS}
_ATTRIBUTES: Mapping[str, tuple[Schema, str]] = {
    "specversion": ({"const": "1.0"}, "The version of CloudEvents."),
    "id": (_WORD, "Your own id of this event: sent again with the same id, it gets the first answer again."),
    "source": (_WORD, "One of the sources your token names."),
    "type": (_WORD, "What is said: the name of a command."),
    "subject": (
        _WORD,
        "The signal: the name you were given or told, or a name of your own from when you reported it.",
    ),
    "partnership": (
        _WORD,
        "Whose agreement applies; may be left out where your token names one partnership only.",
    ),
    "caseid": (
        {"type": "string", "pattern": "^ac-[a-z2-7]{20}$"},
        "The case, by the name you were told.",
    ),
    "time": ({"type": "string", "format": "date-time"}, "When it happened; it drives no deadline."),
    "traceparent": ({"type": "string"}, "W3C trace context."),
    "datacontenttype": ({"const": "application/json"}, "What the data is."),
}


def data_schema(said: Sayable, parts: dict[str, Schema]) -> Schema:
    """What a party says with a command: its fields, where a reference may be the words themselves, under `content`."""
    schema = said.model.model_json_schema(ref_template=TEMPLATE)
    parts.update(schema.pop("$defs", {}))
    properties: Schema = schema["properties"]
    for name in said.allotted:
        del properties[name]
    if said.refs:
        names = ", ".join(f"`{ref.removesuffix(REF)}`" for ref in sorted(said.refs))
        properties["content"] = {
            "type": "object",
            "description": f"Words, each under its name: {names}. They are kept apart and never travel.",
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": TEXT_MAX_CHARS},
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,63}$"},
            "minProperties": 1,
            "maxProperties": TEXTS_MAX,
        }
    theirs = [name for name in schema.pop("required", ()) if name not in said.refs | said.allotted]
    if theirs:
        schema["required"] = theirs
    if said.begins:
        properties["client"] = {"$ref": TEMPLATE.format(model=ClientSaid.__name__)}
    schema["examples"] = [dict(examples.DATA[said.model.__name__])]
    return schema


def event_schema(said: Sayable) -> Schema:
    """The whole event in structured form."""
    name = said.model.__name__
    properties = {one: {**schema, "description": says} for one, (schema, says) in _ATTRIBUTES.items()}
    properties["type"] = {"const": said.model.type_name()}
    properties["data"] = {"$ref": TEMPLATE.format(model=f"{name}Data")}
    return {
        "type": "object",
        "title": name,
        "description": said.model.__doc__,
        "properties": properties,
        "required": [
            "specversion",
            "id",
            "source",
            "type",
            "data",
            *(() if said.begins else ("subject",)),
        ],
        "examples": [
            examples.event(name, said.model.type_name(), None if said.begins else "as-abcdefghijklmnopqrst")
        ],
    }


def request_schema(said: Sayable, parts: dict[str, Schema]) -> Schema:
    """The body of a command's own route: its data, and beside it what else an event says."""
    schema = data_schema(said, parts)
    properties = dict(schema["properties"])
    for name in ("partnership", "source", "time", *(("subject",) if said.begins else ())):
        attribute, says = _ATTRIBUTES[name]
        properties[name] = {**attribute, "description": says}
    return {**schema, "properties": properties, "title": f"{said.model.__name__}Request"}


def _words_schema() -> Schema:
    schema = WordsSaid.model_json_schema(ref_template=TEMPLATE)
    schema.pop("$defs", None)
    return schema


def parts() -> dict[str, Schema]:
    """Every schema of what may be sent."""
    found: dict[str, Schema] = {
        ClientSaid.__name__: ClientSaid.model_json_schema(ref_template=TEMPLATE),
        WordsSaid.__name__: _words_schema(),
        ProblemDetails.__name__: ProblemDetails.model_json_schema(ref_template=TEMPLATE),
    }
    for said in COMMANDS:
        name = said.model.__name__
        found[f"{name}Data"] = data_schema(said, found)
        found[f"{name}Event"] = event_schema(said)
        found[f"{name}Request"] = request_schema(said, found)
    of_each = [{"$ref": TEMPLATE.format(model=f"{said.model.__name__}Event")} for said in COMMANDS]
    mapping = {said.model.type_name(): f"{_PLACE}{said.model.__name__}Event" for said in COMMANDS}
    found["Event"] = {
        "oneOf": of_each,
        "discriminator": {"propertyName": "type", "mapping": mapping},
        "title": "Event",
    }
    found["Batch"] = {"type": "array", "items": {"$ref": TEMPLATE.format(model="Event")}, "title": "Batch"}
    found["AnyData"] = {
        "title": "AnyData",
        "anyOf": [{"$ref": TEMPLATE.format(model=f"{said.model.__name__}Data")} for said in COMMANDS],
    }
    return found


def body_of(said: Sayable) -> Schema:
    """The request body of a command's own route."""
    content = {
        "schema": {"$ref": TEMPLATE.format(model=f"{said.model.__name__}Request")},
        "example": {"partnership": examples.PARTNERSHIP, **examples.DATA[said.model.__name__]},
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def body_of_words() -> Schema:
    """The request body of words that are to be kept."""
    report = examples.DATA["ReportSignal"]
    content = {
        "schema": {"$ref": TEMPLATE.format(model=WordsSaid.__name__)},
        "example": {
            "partnership": examples.PARTNERSHIP,
            **{name: report[name] for name in ("client", "content")},
        },
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def body_of_events() -> Schema:
    """The three ways to send events (CloudEvents HTTP binding), and the headers of the first."""
    report = COMMANDS[0]
    name = report.model.__name__
    one = examples.event(name, report.model.type_name())
    headers = [
        {
            "name": f"ce-{attribute}",
            "in": "header",
            "required": False,
            "description": f"{says} Only with a body of application/json.",
            "schema": schema,
        }
        for attribute, (schema, says) in _ATTRIBUTES.items()
        if attribute != "datacontenttype"
    ]
    return {
        "parameters": headers,
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {
                    "schema": {"$ref": TEMPLATE.format(model="Event")},
                    "example": one,
                },
                "application/cloudevents-batch+json": {
                    "schema": {"$ref": TEMPLATE.format(model="Batch")},
                    "example": [one],
                },
                "application/json": {
                    "schema": {"$ref": TEMPLATE.format(model="AnyData")},
                    "example": dict(examples.DATA[name]),
                },
            },
        },
    }


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that are a no."""
    content = {MEDIA_TYPE: {"schema": {"$ref": TEMPLATE.format(model=ProblemDetails.__name__)}}}
    words = {
        400: "It cannot be read",
        401: "Nobody, or nobody known, is named",
        403: "Not allowed",
        404: "There is nothing here",
        408: "It did not come in time",
        410: "It is over",
        413: "Too large",
        415: "Not this content type",
        422: "A field is not as it must be",
        429: "Too many requests",
        500: "Something failed on our side",
        503: "It cannot be done at this moment",
    }
    return {status: {"description": words[status], "content": content} for status in statuses}


def document(app: FastAPI) -> Schema:
    """The document of an application with these routes, made once."""
    if app.openapi_schema is None:
        found = get_openapi(
            title="Seinhuis, the door",
            version="1",
            openapi_version="3.1.0",
            description="Report signals, answer them, read what is yours. Every no is problem+json with a code, "
            "the field and what to do.",
            routes=app.routes,
        )
        schemas: dict[str, Schema] = found.setdefault("components", {}).setdefault("schemas", {})
        for left in ("HTTPValidationError", "ValidationError"):
            schemas.pop(left, None)
        schemas.update(parts())
        app.openapi_schema = found
    return app.openapi_schema
