"""The AsyncAPI 3.0 document of our topics, drawn from catalogue and registry: `python -m topics.asyncapi`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.attributes import Attributes, attributes_of
from schemas.base import Said
from topics.catalogue import CATALOGUE, OF_A_PARTY, Topic

Json = dict[str, Any]

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "asyncapi.json"
KAFKA_BINDING = "0.5.0"
#: The topics of the document: those that say something. Changelogs and dead letters are a process's own affair.
TOLD: tuple[Topic, ...] = tuple(topic for topic in (*CATALOGUE, *OF_A_PARTY) if topic.carries)
_PARTY = "{party}"

_ABOUT = (
    "What Seinhuis says and is asked. CloudEvents 1.0 on Kafka: binary mode as described here (attributes in `ce_` "
    "headers, JSON data in the value); structured mode is read too. Facts are described as a reader has to take them: "
    "fields may be added, and a list with `x-extensible-enum` may grow. Commands are described as they must be "
    "written: nothing besides. The promises behind this document are in EVENTS.md."
)


def document() -> Json:
    """The whole document, as a value."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Seinhuis",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "channels": {_place(topic): _channel(topic) for topic in TOLD},
        "operations": {name: operation for topic in TOLD for name, operation in _operations(topic)},
        "components": {
            "messages": {_name(model): _message(topic, model) for topic in TOLD for model in topic.carries},
            "schemas": dict(_schemas()),
        },
    }


def _name(model: type[Said]) -> str:
    return f"{model.subject}.{model.__name__}"


def _place(topic: Topic) -> str:
    """A topic's key in the document, in which braces may not stand."""
    return topic.name.replace(_PARTY, "party")


def _channel(topic: Topic) -> Json:
    settings = topic.configs()
    of_a_party = {"parameters": {"party": {"description": "The party's id in the agreement."}}}
    return {
        "address": topic.name,
        "title": topic.name,
        **(of_a_party if _PARTY in topic.name else {}),
        "description": f"{topic.says} Keyed by {topic.key}.",
        "messages": {
            model.__name__: {"$ref": f"#/components/messages/{_name(model)}"} for model in topic.carries
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [settings["cleanup.policy"]],
                    "retention.ms": int(settings["retention.ms"]),
                    "max.message.bytes": int(settings["max.message.bytes"]),
                },
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _operations(topic: Topic) -> Iterator[tuple[str, Json]]:
    for action, verb, processes in (("send", "sends", topic.writers), ("receive", "receives", topic.readers)):
        for process in processes:
            yield (
                f"{process.strip('{}')}.{verb}.{_place(topic)}",
                {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{_place(topic)}"},
                    "summary": f"`{process}` {verb} what is said on {topic.name}.",
                    "tags": [{"name": process.strip("{}")}],
                },
            )


def _message(topic: Topic, model: type[Said]) -> Json:
    attributes = attributes_of(model)
    of_this_type = {"type": "object", "properties": {"ce_type": {"const": model.type_name()}}}
    return {
        "name": model.type_name(),
        "title": model.__name__,
        "summary": " ".join((model.__doc__ or "").split()),
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": f"#/components/schemas/{attributes.__name__}"}, of_this_type]},
        "payload": {"$ref": f"#/components/schemas/{_name(model)}"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": KAFKA_BINDING}
        },
    }


def _schemas() -> Iterator[tuple[str, Json]]:
    used = {attributes_of(model) for topic in TOLD for model in topic.carries}
    for attributes in sorted(used, key=lambda one: one.__name__):
        yield attributes.__name__, _headers(attributes)
    for topic in TOLD:
        for model in topic.carries:
            parts = f"{model.subject}.{model.kind}"
            shown = as_written if model.kind == "command" else as_read
            schema = model.model_json_schema(ref_template=f"#/components/schemas/{parts}.{{model}}")
            for name, part in schema.pop("$defs", {}).items():
                yield f"{parts}.{name}", shown(part)
            yield _name(model), shown(schema)


def _headers(attributes: type[Attributes]) -> Json:
    """The attributes as they travel: `ce_` headers, and the content type by Kafka's own name for it."""
    schema = attributes.model_json_schema()

    def header(name: str) -> str:
        return "content-type" if name == "datacontenttype" else f"ce_{name}"

    return {
        "type": "object",
        "description": " ".join((attributes.__doc__ or "").split()),
        "properties": {
            header(name): _present(found)
            for name, found in schema["properties"].items()
            if found.get("type") != "null"
        },
        "required": [header(name) for name in schema["required"]],
    }


def _present(schema: Json) -> Json:
    """A header is there or not; it is never null."""
    if "anyOf" not in schema:
        return schema
    (value,) = (branch for branch in schema["anyOf"] if branch != {"type": "null"})
    return {**{name: inner for name, inner in schema.items() if name not in ("anyOf", "default")}, **value}


def as_read(schema: Any) -> Any:
    """A schema for readers: fields may be added, and a list with an `unknown` branch may grow."""
    if isinstance(schema, list):
        return [as_read(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "unknown" in schema.get("enum", ()):
        rest = {name: inner for name, inner in schema.items() if name != "enum"}
        return {**rest, "x-extensible-enum": [word for word in schema["enum"] if word != "unknown"]}
    return {name: as_read(inner) for name, inner in schema.items() if name != "additionalProperties"}


def as_written(schema: Any) -> Any:
    """A schema for writers: nothing besides, and never `unknown`."""
    if isinstance(schema, list):
        return [as_written(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "unknown" in schema.get("enum", ()):
        return {**schema, "enum": [word for word in schema["enum"] if word != "unknown"]}
    return {name: as_written(inner) for name, inner in schema.items()}


def text() -> str:
    """The document as it is kept."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Writes the document into docs."""
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
