"""A worker that was down for an hour: what came due meanwhile is told at once, late and at its present level."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import orjson

from schemas.signals import ReportSignal
from services.agreements.book import AgreementBook
from services.casework.case import Case
from services.deadlines.obligation import Obligation
from tests.bench.bounds import Bound
from tests.bench.obligations.outcome import Outcome
from tests.bench.obligations.rig import Machine, Rig, turned
from tests.bench.obligations.seeding import ACUTE, URGENT, Kind, Owed, kind
from tests.bench.obligations.told import BREACHED, ESCALATED, Told, judge, percentile
from tests.bench.watch import SystemFailed

HOUR_MS = 3_600_000
FIRED_MOST_S = 30.0
#: A breach is flagged late when it says so, to the second.
FLAGGED_WITHIN_S = 0.002
_MINUTE_MS = 60_000
LAID_PER_S = 5_000
LEAD_S = 30.0
_RUNS_S = 2.0
_TOLD_WITHIN_S = 300.0
_REST_S = 3.0


def run(rig: Rig, count: int, seed: int) -> Outcome:
    """`count` obligations at every age come due in the hour in which no worker is up."""
    rng = random.Random(seed)
    now_ms = rig.now_ms()
    gone_ms = round(now_ms + 1000 * (LEAD_S + count / LAID_PER_S))
    kinds = [
        list(_minutes(rig.book, URGENT, 120, 60, now_ms)),
        list(_minutes(rig.book, ACUTE, 15, 15, now_ms)),
    ]
    owed = list(_owed(count, kinds, gone_ms, rng))
    rig.seed(owed)
    listener = rig.listen()
    # It is up, has everything open, and is killed before anything is due.
    first = rig.worker()
    first.wait_ready()
    time.sleep(_RUNS_S)
    first.kill()
    if listener.told:
        raise SystemFailed("something was told before the hour began: the machine was too slow")
    back = turned(rig.clock, gone_ms + HOUR_MS - rig.now_ms())
    listener.clock = rig.clock = back
    machine = Machine.now()
    again = rig.worker(clock=back)
    ready_s = again.wait_ready()
    ready_ms, used_s = rig.now_ms(), again.cpu_s()
    until_s = time.monotonic() + _TOLD_WITHIN_S
    while listener.counts[BREACHED] < count and time.monotonic() < until_s:
        time.sleep(0.05)
    used_s = again.cpu_s() - used_s
    others = machine.others_share()
    time.sleep(_REST_S)
    again.stop()
    rig.end()

    due = {one.case: one.due_ms for one in owed}
    judged = judge(listener.told, due, rig.first)
    breached = [one for one in listener.told if one.kind == BREACHED and one.case in due]
    unflagged = sum(
        abs(one.late_by_s() - (one.recorded_ms - due[one.case]) / 1000) > FLAGGED_WITHIN_S for one in breached
    )
    fired_s = (max((one.seen_ms for one in breached), default=ready_ms + 3_600_000) - ready_ms) / 1000
    climbed, wrong = _levels(listener.told, owed)
    line = {
        "scene": "outage",
        "seed": seed,
        "overdue": count,
        "ready_s": round(ready_s, 1),
        "from_start_s": round(ready_s + fired_s, 1),
        "cpu_us": round(1e6 * used_s / max(1, len(breached))),
        "told_per_s": round(len(listener.told) / max(0.001, fired_s)),
        "late_p50_min": round(percentile(judged.late_ms, 50) / _MINUTE_MS, 1),
        "escalated": climbed,
        "others_share": round(others, 3),
    }
    bounds = [
        Bound("all_told_after_ready_s", fired_s, FIRED_MOST_S),
        Bound("unflagged", unflagged, 0),
        Bound("wrong_level", wrong, 0),
    ]
    return Outcome(line, bounds, judged)


def _minutes(
    book: AgreementBook, reported: ReportSignal, within: int, ahead: int, now_ms: int
) -> Iterator[tuple[Kind, int]]:
    """What a report has come to when its deadline is so many minutes ahead, for each minute there is."""
    for left in range(1, ahead):
        yield kind(book, reported, now_ms, (within - left) * _MINUTE_MS), left


def _owed(
    count: int, kinds: Sequence[Sequence[tuple[Kind, int]]], gone_ms: int, rng: random.Random
) -> Iterator[Owed]:
    """Each within a minute after it would be due, so that nothing happens before everybody is gone."""
    for case in range(count):
        one, left = rng.choice(rng.choice(kinds))
        yield Owed(case, one, gone_ms + left * _MINUTE_MS + rng.randrange(_MINUTE_MS))


def _levels(told: Iterable[Told], owed: Iterable[Owed]) -> tuple[int, int]:
    """How many ladders climbed, and of how many cases the first word is not their present level."""
    first: dict[int, Told] = {}
    climbs: Counter[int] = Counter()
    asked_at: dict[int, int] = {}
    for one in told:
        if one.kind == BREACHED:
            asked_at.setdefault(one.case, one.recorded_ms)
        elif one.kind == ESCALATED and asked_at.get(one.case) == one.recorded_ms:
            first.setdefault(one.case, one)
            climbs[one.case] += 1
    wrong = 0
    for one_owed in owed:
        now_ms = asked_at.get(one_owed.case)
        if now_ms is None:
            continue  # that is a missed one, and counted there
        level = present_level(_obligation(one_owed.kind), one_owed.due_ms - one_owed.kind.due_ms, now_ms)
        told_level = first[one_owed.case].data()["level"] if one_owed.case in first else None
        wrong += told_level != level or climbs[one_owed.case] > 1
    return len(first), wrong


def present_level(one: Obligation, shift_ms: int, now_ms: int) -> int | None:
    """Where its ladder stands by now, counted from its rungs alone; None when nobody else was to be asked yet."""
    at_ms, level, last = one["next_ms"] + shift_ms, one["level"], len(one["rungs"]) - 1
    if at_ms > now_ms:
        return None
    while (level := min(level + 1, last)) < last:
        wait = one["rungs"][level + 1][1]
        assert wait is not None
        at_ms += wait[1] * 1000
        if at_ms > now_ms:
            break
    return level


def _obligation(found: Kind) -> Obligation:
    case: Case = orjson.loads(found.row)
    (one,) = case["obligations"]
    return one
