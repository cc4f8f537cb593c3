"""The decision alone, in a loop over a dict: the ceiling of any system in this language; no Kafka."""

from __future__ import annotations

import json
import sys
import time

from tests.bench.job import decide_report
from tests.bench.load import reports


def run(count: int) -> dict[str, float]:
    inputs = list(reports(count))
    rows: dict[bytes, bytes] = {}
    start_s, cpu_s = time.perf_counter(), time.process_time()
    for case, value, _ in inputs:
        rows[case], _ = decide_report(value, rows.get(case))
    return {"took_s": time.perf_counter() - start_s, "cpu_s": time.process_time() - cpu_s}


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
