"""A worker that was proved with other libraries than it finds: `python -m tests.contract.mispinned JOB`."""

from __future__ import annotations

import os
import sys

from services.runtime import pins
from services.runtime.worker import run
from services.work import find_job


def main() -> None:
    if pin := os.environ.get("MISPINNED_VERSION"):
        pins.PINS[pin] = "0.0.0"
    if name := os.environ.get("MISPINNED_NAME"):
        pins.TOUCHED["aiokafka.consumer.fetcher"] = (name,)
    run(find_job(sys.argv[1]))


if __name__ == "__main__":
    main()
