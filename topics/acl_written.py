"""A plan of permissions as others take it: lines for `kafka-acls`, and users for the Strimzi operator."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from topics.acl import USER, Acl, plan
from topics.catalogue import CATALOGUE, Topic

#: By the words of `kafka-acls` and of a KafkaUser.
_OPTION = {"topic": "--topic", "group": "--group", "transactional-id": "--transactional-id"}
_TYPE = {"topic": "topic", "group": "group", "transactional-id": "transactionalId"}


def commands(acls: Sequence[Acl]) -> str:
    """A line of shell for each; `$KAFKA` is the broker, `admin.properties` an account that may change permissions."""
    return "".join(f"{_command(acl)}\n" for acl in acls)


def _command(acl: Acl) -> str:
    words = [
        *("--add", "--force", "--allow-principal", acl.principal),
        *("--operation", acl.operation.capitalize(), _OPTION[acl.resource], acl.name),
        *("--resource-pattern-type", acl.pattern),
    ]
    return f'kafka-acls --bootstrap-server "$KAFKA" --command-config admin.properties {shlex.join(words)}'


class NoSuchUser(ValueError):
    """An account whose name Kubernetes does not take."""


def strimzi(acls: Sequence[Acl]) -> str:
    """The same as KafkaUser documents, one an account; the operator makes its password. May raise `NoSuchUser`."""
    for user in (acl.principal.removeprefix(USER) for acl in acls):
        if "_" in user or user.endswith("-"):
            raise NoSuchUser(
                f"{user} cannot be a KafkaUser: a name on Kubernetes has no _ and does not end in -"
            )
    return "".join(f"---\n{_as_yaml(user)}" for user in users(acls))


def users(acls: Sequence[Acl]) -> Iterator[dict[str, Any]]:
    """Each account with all that it may do."""
    for principal, its in groupby(sorted(acls), key=lambda acl: acl.principal):
        rules = [
            {
                "resource": {"type": _TYPE[resource], "name": name, "patternType": _PATTERN[pattern]},
                "operations": ops,
            }
            for (resource, name, pattern), ops in _operations(its)
        ]
        yield {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaUser",
            "metadata": {"name": principal.removeprefix(USER), "labels": {"strimzi.io/cluster": "seinhuis"}},
            "spec": {
                "authentication": {"type": "scram-sha-512"},
                "authorization": {"type": "simple", "acls": rules},
            },
        }


_PATTERN = {"literal": "literal", "prefixed": "prefix"}


def _operations(acls: Iterator[Acl]) -> Iterator[tuple[tuple[str, str, str], list[str]]]:
    for place, those in groupby(acls, key=lambda acl: (acl.resource, acl.name, acl.pattern)):
        yield place, [acl.operation.capitalize() for acl in those]


def strimzi_topics(topics: Sequence[Topic]) -> str:
    """KafkaTopic documents: partitions and settings as the catalogue has them, copies as the cluster has them."""
    return "".join(f"---\n{_as_yaml(_kafka_topic(topic))}" for topic in topics)


def _kafka_topic(topic: Topic) -> dict[str, Any]:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {
            "name": topic.name.replace("_", "-"),
            "labels": {"strimzi.io/cluster": "seinhuis"},
        },
        "spec": {"topicName": topic.name, "partitions": topic.partitions, "config": topic.configs()},
    }


def _as_yaml(document: Mapping[str, Any]) -> str:
    yaml, written = YAML(typ="safe"), StringIO()
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(document, written)
    return written.getvalue()


def main() -> int:
    """Writes topics and accounts of our processes into a directory: `python -m topics.acl_written k8s/strimzi`."""
    place = Path(sys.argv[1])
    for name, text in files().items():
        (place / name).write_text(text, encoding="utf-8")
    return 0


def files() -> dict[str, str]:
    """The files of an overlay: file name → text."""
    return {"topics.yaml": strimzi_topics(CATALOGUE), "users.yaml": strimzi(plan())}


if __name__ == "__main__":
    sys.exit(main())
