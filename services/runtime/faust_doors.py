"""The two doors by which Faust is entered: its transport and its `Stream=` setting.

Faust keeps the app, the agents, assignment, the group and its heartbeats. Replaced here: how records reach an
agent (chunks of one lane, from the consumer's own thread), and everything Faust would acknowledge, commit,
seek or recover by itself, each of which loses or doubles records (docs/ENGINE.md tells which and how).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol, cast

import faust
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher as aiokafka_fetcher
from aiokafka.errors import IllegalStateError, KafkaError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver

from services.runtime import raw_records
from services.runtime.batch import Batch
from services.runtime.lane import Chunk

#: Records of one input partition that may wait in memory before its fetches pause.
HAND_OVER_MAX = 6000
PUMP_WAIT_S = 0.5
#: How long a fetch for other partitions of a node waits for one whose data nobody took yet.
PREFETCH_BACKOFF_S = 0.002
FETCH_WAIT_MS = 500


class Yard(Protocol):
    """Who owns the lanes; called in the main thread (see services/runtime/lanes.py)."""

    def receive(self, chunks: list[Chunk]) -> None: ...
    def fail(self, reason: str, error: BaseException | None = None) -> None: ...
    def batches(self) -> AsyncIterator[Batch]: ...
    async def revoke(self, partitions: set[int]) -> None: ...
    async def assign(self, partitions: set[int], generation: int) -> None: ...


class LaneConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread with a pump that drains whole chunks and hands them to the main thread."""

    _pump_task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        #: Partitions of open lanes: only these are drained. Replaced as a whole by the main thread.
        self.wanted: frozenset[TopicPartition] = frozenset()
        # Two counters, one writer each: what the pump handed over, what the main thread took.
        self.handed: dict[TopicPartition, int] = {}
        self.taken: dict[TopicPartition, int] = {}
        self._kick: asyncio.Event | None = None

    def _create_worker_consumer(self, transport: Any) -> Any:
        raw_records.install()
        consumer = super()._create_worker_consumer(transport)
        # Faust would read what was never committed: it asks for committed records only within its own worker (I11).
        consumer._isolation_level = "read_committed"
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        consumer = self._ensure_consumer()
        consumer._fetcher._prefetch_backoff = PREFETCH_BACKOFF_S
        consumer._fetcher._fetch_max_wait_ms = FETCH_WAIT_MS
        self._kick = asyncio.Event()
        self._pump_task = self.thread_loop.create_task(self._pump())
        self._pump_task.add_done_callback(self._pump_ended)

    async def on_thread_stop(self) -> None:
        if self._pump_task is not None:
            self._pump_task.cancel()
        await super().on_thread_stop()

    def _pump_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._in_main(self._yard.fail, "pump_failed", error)

    @property
    def _yard(self) -> Yard:
        return cast(LaneApp, self.app).yard

    def _in_main(self, call: Callable[..., object], *args: object) -> None:
        self.parent_loop.call_soon_threadsafe(call, *args)

    async def _pump(self) -> None:
        consumer = self._ensure_consumer()
        fetcher = consumer._fetcher
        subscriptions = fetcher._subscriptions
        kick = cast(asyncio.Event, self._kick)
        while True:
            # Tells aiokafka's poll watch that somebody is still fetching.
            with subscriptions.fetch_context():
                chunks = [] if subscriptions.reassignment_in_progress else self._drain(fetcher)
            if chunks:
                self._in_main(self._yard.receive, chunks)
                await asyncio.sleep(0)
                continue
            kick.clear()
            waiter = fetcher._create_fetch_waiter()
            kicked = self.thread_loop.create_task(kick.wait())
            try:
                await asyncio.wait({waiter, kicked}, timeout=PUMP_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
            finally:
                kicked.cancel()
            if not waiter.done():
                waiter.cancel()
            elif not waiter.cancelled() and (error := waiter.exception()) is not None:
                # The group's word that we are no longer of it, for good: fenced static member, refused access.
                raise error

    def _drain(self, fetcher: Any) -> list[Chunk]:
        """All that was fetched for open lanes; no suspension between a position and the records after it (I5)."""
        chunks: list[Chunk] = []
        wanted, handed = self.wanted, self.handed
        for place in list(fetcher._records):
            if place not in wanted:
                continue
            if self.is_full(place):
                continue
            result = fetcher._records[place]
            if not isinstance(result, aiokafka_fetcher.FetchResult):
                del fetcher._records[place]
                fetcher._notify(fetcher._wait_consume_future)
                self._fetch_error(place, result)
                continue
            del fetcher._records[place]
            if result.check_assignment(place) and result.has_more():
                state = result._assignment.state_value(place)
                start = state.position
                records = result._partition_records.drain()
                result._update_position()
                end = state.position
                if end > start:
                    handed[place] = handed.get(place, 0) + len(records)
                    chunks.append(Chunk(place.topic, place.partition, start, end, records))
            fetcher._notify(fetcher._wait_consume_future)
        return chunks

    def _fetch_error(self, place: TopicPartition, result: Any) -> None:
        error = result._error
        if isinstance(error, OffsetOutOfRangeError):
            self._in_main(self._yard.fail, "input_deleted_beyond_the_position", error)
        elif not isinstance(error, KafkaError) or not error.retriable:
            # No committed offset is no error of ours: the lane seeks to its own position when it opens.
            self._in_main(self._reseek, place)

    def _reseek(self, place: TopicPartition) -> None:
        cast(Any, self._yard).reseek(place)

    # -- called from the main thread -----------------------------------------------------------------

    def is_full(self, place: TopicPartition) -> bool:
        """Whether so much of this input waits in memory that it is not fetched for now."""
        return self.handed.get(place, 0) - self.taken.get(place, 0) > HAND_OVER_MAX

    def kick(self) -> None:
        """Lets the pump look again: a lane opened, or room came free."""
        if self._kick is not None:
            self.thread_loop.call_soon_threadsafe(self._kick.set)

    def seek_soon(self, place: TopicPartition, offset: int) -> None:
        """Seeks in the consumer's own thread, the only place where it is safe (engine 10)."""

        def seek() -> None:
            try:
                self._ensure_consumer().seek(place, offset)
            except IllegalStateError:
                return  # the partition left us meanwhile
            if self._kick is not None:
                self._kick.set()

        self.thread_loop.call_soon_threadsafe(seek)

    def note_positions(self, positions: Mapping[TopicPartition, int]) -> None:
        """Writes the group's committed offsets for lag monitors; nobody of ours believes them (engine 1)."""

        async def write() -> None:
            consumer = self._ensure_consumer()
            ours = {
                place: OffsetAndMetadata(offset, "")
                for place, offset in positions.items()
                if place in consumer.assignment()
            }
            try:
                if ours:
                    await asyncio.wait_for(consumer.commit(ours), timeout=5)
            except (KafkaError, TimeoutError):
                return  # only a monitor would miss it

        asyncio.run_coroutine_threadsafe(write(), self.thread_loop)


class LaneConsumer(driver.Consumer):
    """Faust's consumer without its own acknowledging, committing, seeking and waiting."""

    def _new_consumer_thread(self) -> LaneConsumerThread:
        return LaneConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def _yard(self) -> Yard:
        return cast(LaneApp, self.app).yard

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        await self._yard.revoke({place.partition for place in revoked})

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        app = cast(LaneApp, self.app)
        app._update_assignment(assigned)
        app.check_copartitioned(assigned)
        await self._yard.assign({place.partition for place in assigned}, generation_id)
        app.on_rebalance_return()
        app.on_rebalance_end()

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        return False

    async def perform_seek(self) -> None:
        return None

    async def wait_empty(self) -> None:
        return None

    async def verify_all_partitions_active(self) -> None:
        return None

    async def on_task_error(self, exc: BaseException) -> None:
        self._yard.fail("consumer_task_failed", exc)


class LaneTransport(driver.Transport):
    """Faust's aiokafka transport with our consumer."""

    Consumer = LaneConsumer


class BatchStream(faust.Stream[Any]):
    """What an agent iterates: batches of one lane each, in place of acknowledged single events."""

    def __aiter__(self) -> AsyncIterator[Batch]:
        return cast(LaneApp, self.app).yard.batches()


def credentials(security: Mapping[str, Any]) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """What every other client is told of TLS and accounts, in Faust's own words."""
    if not security:
        return None
    context = security.get("ssl_context")
    if "sasl_mechanism" not in security:
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        username=security["sasl_plain_username"],
        password=security["sasl_plain_password"],
        mechanism=security["sasl_mechanism"],
        ssl_context=context,
    )


class LaneApp(faust.App):
    """A Faust app whose agents are fed by lanes."""

    yard: Yard
    lane_topics: tuple[str, ...] = ()

    def _new_transport(self) -> LaneTransport:
        return LaneTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        return None  # a worker keeps nothing on its disk, which may be read-only

    async def _wait_for_table_recovery_completed(self) -> bool:
        return False  # lanes recover by themselves; Faust has no tables here

    async def _on_agent_error(self, agent: Any, exc: BaseException) -> None:
        # Faust would acknowledge the event that failed and go on with the next; here the process ends (I6).
        self.yard.fail("agent_body_raised", exc)

    def check_copartitioned(self, assigned: set[Any]) -> None:
        """Every input of a lane must come to the same worker (I2)."""
        found: dict[int, set[str]] = {}
        for place in assigned:
            found.setdefault(place.partition, set()).add(place.topic)
        for partition, topics in found.items():
            if topics != set(self.lane_topics):
                self.yard.fail(
                    "inputs_of_a_lane_apart",
                    RuntimeError(f"partition {partition} came with {sorted(topics)} only"),
                )
