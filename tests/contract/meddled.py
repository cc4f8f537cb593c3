"""A worker whose consumer somebody else seeks about at random: `python -m tests.contract.meddled JOB`."""

from __future__ import annotations

import os
import random
import sys
import threading
import time

from aiokafka import TopicPartition

from services.runtime.lanes import Lanes
from services.runtime.worker import run
from services.work import find_job


def meddle(lanes: Lanes) -> None:
    """Seeks an input that came further to anywhere in its log, until all of it is decided.

    By progress and not by the clock: a seek that comes before the last one's fetch would only keep everything waiting,
    and a fast machine is done before a slow rhythm begins.
    """
    last = int(os.environ["CONTRACT_LAST_OFFSET"])
    chance = random.Random(7)
    sought_at: dict[tuple[str, int], int] = {}
    while True:
        time.sleep(chance.uniform(0, 0.01))
        for partition, opened in list(lanes.open.items()):
            for topic in lanes.job.inputs:
                fed = opened.lane.fed[topic]
                if sought_at.get((topic, partition), -1) < fed < last:
                    sought_at[topic, partition] = fed
                    to = chance.choice([chance.randrange(fed, last), fed + 1, chance.randrange(last)])
                    lanes.thread.seek_soon(TopicPartition(topic, partition), to)


def main() -> None:
    start = Lanes.start

    def start_meddled(lanes: Lanes) -> None:
        start(lanes)
        threading.Thread(target=meddle, args=(lanes,), daemon=True).start()

    Lanes.start = start_meddled  # type: ignore[assignment, method-assign]
    run(find_job(sys.argv[1]))


if __name__ == "__main__":
    main()
