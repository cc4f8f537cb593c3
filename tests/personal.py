"""The words about persons that tests say, and a look for them wherever something of a whole test run is kept.

Whoever writes a test with new words of this kind adds them here: then every broker of the run, and every log, is looked
through for them when it ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from tests.contract.world import SILENT
from topics.catalogue import CATALOGUE, DELIVERIES

#: Said in the tests of what the door lets through; each leads to a person.
PERSON = {
    "name": "Geertruida",
    "family": "Wolkenstein",
    "street": "Kornoeljelaan",
    "phone": "0687654321",
    "client": "dossier-83561",
    "number": "999911120",
    "findings": "vergeetachtigheid",
    "neighbour": "Balthazar",
}
#: All that any test says of a person to the product.
WORDS = (
    *PERSON.values(),
    "Waterdrager",
    "Bea Duizelig",
    "op de Havenweg",
    "Meneer Havenweg",
    "Havenweg 7",
    "06 1234 5678",
    "blauwe plekken",
    "floor of the kitchen",
    "since the new tablets",
    "Two falls in a week",
    "mevrouw viel",
)
#: A partner's own inbox holds what that partner wrote, until the door has deleted it.
_INBOXES = "inbox."
_OURS = frozenset(topic.name for topic in CATALOGUE)
#: So long nothing more comes of topics that are read to their end, and no run waits longer than this for all of them.
_QUIET_S, _WITHIN_S = 3.0, 120.0


def said_on(bootstrap: str) -> list[str]:
    """Where on a broker one of the words stands: topic and word, each once."""
    found: dict[str, None] = {}
    for topic, text in _kept(bootstrap):
        for word in words_in(text):
            found[f"{topic}: {word}"] = None
    return list(found)


def said_in(place: Path) -> list[str]:
    """In which logs below a directory one of the words stands."""
    logs = [one for one in place.rglob("*.log") if one.is_file()]
    return [f"{log.name}: {word}" for log in logs for word in words_in(log.read_bytes())]


def words_in(text: bytes) -> Iterator[str]:
    """The words that stand in a text."""
    for word in WORDS:
        if word.encode() in text:
            yield word


def _kept(bootstrap: str) -> Iterator[tuple[str, bytes]]:
    """Key, headers and value of every record there is; uncommitted ones too, for somebody may read those as well."""
    reader = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "judge", "isolation.level": "read_uncommitted"},
        logger=SILENT,
    )
    until = time.monotonic() + _WITHIN_S
    try:
        reader.assign(
            [
                TopicPartition(str(topic.topic), part, OFFSET_BEGINNING)
                for topic in reader.list_topics(timeout=30).topics.values()
                for part in topic.partitions
                if not str(topic.topic).startswith(("__", _INBOXES))
            ]
        )
        while messages := reader.consume(5000, timeout=_QUIET_S):
            assert time.monotonic() < until, "there is too much to look through"
            for message in messages:
                if (
                    message.error() is None
                ):  # the end of a partition, or one that a test deleted, says nothing
                    text = b"|".join((message.key() or b"", _headers(message), message.value() or b""))
                    yield str(message.topic()), text
    finally:
        reader.close()


def _headers(message: Message) -> bytes:
    """Of topics of ours. Elsewhere some tests write a header whose name is no text, and this client does not live
    through that."""
    if message.topic() not in _OURS and not str(message.topic()).startswith(DELIVERIES):
        return b""
    headers = cast(list[tuple[str, bytes | None]], message.headers() or [])
    return b" ".join(name.encode() + b"=" + (raw or b"") for name, raw in headers)
