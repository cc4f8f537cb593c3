"""`seinhuis topics`: made, compared and told, for people and for programs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from services.cli import topics as command
from services.cli.main import main
from services.cli.processes import HOST, free_port
from services.runtime.admin import make
from topics.catalogue import CATALOGUE, SIGNALS_COMMANDS, SIGNALS_EVENTS, Topic


@pytest.fixture
def pair(unique: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> tuple[Topic, Topic]:
    """A catalogue of two topics no other test has."""
    found = tuple(replace(SIGNALS_EVENTS, name=f"{unique(word)}.events.v1") for word in ("one", "two"))
    monkeypatch.setattr(command, "CATALOGUE", found)
    return found[0], found[1]


def test_create_makes_topics_and_list_compares_them(
    embedded: str, pair: tuple[Topic, Topic], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (topic.name for topic in pair)
    at = ["--kafka", embedded]
    assert main(["topics", "list", *at, "--format", "json"]) == 1
    assert [found["state"] for found in json.loads(capsys.readouterr().out)] == ["missing", "missing"]
    assert main(["topics", "create", *at]) == 0
    assert capsys.readouterr().out.splitlines() == [f"created   {one}", f"created   {two}"]
    assert main(["topics", "create", *at]) == 0
    assert capsys.readouterr().out.splitlines() == [f"kept      {one}", f"kept      {two}"]
    assert main(["topics", "list", *at]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"kept     {one:<27} 12 partitions by caseid, 100 days"


def test_create_refuses_another_partition_count_with_the_way_out(
    embedded: str, pair: tuple[Topic, Topic], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = pair
    asyncio.run(make(embedded, [replace(one, partitions=3)]))
    assert main(["topics", "create", "--kafka", embedded]) == 1
    refused, left = capsys.readouterr().out.splitlines()
    assert refused.startswith(f"refused   {one.name}  {one.name} has 3 partitions, wanted are 12.")
    assert left.startswith(f"left      {two.name}  not on this broker; nothing was changed")
    assert main(["topics", "list", "--kafka", embedded]) == 1
    assert f"{one.name} has 3 partitions, wanted are 12" in capsys.readouterr().out


def test_describe_needs_no_broker(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "describe", "signals.commands.v1", "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["writers"], told["key"], told["kept"]) == (["gateway"], "caseid", "14 days")
    assert told["carries"] == [model.type_name() for model in SIGNALS_COMMANDS.carries]
    assert main(["topics", "describe"]) == 0
    lines = capsys.readouterr().out.splitlines()
    named = [line for line in lines if not line.startswith(" ")]
    assert named == [*(topic.name for topic in CATALOGUE), "deliveries.{party}", "inbox.{party}"]


def test_describe_tells_of_a_partys_own_topics(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "describe", "deliveries.linde", "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["writers"], told["readers"], told["partitions"]) == (["notices"], ["gateway", "linde"], 1)
    assert main(["topics", "describe", "inbox.linde.dead"]) == 0
    for nobodys in ("inbox.", "deliveries.linde.dead", "inbox.linde.elsewhere", "outbox.linde"):
        assert main(["topics", "describe", nobodys]) == 1


def test_create_makes_a_partys_topics_once_and_list_knows_them(
    embedded: str, pair: tuple[Topic, Topic], unique: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (topic.name for topic in pair)
    party = unique("linde")
    theirs = [f"deliveries.{party}", f"inbox.{party}", f"inbox.{party}.dead"]
    asked = ["--kafka", embedded, "--party", party]
    assert main(["topics", "create", *asked]) == 0
    assert capsys.readouterr().out.splitlines() == [f"created   {name}" for name in (one, two, *theirs)]
    assert main(["topics", "create", *asked]) == 0
    assert capsys.readouterr().out.splitlines() == [f"kept      {name}" for name in (one, two, *theirs)]
    assert main(["topics", "list", *asked]) == 0
    assert f"deliveries.{party:<16}  1 partition by alias, 14 days" in capsys.readouterr().out


def test_create_for_a_name_no_party_can_have_is_used_wrongly(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "acl", "--party", "seinhuis-casework", "--format", "commands"]) == 2
    assert "cannot have an account" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["commands", "strimzi"])
def test_acl_is_written_without_a_broker_when_parties_are_named(
    output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = f"{HOST}:{free_port()}"
    assert main(["topics", "acl", "--kafka", nobody, "--party", "linde", "--format", output]) == 0
    assert "inbox.linde" in capsys.readouterr().out


def test_acl_on_a_broker_without_permissions_says_so(
    embedded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["topics", "acl", "--kafka", embedded, "--party", "linde"]) == 1
    assert "whoever reaches it may do anything" in capsys.readouterr().err


def test_acl_on_a_kafka_without_an_authorizer_says_so(kafka: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "acl", "--kafka", kafka, "--party", "linde"]) == 1
    assert "give it an authorizer" in capsys.readouterr().err


def test_describe_of_no_topic_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "describe", "signal.events"]) == 1
    assert "there are signals.commands.v1, signals.events.v1" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["create", "list"])
def test_without_a_broker_it_is_exit_code_3(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = f"{HOST}:{free_port()}"
    assert main(["topics", verb, "--kafka", nobody, "--within", "2"]) == 3
    assert capsys.readouterr().err.startswith(f"seinhuis: no broker answered at {nobody}")
