"""The same counting as ours, on faust-streaming as its documentation shows it: an agent, a table, a topic for facts.

python -m tests.contract.stock_faust worker     as Faust's own worker
python -m tests.contract.stock_faust alone      the same app, started by a program of one's own
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import faust

from tests.contract import watched

NAME = os.environ.get("CONTRACT_JOB", "stock")
BREAKS_AT = int(os.environ.get("CONTRACT_BREAKS_AT", "-1"))
TAKES_S = float(os.environ.get("CONTRACT_TAKES_S", "0"))
#: At this offset the input is sought back to its beginning, once.
SEEKS_AT = int(os.environ.get("CONTRACT_SEEKS_AT", "-1"))
#: So often a timer writes a row; never when not said.
TIMER_S = float(os.environ.get("CONTRACT_TIMER_S", "0"))

app = faust.App(
    NAME,
    broker=f"kafka://{os.environ.get('SEINHUIS_KAFKA', '127.0.0.1:9092')}",
    store="memory://",
    processing_guarantee=os.environ.get("CONTRACT_GUARANTEE", "at_least_once"),
    topic_partitions=int(os.environ.get("CONTRACT_PARTITIONS", "2")),
    topic_replication_factor=1,
    topic_allow_declare=True,
    web_enabled=False,
    broker_session_timeout=6.0,
    broker_heartbeat_interval=1.0,
)
_input = app.topic(f"{NAME}.a", key_type=bytes, value_type=bytes, value_serializer="raw")
_facts = app.topic(f"{NAME}.facts", key_type=bytes, value_type=bytes, value_serializer="raw")
_rows = app.Table("rows", default=int, partitions=int(os.environ.get("CONTRACT_PARTITIONS", "2")))


@app.agent(_input)
async def count(stream: faust.StreamT[Any]) -> None:
    async for event in stream.events():
        message = event.message
        if message.offset == BREAKS_AT:
            raise ZeroDivisionError("as asked")
        await asyncio.sleep(TAKES_S)
        case = message.key.decode()
        n = _rows[case] = _rows[case] + 1
        said = {
            "did": "note",
            "topic": message.topic,
            "partition": message.partition,
            "offset": message.offset,
            "n": n,
        }
        await _facts.send(key=message.key, value=json.dumps(said).encode())
        if message.offset == SEEKS_AT and n == 1:
            await app.consumer.seek(message.tp, 0)


async def due() -> None:
    _rows["due"] = 1


if TIMER_S:
    app.timer(TIMER_S)(due)


async def alone() -> None:
    """The app without Faust's worker around it."""
    await app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    watched.watch()
    if sys.argv[1] == "alone":
        asyncio.run(alone())
    else:
        # A port for the web would be the same one for every worker.
        sys.argv += ["--loglevel", "info", "--without-web"]
        app.main()
