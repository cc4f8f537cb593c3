"""The job as a careful plain loop on aiokafka: a dict with a changelog, at least once, batch by batch."""

from __future__ import annotations

import asyncio

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition

from tests.bench.job import decide_report
from tests.bench.plan import Plan

BATCH_RECORDS = 2000

Rows = dict[bytes, bytes]


class Restored(ConsumerRebalanceListener):  # type: ignore[misc]  # the library is not typed
    """Keeps the rows of the assigned partitions: read from the changelog when gained, dropped when lost."""

    def __init__(self, plan: Plan, rows: dict[int, Rows]) -> None:
        self._plan, self._rows = plan, rows

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        for partition in revoked:
            self._rows.pop(partition.partition, None)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        reader = AIOKafkaConsumer(bootstrap_servers=self._plan.kafka)
        await reader.start()
        try:
            changelog = [TopicPartition(self._plan.changelog, found.partition) for found in assigned]
            reader.assign(changelog)
            ends = await reader.end_offsets(changelog)
            await reader.seek_to_beginning()
            for partition in changelog:
                rows = self._rows[partition.partition] = {}
                while await reader.position(partition) < ends[partition]:
                    for record in (await reader.getmany(partition, timeout_ms=1000)).get(partition, ()):
                        rows[record.key] = record.value
        finally:
            await reader.stop()


async def run(plan: Plan) -> None:
    rows: dict[int, Rows] = {}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=plan.kafka,
        group_id=plan.name,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=plan.kafka,
        acks="all",
        enable_idempotence=True,
        max_batch_size=256 * 1024,
        linger_ms=2,
    )
    consumer.subscribe([plan.input], listener=Restored(plan, rows))
    await producer.start()
    await consumer.start()
    try:
        while True:
            sent = []
            for partition, records in (
                await consumer.getmany(timeout_ms=200, max_records=BATCH_RECORDS)
            ).items():
                of_partition, n = rows[partition.partition], partition.partition
                for record in records:
                    case = record.key
                    row, fact = decide_report(record.value, of_partition.get(case))
                    of_partition[case] = row
                    sent.append(await producer.send(plan.output, fact, case, n))
                    sent.append(await producer.send(plan.changelog, row, case, n))
            if sent:
                await asyncio.gather(*sent)  # facts and rows first, then the position: at least once
                await consumer.commit()
    finally:
        await consumer.stop()
        await producer.stop()


if __name__ == "__main__":
    uvloop.run(run(Plan.told()))
