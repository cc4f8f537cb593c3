"""The lanes of one worker: who owns them, when they open, what the agent gets next, and when the process must end.

Invariants, each with a test:
I1  One unit: facts, rows and positions become visible together.
I2  One writer a lane.
I3  Fence before read: end the predecessor's epoch, read the changelog to its end, seek, deliver.
I4  Positions only from the changelog; none means earliest; outside what the input holds: refuse, never skip.
I5  No gap, per input.
I6  Success = the body asked for the next batch. Exception, cancel, time-out, fence or failed send: nothing of it is
    published and the process ends.
I7  A decision is a function of row, input and turn; the ids of facts are functions of committed state.
I8  A deadline fires at or after its time, and only on evidence fetched after it.
I9  Memory may be ahead of the log only while the process lives.
I10 Every wait is bounded, and reaching a bound is a failure.
I11 Readers read committed.
I12 Partition counts and transactional ids never change for an app version.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from typing import Any, cast

from aiokafka import TopicPartition

from services.runtime import exits, metrics
from services.runtime.batch import Batch, Unit
from services.runtime.broadcast import BroadcastReader
from services.runtime.clock import Clock
from services.runtime.faust_doors import LaneApp, LaneConsumerThread
from services.runtime.job import TAKEN_BACK, Effect, EffectDone, Job, LaneTally
from services.runtime.lane import Chunk, Evidence, Lane
from services.runtime.ledger import LaneRefused, Ledger, security_from
from services.runtime.logs import log
from services.runtime.probe import Probe
from services.runtime.settings import RuntimeSettings
from services.runtime.tallying import Tallying
from services.runtime.timers import NEVER_MS

TICK_S = 0.02
#: While a unit commits, the next batch is decided only when at least so many records wait; fewer are
#: cheaper together, in one transaction, as soon as the commit is through.
PIPELINE_FROM_RECORDS = 400
TIMERS_A_BATCH = 250
OPENING_AT_ONCE = 4
EFFECT_RETRY_S = (1, 2, 5, 10, 30, 60)
#: An outcome whose decision raised is decided again after this.
OUTCOME_RETRY_S = 5.0
TALLY_SHOWN_EVERY_S = 1.0


class OpenLane:
    """A lane with its ledger and what is on its way to the log."""

    def __init__(
        self, lane: Lane, ledger: Ledger, noted: dict[str, int], tally: LaneTally | None = None
    ) -> None:
        self.lane = lane
        self.tally = tally
        self.ledger = ledger
        self.waiting: deque[Unit] = deque()
        self.committing: Unit | None = None
        self.committer: asyncio.Task[None] | None = None
        self.moved_at_s = time.monotonic()
        #: The positions the changelog is known to hold; a lane that is new has none and writes its first.
        self.noted = noted

    @property
    def is_busy(self) -> bool:
        return self.committing is not None or bool(self.waiting)


class Lanes:
    """Opens, feeds, delivers, commits, and ends the process when any of it fails."""

    def __init__(
        self, job: Job, app: LaneApp, settings: RuntimeSettings, clock: Clock, changelog: str
    ) -> None:
        self.job = job
        self.app = app
        self.settings = settings
        self.clock = clock
        self.changelog = changelog
        self.security = security_from(settings)
        self.is_transactional = settings.transactions == "on"
        self.broadcasts = BroadcastReader(
            job.name,
            job.broadcasts,
            bootstrap=settings.kafka,
            security=self.security,
            is_transactional=self.is_transactional,
        )
        self.probe = Probe(
            settings.kafka,
            self.security,
            settings.commit_within_s,
            is_transactional=self.is_transactional,
        )
        self.tallying = Tallying(job)
        self.open: dict[int, OpenLane] = {}
        self.opening: dict[int, float] = {}
        self.assigned: set[int] = set()
        self.ticked_at_s = time.monotonic()
        self.stopping = False
        self.failing = ""
        self._generation = -1
        self._suspended = True
        self._round = 0
        self._turns = 0
        self._in_hand: Batch | None = None
        self._ready = asyncio.Event()
        self._partitions: dict[str, int] = {}
        self._is_topic_missing = False
        self._received: dict[TopicPartition, int] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asking: set[int] = set()
        self._opening_slots = asyncio.Semaphore(OPENING_AT_ONCE)
        self._effect_slots = asyncio.Semaphore(job.effects_at_once)

    # -- start and stop ------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts the app, the broadcast reader and the tick."""
        self._spawn(self._begin(), "app_not_started")
        self._spawn(self.broadcasts.run(), "broadcast_reader_failed")
        self._spawn(self._tick(), "tick_failed")
        self._spawn(self._note_positions(), "position_notes_failed")

    async def drain(self) -> None:
        """Ends in order: delivers nothing more, lets what was decided become visible (bounded), closes."""
        self.stopping = True
        self._ready.set()
        until = time.monotonic() + self.settings.stop_within_s
        while self._is_unfinished() and time.monotonic() < until:
            await asyncio.sleep(0.01)
        left = sum(1 for lane in self.open.values() if lane.is_busy)
        log.info("worker_drained", job=self.job.name, lanes=len(self.open), lanes_unfinished=left)

    def fail(self, reason: str, error: BaseException | None = None, code: int = exits.FAILED) -> None:
        """Ends the process. Other lanes' commits in flight get a moment; nothing new is begun (no rollback, exit)."""
        if self.failing:
            return
        self.failing = reason
        self._ready.set()
        log.critical(
            "worker_failed",
            job=self.job.name,
            slot=self.settings.slot,
            reason=reason,
            error=type(error).__name__ if error is not None else "",
            detail=str(error)[:500] if error is not None else "",
            exc_info=error if log.is_verbose else None,
        )
        self._spawn(self._end(code), "end")

    async def _end(self, code: int) -> None:
        until = time.monotonic() + 2.0
        while time.monotonic() < until and any(lane.committing is not None for lane in self.open.values()):
            await asyncio.sleep(0.01)
        sys.stderr.flush()
        exits.now(code)

    def _spawn(self, work: Coroutine[Any, Any, Any], reason: str) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

        def ended(done: asyncio.Task[Any]) -> None:
            self._tasks.discard(done)
            if not done.cancelled() and (error := done.exception()) is not None:
                code = exits.CONFIG if isinstance(error, LaneRefused | LookupError) else exits.FAILED
                self.fail(error.reason if isinstance(error, LaneRefused) else reason, error, code)

        task.add_done_callback(ended)
        return task

    # -- rebalance -----------------------------------------------------------------------------------

    @property
    def thread(self) -> LaneConsumerThread:
        return cast(LaneConsumerThread, cast(Any, self.app.consumer)._thread)

    async def revoke(self, partitions: set[int]) -> None:
        """Stops delivering and waits, bounded, for what is on its way (engine 6)."""
        self._suspended = True
        until = time.monotonic() + self.settings.commit_within_s
        while self._is_unfinished():
            if time.monotonic() > until:
                self.fail("commits_unfinished_at_revoke")
                return
            await asyncio.sleep(0.005)

    def _is_unfinished(self) -> bool:
        return self._in_hand is not None or any(lane.is_busy for lane in self.open.values())

    async def assign(self, partitions: set[int], generation: int) -> None:
        """Keeps a lane when nobody can have had it in between; fences and recovers the others."""
        metrics.REBALANCES.labels(self.job.name).inc()
        is_unbroken = generation == self._generation + 1
        self._generation = generation
        self.assigned = set(partitions)
        for partition in list(self.open):
            if partition not in partitions or not is_unbroken:
                await self._close(partition)
        for partition in list(self.opening):
            if partition not in partitions:
                del self.opening[partition]
        for partition, opened in self.open.items():
            self._seek_back(opened.lane)
            log.info("lane_kept", job=self.job.name, partition=partition, generation=generation)
        for partition in sorted(partitions - set(self.open)):
            self.opening[partition] = time.monotonic()
            self._spawn(self._open(partition, generation), "lane_not_opened")
        self._suspended = False
        self._publish_wanted()
        self._ready.set()

    async def _close(self, partition: int) -> None:
        opened = self.open.pop(partition)
        await asyncio.wait_for(opened.ledger.close(), self.settings.commit_within_s)
        log.info("lane_closed", job=self.job.name, partition=partition)

    def _is_current(self, partition: int, generation: int) -> bool:
        return partition in self.opening and generation == self._generation and not self.stopping

    async def _open(self, partition: int, generation: int) -> None:
        """I3: end the predecessor's epoch, read its log to the end, seek, deliver. In this order."""
        began_s = time.monotonic()
        async with self._opening_slots:
            await asyncio.wait_for(self.broadcasts.loaded.wait(), self.settings.recover_within_s)
            if not self._is_current(partition, generation):
                return
            lane = Lane(partition, self.job.inputs)
            ledger = Ledger(
                self.job.name,
                partition,
                bootstrap=self.settings.kafka,
                changelog=self.changelog,
                is_transactional=self.is_transactional,
                transaction_timeout_s=self.settings.transaction_timeout_s,
                security=self.security,
            )
            await asyncio.wait_for(ledger.fence(), self.settings.recover_within_s)
            try:
                count = await asyncio.wait_for(ledger.read_back(lane), self.settings.recover_within_s)
                noted = dict(lane.fed)
                self._partitions = await self.probe.partitions()
                await self._check_position(lane)
                tally = await self.tallying.of(lane)
            except BaseException:
                await ledger.close()
                raise
        if not self._is_current(partition, generation):
            await ledger.close()
            return
        del self.opening[partition]
        opened = OpenLane(lane, ledger, noted, tally)
        self.open[partition] = opened
        self._seek_back(lane)
        self._publish_wanted()
        for row_key, effect in lane.effects.values():
            self._spawn(self._carry_out(opened, row_key, effect), "effect_failed")
        took_s = time.monotonic() - began_s
        metrics.RECOVERY_SECONDS.labels(self.job.name).observe(took_s)
        log.info(
            "lane_opened",
            job=self.job.name,
            partition=partition,
            generation=generation,
            rows=len(lane.rows),
            timers=len(lane.timers),
            changelog_records=count,
            took_s=round(took_s, 3),
        )
        self._ready.set()

    async def _begin(self) -> None:
        """Joins the group once it is sure that a lane is one partition number of all it reads and writes (I12)."""
        partitions = await self.probe.partitions()
        for topic in (*self.job.inputs, self.changelog):
            found = partitions.get(topic, 0)
            if found == 0:
                raise LaneRefused("topic_missing", f"{topic} does not exist: run `seinhuis topics create`")
            if found != self.job.partitions:
                raise LaneRefused(
                    "partitions_differ",
                    f"{topic} has {found} partitions, {self.job.name} has {self.job.partitions} lanes: "
                    "make the topics anew with `seinhuis topics create`, under a new version when they hold records",
                )
        await self.app.start()

    async def _check_position(self, lane: Lane) -> None:
        """A position outside what the input still holds is refused; none means the earliest (I4)."""
        places = [TopicPartition(topic, lane.partition) for topic in self.job.inputs]
        first = await self.probe.beginnings(places)
        last = await self.probe.ends(places)
        for place in places:
            position = lane.fed.get(place.topic)
            if position is None:
                lane.fed[place.topic] = first[place]
                continue
            slack = 0 if self.is_transactional else 1_000_000
            if not first[place] <= position <= last[place] + slack:
                raise LaneRefused(
                    "position_outside_the_input",
                    f"{place.topic}[{place.partition}] holds {first[place]}..{last[place]}, "
                    f"the changelog says {position}: records were deleted or the topic was made anew. "
                    "Restore the topic, or start the process under a new version with a new changelog.",
                )

    def _seek_back(self, lane: Lane) -> None:
        for topic, offset in lane.fed.items():
            if topic in self.job.inputs:
                self.thread.seek_soon(TopicPartition(topic, lane.partition), offset)

    def reseek(self, place: TopicPartition) -> None:
        """The fetcher lost its position of an open lane: it gets ours."""
        if (opened := self.open.get(place.partition)) is not None:
            self.thread.seek_soon(place, opened.lane.fed[place.topic])

    def _publish_wanted(self) -> None:
        self.thread.wanted = frozenset(
            TopicPartition(topic, partition) for partition in self.open for topic in self.job.inputs
        )
        metrics.LANES_OPEN.labels(self.job.name).set(len(self.open))
        for opened in self.open.values():
            self._credit(opened.lane)
        self.thread.kick()

    # -- feeding and delivering ------------------------------------------------------------------------

    def receive(self, chunks: list[Chunk]) -> None:
        """Feeds chunks to their lanes; a chunk that would leave a gap makes the lane seek back (I5)."""
        for chunk in chunks:
            place = TopicPartition(chunk.topic, chunk.partition)
            received = self._received[place] = self._received.get(place, 0) + len(chunk.records)
            opened = self.open.get(chunk.partition)
            if opened is None:
                self.thread.taken[place] = received
                continue
            seek_to = opened.lane.feed(chunk)
            if seek_to is not None:
                metrics.CHUNKS_REFUSED.labels(self.job.name).inc()
                self.thread.seek_soon(place, seek_to)
                self._credit(opened.lane)
            elif not chunk.records:
                opened.lane.settle_evidence()
        self._ready.set()

    async def batches(self) -> AsyncIterator[Batch]:
        """What the agent iterates. Leaving the loop with a batch in hand is a failure of the body (I6)."""
        try:
            while True:
                batch = await self._next()
                self._in_hand = batch
                yield batch
                if not batch.is_applied:
                    self.fail("batch_not_applied", RuntimeError("the body did not call batch.apply"))
                    await asyncio.Event().wait()
                self._in_hand = None
                self._hand_over(batch)
        finally:
            if self._in_hand is not None and not self.stopping:
                self.fail("agent_body_left")

    async def _next(self) -> Batch:
        while True:
            if not (self._suspended or self.stopping or self.failing):
                opened = self._choose()
                if opened is not None:
                    # The loop's other work (commits, heartbeats to the pump) gets its turn between batches.
                    await asyncio.sleep(0)
                    if not self.is_held() and self.open.get(opened.lane.partition) is opened:
                        return self._batch(opened)
                    continue
            self._ready.clear()
            await self._ready.wait()

    def is_held(self) -> bool:
        """Whether delivering is held up for a reason that is not the lanes' own."""
        return self._suspended or self.broadcasts.age_s() > self.settings.broadcast_stale_s

    def _choose(self) -> OpenLane | None:
        """The lane whose turn it is, of those that have something to decide and room to commit it."""
        if self.broadcasts.age_s() > self.settings.broadcast_stale_s:
            return None
        lanes = list(self.open.values())
        able = [
            place
            for place in ((self._round + step) % len(lanes) for step in range(len(lanes)))
            if self._is_able(lanes[place])
        ]
        if not able:
            return None
        # Every other turn goes to the most urgent, the others to whoever is next: nobody waits for a crowd to pass,
        # and no crowd waits for ever.
        self._turns += 1
        place = min(able, key=lambda place: lanes[place].lane.urgency()) if self._turns % 2 else able[0]
        self._round = (place + 1) % len(lanes)
        return lanes[place]

    @staticmethod
    def _is_able(opened: OpenLane) -> bool:
        """Whether it has something to decide, and room to commit it."""
        lane = opened.lane
        if lane.halted or opened.waiting:
            return False
        if opened.committing is not None and lane.buffered < PIPELINE_FROM_RECORDS:
            return False
        return lane.has_input or lane.may_fire()

    def _batch(self, opened: OpenLane) -> Batch:
        lane = opened.lane
        clock_ms = self.clock.now_ms()
        timers = (
            lane.timers.take_due(min(lane.fire_until_ms, clock_ms), lane.rows, TIMERS_A_BATCH)
            if lane.may_fire()
            else []
        )
        if timers and lane.timers.is_bloated(len(lane.rows)):
            lane.rebuild_timers()
        outcomes = [lane.done_effects.popleft() for _ in range(min(len(lane.done_effects), TIMERS_A_BATCH))]
        segments = lane.take(self.settings.batch_records)
        return Batch(
            self.job,
            lane,
            segments,
            timers,
            outcomes,
            clock_ms=clock_ms,
            partitions_of=self._partition_count,
            budget_s=self.settings.batch_budget_s,
        )

    def _partition_count(self, topic: str) -> int:
        count = self._partitions.get(topic, 0)
        if count == 0:
            self._is_topic_missing = True
            raise LookupError(f"topic {topic} does not exist: run `seinhuis topics create`")
        return count

    # -- committing ----------------------------------------------------------------------------------

    def _hand_over(self, batch: Batch) -> None:
        opened = self.open.get(batch.lane.partition)
        if opened is None or opened.lane is not batch.lane:
            return
        unit = batch.unit
        self._account(opened, unit)
        opened.waiting.append(unit)
        if opened.committer is None or opened.committer.done():
            opened.committer = self._spawn(self._commit_all(opened), "commit_failed")

    def _account(self, opened: OpenLane, unit: Unit) -> None:
        self._credit(opened.lane)
        metrics.RECORDS.labels(self.job.name).inc(unit.records)
        if opened.lane.halted:
            metrics.LANES_HALTED.labels(self.job.name).set(
                sum(1 for lane in self.open.values() if lane.lane.halted)
            )

    def _credit(self, lane: Lane) -> None:
        """Tells the pump how many of the records it handed over no longer wait in memory."""
        thread = self.thread
        is_starved = False
        for topic in self.job.inputs:
            place = TopicPartition(topic, lane.partition)
            is_starved |= thread.is_full(place)
            thread.taken[place] = self._received.get(place, 0) - lane.waiting_in(topic)
        if is_starved:
            thread.kick()

    async def _commit_all(self, opened: OpenLane) -> None:
        while opened.waiting:
            unit = opened.waiting.popleft()
            opened.committing = unit
            began_s = time.perf_counter()
            await asyncio.wait_for(opened.ledger.commit(unit), self.settings.commit_within_s)
            opened.committing = None
            opened.noted = unit.positions
            opened.moved_at_s = time.monotonic()
            metrics.COMMIT_SECONDS.labels(self.job.name).observe(time.perf_counter() - began_s)
            metrics.UNITS.labels(self.job.name).inc()
            metrics.FACTS.labels(self.job.name).inc(sum(len(facts) for facts in unit.facts.values()))
            self.tallying.take(opened.tally, unit)
            for row_key, effect in unit.effects:
                self._spawn(self._carry_out(opened, row_key, effect), "effect_failed")
            self._ready.set()

    # -- effects -------------------------------------------------------------------------------------

    async def _carry_out(self, opened: OpenLane, row_key: bytes, effect: Effect) -> None:
        """Does what a committed row asks for, again with the same id until it succeeds (engine 13)."""
        if self.job.effector is None:
            raise RuntimeError("the job asks for effects and names nobody to carry them out")
        for attempt in range(1_000_000):
            async with self._effect_slots:
                if self.open.get(opened.lane.partition) is not opened or self.stopping:
                    return
                if opened.lane.is_taken_back(effect.effect_id):
                    self._take_outcome(opened, EffectDone(row_key, effect.effect_id, TAKEN_BACK))
                    return
                try:
                    outcome = await cast(Any, self.job.effector(effect))
                except Exception as error:
                    metrics.EFFECTS.labels(self.job.name, "raised").inc()
                    log.warning(
                        "effect_raised", job=self.job.name, attempt=attempt, error=type(error).__name__
                    )
                else:
                    metrics.EFFECTS.labels(self.job.name, "answered").inc()
                    self._take_outcome(opened, EffectDone(row_key, effect.effect_id, outcome))
                    return
            await asyncio.sleep(EFFECT_RETRY_S[min(attempt, len(EFFECT_RETRY_S) - 1)])

    def _take_outcome(self, opened: OpenLane, outcome: EffectDone) -> None:
        opened.lane.done_effects.append(outcome)
        self._ready.set()

    # -- timers --------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Looks for due timers and asks for evidence; its own lateness is the loop's lag."""
        was_held, retried_at_s, shown_at_s = False, 0.0, 0.0
        while not self.failing:
            began_s = time.monotonic()
            await asyncio.sleep(TICK_S)
            self.ticked_at_s = time.monotonic()
            metrics.LOOP_LAG.labels(self.job.name).set(max(0.0, self.ticked_at_s - began_s - TICK_S))
            if was_held and not self.is_held():
                self._ready.set()  # what came while nothing was delivered wakes nobody again
            was_held = self.is_held()
            if self._suspended or self.stopping:
                continue
            now_ms = self.clock.now_ms()
            wanting = [
                opened
                for partition, opened in self.open.items()
                if partition not in self._asking
                and not opened.lane.halted
                and opened.lane.wants_evidence(now_ms)
            ]
            if wanting:
                self._asking |= {opened.lane.partition for opened in wanting}
                self._spawn(self._ask(wanting), "evidence_failed")
            elif any(opened.lane.may_fire() for opened in self.open.values()):
                self._ready.set()
            if self.ticked_at_s - retried_at_s > OUTCOME_RETRY_S:
                retried_at_s = self.ticked_at_s
                self._retry_outcomes()
            oldest = min(
                (opened.lane.timers.earliest_ms() for opened in self.open.values()), default=NEVER_MS
            )
            metrics.OVERDUE_OLDEST.labels(self.job.name).set(max(0, now_ms - oldest) / 1000)
            if self.ticked_at_s - shown_at_s > TALLY_SHOWN_EVERY_S:
                shown_at_s = self.ticked_at_s
                self.tallying.show([opened.tally for opened in self.open.values()], now_ms)

    def _retry_outcomes(self) -> None:
        for opened in self.open.values():
            lane = opened.lane
            if lane.failed_effects:
                lane.done_effects.extend(lane.failed_effects)
                lane.failed_effects.clear()
                self._ready.set()

    async def _ask(self, wanting: list[OpenLane]) -> None:
        """Fetches log ends after the due moment: what an answer must be behind to be too late (I8)."""
        asked_at_ms = self.clock.now_ms()
        try:
            places = [
                TopicPartition(topic, opened.lane.partition)
                for opened in wanting
                for topic in self.job.inputs
            ]
            ends = await self.probe.ends(places)
        except TimeoutError:
            return  # no evidence, no firing; the watchdog knows when this lasts
        finally:
            self._asking -= {opened.lane.partition for opened in wanting}
        for opened in wanting:
            here = {topic: ends[TopicPartition(topic, opened.lane.partition)] for topic in self.job.inputs}
            opened.lane.weigh(Evidence(asked_at_ms, here))
        self._ready.set()

    async def _note_positions(self) -> None:
        """Tells lag monitors how far we are, and commits the positions of lanes that only saw markers:
        retention would overtake them (engine 11)."""
        while not self.failing:
            await asyncio.sleep(self.settings.group_commit_every_s)
            if self._suspended or self.stopping:
                continue
            if self._is_topic_missing:  # somebody may have made it meanwhile
                self._is_topic_missing = False
                self._partitions = await self.probe.partitions()
            for opened in self.open.values():
                if self._in_hand is None and not opened.is_busy and opened.noted != opened.lane.positions():
                    self._hand_over(self._empty_batch(opened.lane))
            self.thread.note_positions(
                {
                    TopicPartition(topic, partition): offset
                    for partition, opened in self.open.items()
                    for topic, offset in opened.noted.items()
                }
            )

    def _empty_batch(self, lane: Lane) -> Batch:
        batch = Batch(
            self.job,
            lane,
            [],
            [],
            [],
            clock_ms=self.clock.now_ms(),
            partitions_of=self._partition_count,
            budget_s=self.settings.batch_budget_s,
        )
        batch.apply(self.job.decide)
        return batch
