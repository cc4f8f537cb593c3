"""Writes down for each seek whether it was made where the consumer runs: `python -m tests.contract.watched JOB`.

aiokafka's consumer belongs to the loop it was made in, and to that loop's thread: nothing in it is locked.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from aiokafka import AIOKafkaConsumer

from services.runtime.worker import run
from services.work import find_job

_NOTES = "CONTRACT_SEEKS"


def watch() -> None:
    """From now on each seek of this process leaves a line in the file that the environment names."""
    seek = AIOKafkaConsumer.seek

    def seek_watched(consumer: AIOKafkaConsumer, place: Any, offset: int) -> None:
        at_home = asyncio.get_running_loop() is consumer._loop
        with open(os.environ[_NOTES], "a", encoding="utf-8") as notes:
            notes.write(json.dumps({"topic": place.topic, "offset": offset, "at_home": at_home}) + "\n")
        seek(consumer, place, offset)

    if _NOTES in os.environ:
        AIOKafkaConsumer.seek = seek_watched


if __name__ == "__main__":
    watch()
    run(find_job(sys.argv[1]))
