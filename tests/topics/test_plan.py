"""What has to be done to a broker: make, keep, repair, or refuse."""

from __future__ import annotations

from dataclasses import replace

from topics.catalogue import SIGNALS_EVENTS, Topic
from topics.plan import Found, Setting, plan


def found(topic: Topic, *changed: tuple[str, str]) -> dict[str, Found]:
    return {topic.name: Found(topic.partitions, {**topic.configs(), **dict(changed)})}


def test_a_topic_that_is_not_there_is_missing() -> None:
    (change,) = plan([SIGNALS_EVENTS], {"another.events.v1": Found(12)})
    assert change.verdict == "missing"


def test_a_topic_as_it_should_be_is_kept_whatever_else_is_set_on_it() -> None:
    (change,) = plan([SIGNALS_EVENTS], found(SIGNALS_EVENTS, ("min.insync.replicas", "2")))
    assert change.verdict == "kept"


def test_a_setting_that_differs_is_named_with_what_was_found_and_wanted() -> None:
    (change,) = plan([SIGNALS_EVENTS], found(SIGNALS_EVENTS, ("cleanup.policy", "compact")))
    assert change.verdict == "differs"
    assert change.settings == (Setting("cleanup.policy", "compact", "delete"),)


def test_a_setting_the_broker_does_not_tell_differs() -> None:
    (change,) = plan([SIGNALS_EVENTS], {SIGNALS_EVENTS.name: Found(12)})
    assert {setting.found for setting in change.settings} == {None}


def test_another_partition_count_is_refused_with_both_numbers_and_a_way_out() -> None:
    (change,) = plan([SIGNALS_EVENTS], found(replace(SIGNALS_EVENTS, partitions=4)))
    assert change.verdict == "refused"
    for words in ("signals.events.v1", "has 4 partitions", "wanted are 12", "create the topics again"):
        assert words in change.says


def test_changes_come_in_the_order_of_the_catalogue() -> None:
    wanted = [replace(SIGNALS_EVENTS, name=f"{name}.events.v1") for name in ("zeta", "alpha")]
    assert [change.topic for change in plan(wanted, {})] == wanted
