"""A job that counts: every input leaves its mark in a row and in one fact, so that any loss, doubling or swap shows.

An input may ask a question (`within_ms`: due so long after its stamp) or answer one (`answers`: the id of the
question, which may lie in the other input topic and so come after its answer). An answer counts when it was
stamped before the due moment, whenever it is decided; a breach that was told before it came is withdrawn.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import Any

import orjson

from services.runtime.job import Emit, Header, Input, Job, Record, Step, TimerDue, Turn, Unreadable, Wake

STAMP = "stamp"


def inputs(name: str) -> tuple[str, str]:
    """The two input topics of one lane."""
    return f"{name}.a", f"{name}.b"


def facts(name: str) -> str:
    """The topic of all facts."""
    return f"{name}.facts"


def job(name: str, partitions: int) -> Job:
    """The job of one run; its topics carry its name."""
    told = facts(name)

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        state = orjson.loads(row) if row else _new()
        match item:
            case TimerDue():
                emits = _fire(item, state, turn, told)
            case Record():
                emits = [_take(item, state, turn, told)]
            case _:
                raise Unreadable("no_effects_here")
        wake = Wake(min(state["open"].values())) if state["open"] else None
        return Step(orjson.dumps(state), emits, wake)

    return Job(
        name=name, inputs=inputs(name), decide=decide, partitions=partitions, stamp_ms=_record_stamp_ms
    )


def stamp_ms(headers: Sequence[Header]) -> int:
    """When the input was recorded, as its producer says."""
    for name, value in headers:
        if name == STAMP:
            return int(value)
    raise Unreadable("no_stamp")


def _record_stamp_ms(record: Record) -> int:
    return stamp_ms(record.headers)


def _new() -> dict[str, Any]:
    return {"n": 0, "digest": "", "last": {}, "open": {}, "ahead": {}, "told": {}}


def _chain(digest: str, *links: bytes) -> str:
    return hashlib.blake2b(b"\n".join([digest.encode(), *links]), digest_size=12).hexdigest()


def _take(record: Record, state: dict[str, Any], turn: Turn, told: str) -> Emit:
    said, stamped = orjson.loads(record.value or b""), stamp_ms(record.headers)
    state["n"] += 1
    state["last"][record.topic] = record.offset
    where = b"%s %d" % (record.topic.encode(), record.offset)
    state["digest"] = _chain(state["digest"], where, record.value or b"")
    effect: dict[str, str] = {}
    if "within_ms" in said:
        asked, due_ms = said["id"], stamped + said["within_ms"]
        answered_ms = state["ahead"].pop(asked, None)
        if answered_ms is not None and answered_ms < due_ms:
            effect["discharged"] = asked
        else:
            state["open"][asked] = due_ms
    if "answers" in said:
        asked = said["answers"]
        if asked in state["open"]:
            if stamped < state["open"][asked]:
                del state["open"][asked]
                effect["discharged"] = asked
        elif asked in state["told"]:
            if stamped < state["told"][asked]:
                del state["told"][asked]
                effect["withdrew"] = asked
        else:
            state["ahead"][asked] = stamped
    return _fact(
        told,
        record.key or b"",
        turn,
        0,
        state,
        kind="took",
        topic=record.topic,
        offset=record.offset,
        **effect,
    )


def _fire(item: TimerDue, state: dict[str, Any], turn: Turn, told: str) -> list[Emit]:
    # All that is due by now, as the watchman does it: what is past in the lane must be past in every input of it.
    late = [asked for asked, due_ms in state["open"].items() if due_ms <= turn.now_ms]
    if not late:
        # Never wanted: a timer whose row had moved on. It is told so that the verifier sees it.
        return [_fact(told, item.key, turn, 0, state, kind="stale", due_ms=item.due_ms)]
    emits = []
    for n, asked in enumerate(late):
        state["told"][asked] = due_ms = state["open"].pop(asked)
        state["digest"] = _chain(state["digest"], b"breach", asked.encode())
        emits.append(_fact(told, item.key, turn, n, state, kind="breach", asked=asked, due_ms=due_ms))
    return emits


def _fact(told: str, key: bytes, turn: Turn, n: int, state: dict[str, Any], **more: str | int) -> Emit:
    said = {
        "id": turn.fact_id(n),
        "key": key.decode(),
        "n": state["n"],
        "digest": state["digest"],
        "now_ms": turn.now_ms,
        **more,
    }
    return Emit(told, key, orjson.dumps(said), [])


JOB = job(os.environ.get("CHAOS_JOB", "chaos"), int(os.environ.get("CHAOS_PARTITIONS", "4")))
