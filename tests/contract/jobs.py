"""A job that does what its records say, so that a test can write down what happens and then look at what came of it.

Each record leaves a fact that names its place. Nothing here is decided by a clock or a chance of its own. `linger`
takes its time, and so does every record under CONTRACT_TAKES_S: a test can catch the worker in the middle of its work.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import orjson
from prometheus_client import Counter, Gauge

from services.runtime.job import (
    Effect,
    EffectDone,
    Emit,
    Header,
    Input,
    Job,
    PassedOver,
    Record,
    Step,
    TimerDue,
    Turn,
    Unreadable,
    Wake,
)


class Book:
    """The last word on every key of a compacted topic."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.entries: dict[str, str] = {}

    def take(self, key: bytes | None, value: bytes | None, headers: Sequence[Header]) -> None:
        self.entries[(key or b"").decode()] = (value or b"").decode()


class Scripted:
    """Decides by the letter of each record: `{"do": "note" | "ask" | "answer" | ...}`."""

    def __init__(self, name: str, book: Book, breaks_at: int, takes_s: float) -> None:
        self._facts = f"{name}.facts"
        self._book = book
        self._breaks_at = breaks_at
        self._takes_s = takes_s

    def decide(self, item: Input, row: bytes | None, turn: Turn, /) -> Step:
        state: dict[str, Any] = orjson.loads(row) if row else {"n": 0, "due_ms": None, "seen": {}}
        if isinstance(item, TimerDue):
            state["due_ms"] = None
            return self._told(item.key, state, turn, did="late", due_ms=item.due_ms)
        if isinstance(item, EffectDone):
            return self._told(
                item.key, state, turn, did="sent", effect=item.effect_id, outcome=item.outcome.decode()
            )
        return self._follow(item, state, turn)

    def _follow(self, record: Record, state: dict[str, Any], turn: Turn) -> Step:
        said = _read(record)
        did = said["do"]
        time.sleep(self._takes_s)
        if did == "raise":
            raise ZeroDivisionError("as asked")
        if did == "linger":
            time.sleep(said["for_s"])
        if record.offset == self._breaks_at:
            # The shell trips over it when the decision is long made.
            return Step(None, [Emit(self._facts, b"", b"", cast(list[Header], None))])
        key = record.key or b""
        state["n"] += 1
        state["seen"][record.topic] = record.offset
        place: dict[str, Any] = {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
        }
        match did:
            case "ask":
                state["due_ms"] = turn.now_ms + said["within_ms"]
            case "answer":
                place["in_time"] = state["due_ms"] is not None
                state["due_ms"] = None
            case "look":
                place["book"] = dict(self._book.entries)
            case "forget":
                return Step(None, [self._fact(key, turn, did=did, n=state["n"], **place)])
            case "tell":
                other = Emit(self._facts, said["key"].encode(), orjson.dumps({"did": "told"}), [])
                step = self._told(key, state, turn, did=did, **place)
                return step._replace(emits=[*step.emits, other])
            case "send":
                step = self._told(key, state, turn, did=did, **place)
                return step._replace(effects=[Effect(said["effect"], b"to whom it concerns")])
            case "swell":
                state["fat"] = "x" * said["bytes"]
        return self._told(key, state, turn, did=did, **place)

    def rescue(self, item: Input, row: bytes | None, turn: Turn, reason: str, /) -> Step:
        assert isinstance(item, Record)
        state = orjson.loads(row) if row else {"n": 0, "due_ms": None, "seen": {}}
        return self._told(
            item.key or b"",
            state,
            turn,
            did="rescued",
            topic=item.topic,
            partition=item.partition,
            offset=item.offset,
        )

    def _told(self, key: bytes, state: dict[str, Any], turn: Turn, **more: Any) -> Step:
        fact = self._fact(key, turn, n=state["n"], **more)
        due_ms = state["due_ms"]
        return Step(orjson.dumps(state), [fact], None if due_ms is None else Wake(due_ms))

    def _fact(self, key: bytes, turn: Turn, **more: Any) -> Emit:
        said = {"id": turn.fact_id(0), "now_ms": turn.now_ms, **more}
        return Emit(self._facts, key, orjson.dumps(said), [("ce_type", b"Done")])


def _read(record: Record) -> dict[str, Any]:
    try:
        said = orjson.loads(record.value or b"")
        known = {"note", "ask", "answer", "look", "forget", "tell", "send", "swell", "raise", "linger"}
        if said["do"] not in known:
            raise PassedOver("unknown_type")
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Unreadable("data_invalid") from None
    return cast(dict[str, Any], said)


class Outbox:
    """Carries out an effect by writing its id down, and answers as its environment says."""

    def __init__(self, path: Path, mood: str) -> None:
        self._path = path
        self._mood = mood

    async def __call__(self, effect: Effect) -> bytes:
        with self._path.open("a", encoding="utf-8") as out:
            out.write(effect.effect_id + "\n")
        if self._mood == "silent":
            await asyncio.sleep(3600)
        if self._mood == "refused":
            raise ConnectionRefusedError("as asked")
        return b"accepted"


def scripted() -> Job:
    """The job of one test; its topics carry its name."""
    name = os.environ["CONTRACT_JOB"]
    book = Book(f"{name}.book")
    script = Scripted(
        name,
        book,
        int(os.environ.get("CONTRACT_BREAKS_AT", "-1")),
        float(os.environ.get("CONTRACT_TAKES_S", "0")),
    )
    return Job(
        name=name,
        inputs=(f"{name}.a", os.environ.get("CONTRACT_INPUT_B", f"{name}.b")),
        decide=script.decide,
        partitions=int(os.environ.get("CONTRACT_PARTITIONS", "2")),
        rescue=script.rescue,
        broadcasts=(book,),
        effector=Outbox(
            Path(os.environ.get("CONTRACT_OUTBOX", os.devnull)), os.environ.get("CONTRACT_OUTBOX_MOOD", "")
        ),
    )


_HELD = Gauge("contract_rows_held", "Rows that all lanes of this worker hold.")
_COUNTED = Counter("contract_counted_total", "What steps counted that became visible.")


class LaneOfKeys:
    """Counts the rows of a lane."""

    def __init__(self) -> None:
        self.keys: set[bytes] = set()

    def fill(self, rows: Iterable[tuple[bytes, bytes | None]]) -> Iterator[None]:
        for key, _ in rows:
            self.keys.add(key)
            yield

    def take(self, rows: Iterable[tuple[bytes, bytes | None]], counted: Sequence[object]) -> None:
        for key, row in rows:
            (self.keys.discard if row is None else self.keys.add)(key)
        _COUNTED.inc(len(counted))


class Keys:
    """The rows of all lanes of a worker."""

    def lane(self) -> LaneOfKeys:
        return LaneOfKeys()

    def show(self, lanes: Sequence[Any], now_ms: int) -> None:
        _HELD.set(sum(len(lane.keys) for lane in lanes))


def tallied() -> Job:
    """The same job with a tally; each step counts one."""
    job = scripted()

    def decide(item: Input, row: bytes | None, turn: Turn, /) -> Step:
        return job.decide(item, row, turn)._replace(counted=["one"])

    return job._replace(decide=decide, tally=Keys())
