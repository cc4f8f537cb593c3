"""A plan of permissions as kafka-acls and the Strimzi operator take it: the same permissions, none lost."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

import pytest
from ruamel.yaml import YAML

from topics.acl import Acl, plan
from topics.acl_written import NoSuchUser, commands, strimzi, strimzi_topics
from topics.catalogue import SIGNALS_COMMANDS, inbox

PLAN = plan(["linde"])


def test_commands_say_every_permission_once() -> None:
    found = set()
    for line in commands(PLAN).splitlines():
        words = shlex.split(line)
        (resource,) = {"--topic", "--group", "--transactional-id"} & {*words}
        said = dict(pairwise(words))
        found.add(
            Acl(
                said["--allow-principal"],
                resource[2:],  # type: ignore[arg-type]
                said[resource],
                said["--resource-pattern-type"],  # type: ignore[arg-type]
                said["--operation"].lower(),
            )
        )
    assert found == set(PLAN)


def test_strimzi_users_have_every_permission_once() -> None:
    patterns = {"literal": "literal", "prefix": "prefixed"}
    types = {"transactionalId": "transactional-id"}
    found = [
        Acl(
            f"User:{user['metadata']['name']}",
            types.get(rule["resource"]["type"], rule["resource"]["type"]),
            rule["resource"]["name"],
            patterns[rule["resource"]["patternType"]],  # type: ignore[arg-type]
            operation.lower(),
        )
        for user in YAML(typ="safe").load_all(strimzi(PLAN))
        for rule in user["spec"]["authorization"]["acls"]
        for operation in rule["operations"]
    ]
    assert sorted(found) == list(PLAN)


def test_strimzi_users_are_one_an_account_and_log_in_by_scram() -> None:
    users = list(YAML(typ="safe").load_all(strimzi(PLAN)))
    names = [user["metadata"]["name"] for user in users]
    assert len(names) == len({*names})
    assert {user["spec"]["authentication"]["type"] for user in users} == {"scram-sha-512"}


def test_strimzi_refuses_a_name_that_kubernetes_does_not_take() -> None:
    with pytest.raises(NoSuchUser, match="de_linde cannot be a KafkaUser"):
        strimzi(plan(["de_linde"]))


def test_strimzi_topics_have_partitions_and_settings_of_the_catalogue() -> None:
    ours, theirs = YAML(typ="safe").load_all(strimzi_topics([SIGNALS_COMMANDS, inbox("linde")]))
    assert ours["spec"] == {
        "topicName": "signals.commands.v1",
        "partitions": 12,
        "config": SIGNALS_COMMANDS.configs(),
    }
    assert (theirs["spec"]["topicName"], theirs["spec"]["partitions"]) == ("inbox.linde", 1)
    assert re.fullmatch(r"[a-z0-9.-]+", theirs["metadata"]["name"])
