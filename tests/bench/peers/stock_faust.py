"""The job on faust-streaming as its documentation shows it: an agent, a Table for the row, an output topic."""

from __future__ import annotations

import faust

from tests.bench.job import decide_report
from tests.bench.plan import Plan


def application(plan: Plan) -> faust.App:
    app = faust.App(
        plan.name,
        broker=f"kafka://{plan.kafka}",
        store="memory://",
        topic_partitions=plan.partitions,
        topic_replication_factor=1,
        web_enabled=False,
    )
    reports = app.topic(plan.input, key_type=bytes, value_type=bytes, value_serializer="raw")
    facts = app.topic(plan.output, key_type=bytes, value_type=bytes, value_serializer="raw")
    raw: faust.Schema[bytes, bytes] = faust.Schema(
        key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )
    rows = app.Table("rows", schema=raw, partitions=plan.partitions)

    @app.agent(reports)
    async def route(stream: faust.StreamT[bytes]) -> None:
        async for case, value in stream.items():
            rows[case], fact = decide_report(value, rows.get(case))
            await facts.send(key=case, value=fact)

    return app


if __name__ == "__main__":
    application(Plan.told()).main()
