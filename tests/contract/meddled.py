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
    """Seeks any input of any open lane to anywhere in its log, until all of it is decided."""
    last, every_s = int(os.environ["CONTRACT_LAST_OFFSET"]), float(os.environ["CONTRACT_MEDDLE_EVERY_S"])
    chance = random.Random(7)
    while True:
        time.sleep(every_s)
        for partition, opened in list(lanes.open.items()):
            topic = chance.choice(lanes.job.inputs)
            fed = opened.lane.fed[topic]
            if fed < last:
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
