"""What has to be done to a broker so that it has the topics of the catalogue, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from topics.catalogue import Topic

Verdict = Literal["missing", "kept", "differs", "refused"]


class Found(NamedTuple):
    """A topic as a broker has it: its partitions, the settings in force, and which of them are its own."""

    partitions: int
    configs: Mapping[str, str] = {}
    own: Mapping[str, str] = {}


class Setting(NamedTuple):
    """A setting that differs. `found=None`: the broker does not tell."""

    name: str
    found: str | None
    wanted: str


class Change(NamedTuple):
    """What one topic needs: `missing` is made, `differs` is repaired, `refused` is for a person."""

    topic: Topic
    verdict: Verdict
    settings: tuple[Setting, ...] = ()
    says: str = ""


def plan(wanted: Iterable[Topic], found: Mapping[str, Found]) -> tuple[Change, ...]:
    """One change a topic, in the order of the catalogue."""
    return tuple(_change(topic, found.get(topic.name)) for topic in wanted)


def _change(topic: Topic, found: Found | None) -> Change:
    if found is None:
        return Change(topic, "missing", says="not on this broker")
    if found.partitions != topic.partitions:
        return Change(topic, "refused", says=_way_out(topic, found.partitions))
    settings = tuple(
        Setting(name, found.configs.get(name), value)
        for name, value in topic.configs().items()
        if found.configs.get(name) != value
    )
    if not settings:
        return Change(topic, "kept")
    says = ", ".join(f"{name} is {was or 'not told'}, wanted {wanted}" for name, was, wanted in settings)
    return Change(topic, "differs", settings, says)


def _way_out(topic: Topic, partitions: int) -> str:
    return (
        f"{topic.name} has {partitions} partitions, wanted are {topic.partitions}. A partition count is never changed: "
        "it would move cases to other lanes, away from their rows and their order. While the topic holds nothing "
        "you need, delete it and create the topics again; else move to a new major version of the topic"
    )
