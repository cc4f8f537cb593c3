"""Why stock Faust loses an event when workers come and go, shown on its own stream, consumer and store; no broker.

On a broker the same is a matter of milliseconds; `tests/contract/test_stock_faust.py` has the rest of that story.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import faust
import pytest
from aiokafka.structs import ConsumerRecord
from faust.types import TP

PLACE = TP("a", 0)
BEFORE, AFTER = 1, 2


@pytest.fixture
def app() -> Iterator[Any]:
    """Stock Faust after a rebalance; nothing of it is started."""
    app: Any = faust.App("stock", broker="kafka://127.0.0.1:9", store="memory://")
    app.finalize()
    app.flow_control.resume()
    app.consumer_generation_id = AFTER
    yield app
    # Its thread never ran and nobody else closes what it would have run in.
    app.consumer._thread.thread_loop.close()


async def test_event_that_was_fetched_before_a_rebalance_is_passed_by_the_commits_of_stock_faust(
    app: Any,
) -> None:
    """Its stream skips what was fetched under the assignment before; its consumer commits over the hole of one.

    Ours commits the position its lane was fed to, and refuses a chunk that begins beyond it (`test_chain_rule.py`).
    """
    topic = app.topic(PLACE.topic, key_type=bytes, value_type=bytes, value_serializer="raw")
    stream = topic.stream()
    app.topics.add(stream.channel)
    app.topics.acking_topics.add(PLACE.topic)
    consumer = app.consumer
    for offset, generation in enumerate((AFTER, BEFORE, AFTER, AFTER)):
        record = ConsumerRecord(*PLACE, offset, 1000, 0, b"case-1", b"{}", None, 6, 2, ())
        message = consumer._to_message(PLACE, record)
        message.generation_id = generation
        message.incref()
        consumer.track_message(message)
        await stream.channel.put(await topic.decode(message))
    seen = []
    async for event in stream.events():
        seen.append(event.message.offset)
        if event.message.offset == 3:
            break
    assert seen == [0, 2, 3]
    assert commit(consumer) == 1, "the next to read is the one that was skipped"
    assert commit(consumer) > 1, "and it is passed all the same"


def commit(consumer: Any) -> int:
    """What stock Faust would write as its group's offset now; it then goes by it, as after a real commit."""
    offsets = consumer._filter_committable_offsets([PLACE])
    consumer._committed_offset.update(offsets)
    return int(offsets[PLACE])


async def test_store_of_stock_faust_keeps_rows_of_a_partition_it_lost(app: Any) -> None:
    """Only what it restored does it know the partition of; a lane of ours ends with its rows."""
    table = app.Table("rows", default=int)
    table.data["case-1"] = 1
    await table.data.on_recovery_completed(set(), set())
    assert table.data["case-1"] == 1
