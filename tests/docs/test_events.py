"""What docs/EVENTS.md says of attributes, topics and events is what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from schemas.attributes import Attributes
from schemas.registry import TYPES
from schemas.structured import CONTENT_TYPE
from services.cli.topics import kept
from tests.schemas.golden import sample_of
from topics.catalogue import CATALOGUE, DEAD_KEPT_DAYS, PARTITIONS, TOPICS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "EVENTS.md").read_text(encoding="utf-8")


def rows(mark: str) -> list[list[str]]:
    """The cells of the table that follows a mark."""
    table = TEXT.partition(f"<!-- {mark}")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[3:]]


def test_events_lists_every_attribute_with_its_meaning() -> None:
    described = {f"`{name}`": field.description for name, field in Attributes.model_fields.items()}
    assert dict(rows("attributes")) == described


def test_events_lists_every_topic_that_says_something() -> None:
    assert rows("topics") == [
        [f"`{topic.name}`", ", ".join(topic.writers), topic.key, kept(topic), topic.says]
        for topic in CATALOGUE
        if topic.carries
    ]


def test_events_names_the_numbers_of_the_catalogue() -> None:
    words = " ".join(TEXT.split())
    assert f"All of them have {PARTITIONS} partitions" in words
    assert f"never its bytes), for {DEAD_KEPT_DAYS} days" in words
    assert f"`content-type: {CONTENT_TYPE}`" in words


def test_event_shown_is_the_golden_sample() -> None:
    shown = re.findall(r"<!-- sample (\w+) -->\n```json\n(.*?)```", TEXT, re.DOTALL)
    models = {model.__name__: model for model in TYPES.values()}
    assert shown
    assert all(json.loads(text) == sample_of(models[name]).event for name, text in shown)


def test_events_tells_the_life_of_a_signal_by_its_facts_and_fields() -> None:
    facts = {
        model.__name__: model
        for model in TYPES.values()
        if (model.subject, model.kind) == ("signals", "fact")
    }
    told = {fact.strip("`"): set(re.findall(r"`(\w+)`", fields)) for fact, _, fields in rows("signals")}
    assert told.keys() == facts.keys()
    assert all(fields <= facts[name].model_fields.keys() for name, fields in told.items())


def test_events_names_only_types_and_topics_there_are() -> None:
    names = {model.__name__ for model in TYPES.values()}
    assert set(re.findall(r"`((?:Report|Command|Signal|Obligation)[A-Z]\w+)`", TEXT)) <= names
    assert set(re.findall(r"`(\w+\.(?:commands|events)\.v1)`", TEXT)) <= set(TOPICS)


def test_code_shown_compiles_and_imports_what_there_is() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    compile(code, "docs/EVENTS.md", "exec")
    imports = "\n".join(line for line in code.splitlines() if line.startswith("from "))
    exec(imports, {})
