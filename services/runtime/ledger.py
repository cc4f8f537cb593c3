"""How a lane's unit becomes true, and how a lane is read back: the changelog and its one writer.

Invariants kept here: I1 one unit, I3 fence before read, I4 positions only from the changelog, I10 every wait bounded.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.producer import sender as aiokafka_sender

from services.runtime.batch import Outgoing, Unit
from services.runtime.lane import Lane
from services.runtime.packing import BATCH_MAX_BYTES, packed
from services.runtime.parting import part_from

READ_MAX_BYTES = 8 * 1024 * 1024
#: Nothing is on its way when a ledger is closed.
CLOSED_WITHIN_S = 3.0
#: aiokafka waits this long when the coordinator is still writing the last transaction's markers.
TRANSACTION_BACKOFF_S = 0.003

aiokafka_sender.BACKOFF_OVERRIDE = TRANSACTION_BACKOFF_S


class LaneRefused(Exception):
    """A lane cannot be opened without losing something; a person has to decide. `reason` is a code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Ledger:
    """Writes units of one lane, and nothing else writes them (I2).

    With transactions: facts, rows and positions are one Kafka transaction; a newer owner fences this one off.
    Without (the embedded broker only): facts first, acknowledged, then rows and positions as one record batch.
    """

    def __init__(  # noqa: PLR0913 - one value each from the settings
        self,
        job_name: str,
        partition: int,
        *,
        bootstrap: str,
        changelog: str,
        is_transactional: bool,
        transaction_timeout_s: float,
        security: dict[str, Any],
    ) -> None:
        self.changelog = changelog
        self.partition = partition
        self.is_transactional = is_transactional
        self._bootstrap = bootstrap
        self._security = security
        extra: dict[str, Any] = {}
        if is_transactional:
            extra = {
                "transactional_id": f"{job_name}-{partition}",
                "transaction_timeout_ms": int(transaction_timeout_s * 1000),
            }
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=f"seinhuis-{job_name}-{partition}",
            acks="all",
            linger_ms=0,
            max_batch_size=BATCH_MAX_BYTES,
            max_request_size=4 * BATCH_MAX_BYTES,
            request_timeout_ms=int(transaction_timeout_s * 1000),
            **extra,
            **security,
        )

    async def fence(self) -> None:
        """Ends the predecessor's epoch and its open transaction; only then may its log be read (I3)."""
        await self._producer.start()

    async def read_back(self, lane: Lane) -> int:
        """Replays the lane's partition of the changelog to its end; returns how many records it held."""
        place = TopicPartition(self.changelog, self.partition)
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=READ_MAX_BYTES,
            fetch_max_wait_ms=100,
            **self._security,
        )
        await reader.start()
        count = 0
        try:
            reader.assign([place])
            await reader.seek_to_beginning(place)
            end = (await reader.end_offsets([place]))[place]
            while True:
                found = await reader.getmany(place, timeout_ms=300)
                records = found.get(place, [])
                lane.replay(records)
                count += len(records)
                # The embedded broker's end is short by its last batch: there, only an empty answer is the end.
                if await reader.position(place) >= end and (self.is_transactional or not records):
                    break
                await asyncio.sleep(0)
        finally:
            await part_from(reader)
        lane.rebuild_timers()
        return count

    async def commit(self, unit: Unit) -> None:
        """Makes a unit visible as a whole, or raises; after raising nothing more may be tried (I6, no rollback)."""
        if self.is_transactional:
            await self._producer.begin_transaction()
            waits = [
                await self._send(topic, partition, outgoing)
                for (topic, partition), outgoing in unit.facts.items()
            ]
            waits.append(await self._send(self.changelog, self.partition, self._rows(unit)))
            await asyncio.gather(*(wait for group in waits for wait in group))
            await self._producer.commit_transaction()
            return
        waits = [
            await self._send(topic, partition, outgoing)
            for (topic, partition), outgoing in unit.facts.items()
        ]
        await asyncio.gather(*(wait for group in waits for wait in group))
        rows = await self._send(self.changelog, self.partition, self._rows(unit))
        if len(rows) != 1:
            raise RuntimeError("rows of one unit must be one record batch")
        await asyncio.gather(*rows)

    async def close(self) -> None:
        """Ends the producer in order."""
        await part_from(self._producer, CLOSED_WITHIN_S)

    def _rows(self, unit: Unit) -> list[Outgoing]:
        return [(key, value, []) for key, value in unit.rows.items()]

    async def _send(
        self, topic: str, partition: int, outgoing: Sequence[Outgoing]
    ) -> list[asyncio.Future[Any]]:
        """Packs records into as few record batches as the broker takes and hands them to the producer."""
        waits: list[asyncio.Future[Any]] = []
        for batch, _ in packed(self._producer, outgoing, is_transactional=self.is_transactional):
            waits.append(await self._producer.send_batch(batch, topic, partition=partition))
        return waits


def security_from(settings: Any) -> dict[str, Any]:
    """The client settings for a broker with TLS or SASL; plain when nothing is asked."""
    if not settings.kafka_security or settings.kafka_security == "PLAINTEXT":
        return {}
    found: dict[str, Any] = {"security_protocol": settings.kafka_security}
    if "SSL" in settings.kafka_security:
        found["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ca or None)
    if settings.kafka_security.startswith("SASL"):
        found |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": settings.kafka_password,
        }
    return found
