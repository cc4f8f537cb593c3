"""A run: a broker, workers, and blocks of load and faults, each drained and judged before the next begins."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.brokers import Kafka
from tests.chaos import logs
from tests.chaos.fleet import Fleet, Worker
from tests.chaos.load import Pump
from tests.chaos.plan import Action, Fault, timeline
from tests.chaos.proofs import COMPACTED, Proof
from tests.chaos.reading import Broker, Place
from tests.chaos.recording import KINDS, NEVER_MS, Recording, Verdict

TICK_S = 0.02
LOOK_EVERY_S = 2.0
#: After all has come, doubles get this long to show themselves.
SETTLED_S = 2.0
OPENED_WITHIN_S = 60.0
CLOSED_WITHIN_S = 20.0
SHOWN = 5


@dataclass(frozen=True)
class Options:
    """What the command line asks for; kept with the results, so that a resumed run is the same run."""

    job: str
    worker: str
    workers: int
    seconds: float
    faults: tuple[Fault, ...]
    rate: float
    seed: int
    block: float
    partitions: int
    session_timeout_s: float
    grace_s: float
    broker: str


class Run:
    """One broker and one fleet, over any number of blocks."""

    def __init__(self, options: Options, proof: Proof, node: Kafka | None, state: Path) -> None:
        self.options = options
        self.proof = proof
        self.node = node
        self.state = state
        self.broker = Broker(node.bootstrap if node else options.broker)
        self.fleet = Fleet(
            proof.worker,
            {
                "SEINHUIS_KAFKA": self.broker.bootstrap,
                "SEINHUIS_LOG": "json",
                "SEINHUIS_SESSION_TIMEOUT_S": str(options.session_timeout_s),
                **proof.environment,
            },
            state / "logs",
        )
        self._changelog = f"{proof.name}.changelog.v1"
        self._dead = tuple(f"{topic}.dead" for topic in proof.inputs)
        self._start: dict[Place, int] = {}
        self._sequences: dict[int, int] = {}
        self._pump: Pump
        self._stopped: dict[int, Worker] = {}
        self._is_paused = False
        self._did: Counter[str] = Counter()

    def begin(self) -> None:
        """Topics made, what the job must know published, workers started."""
        self.broker.make(
            {
                **self.proof.topics(),
                self._changelog: (self.proof.partitions, COMPACTED),
                **{topic: (1, {}) for topic in self._dead},
            }
        )
        self.proof.prepare(self.broker)
        self.fleet.scale(self.options.workers)
        self._await_lanes()

    def _await_lanes(self) -> None:
        """The first block begins with open lanes: how long a cold start takes is not what is measured."""
        until = time.monotonic() + OPENED_WITHIN_S
        while len(opened := logs.opened_lanes(self._logs())) < self.proof.partitions:
            if time.monotonic() > until:
                raise TimeoutError(
                    f"only lanes {sorted(opened)} opened within {OPENED_WITHIN_S:.0f} s; see {self.fleet.logs}"
                )
            self._wait(0.2)

    def _logs(self) -> str:
        return "".join(
            log.read_text("utf-8", "replace") for log in sorted(self.fleet.logs.glob("worker-*.log"))
        )

    def block(self, number: int, seconds: float) -> dict[str, Any]:
        """Load and faults, then drain and verdict: one line of the results."""
        options = self.options
        actions = timeline(
            options.faults,
            seed=options.seed,
            block=number,
            seconds=seconds,
            workers=options.workers,
            session_timeout_s=options.session_timeout_s,
        )
        before = self._counted()
        pump = self._pump = Pump(self.broker.bootstrap, self.proof.plan(number, seconds), self.proof.stamp)
        pump.start()
        start_s = time.monotonic()
        while actions or pump.is_alive():
            while actions and time.monotonic() - start_s >= actions[0].at_s:
                began_s = time.monotonic()
                self._do(actions.pop(0), number, began_s - start_s)
                # What takes its time (a broker's start) moves the rest of the timeline on, or faults would pile up.
                start_s += time.monotonic() - began_s
            self.fleet.supervise()
            time.sleep(TICK_S)
        self.fleet.rest(options.workers)
        said = pump.finish()
        tell(f"block {number}: {said} inputs said, draining")
        verdict, drain_s = self._drained()
        result = self._result(number, seconds, verdict, before, drain_s)
        self._keep_findings(number, verdict)
        tell(f"block {number}: {json.dumps(result)}")
        return result

    def end(self) -> None:
        """Nothing of ours is left running."""
        if self._is_paused:
            self._own_node.resume()
        self.fleet.end()

    # -- faults --------------------------------------------------------------------------------------

    def _do(self, action: Action, block: int, now_s: float) -> None:
        tell(f"block {block} {now_s:6.1f} s: {action.deed} {_details(action)}".rstrip())
        if action.fault is not None and action.fault != "kill":
            self._did[f"{action.fault}s"] += 1
        match action.deed:
            case "kill":
                self.fleet.kill(action.pick)
            case "stop":
                self._stopped[action.tag] = self.fleet.stop(action.pick, twin=action.twin)
            case "continue":
                self.fleet.go_on(self._stopped.pop(action.tag))
            case "scale":
                self.fleet.scale(action.workers)
            case "broker_pause":
                self._own_node.pause()
                self._is_paused = True
            case "broker_resume":
                self._own_node.resume()
                self._is_paused = False
            case "broker_kill":
                self._own_node.kill()
            case "broker_start":
                self._own_node.start()

    @property
    def _own_node(self) -> Kafka:
        if self.node is None:
            raise RuntimeError("a broker somebody else started gets no faults")
        return self.node

    # -- drain and verdict ---------------------------------------------------------------------------

    def _drained(self) -> tuple[Verdict, float]:
        """Looks until everything that was to come has come, or the grace is over; then once more, for doubles."""
        began_s = time.monotonic()
        verdict = self._judged()
        while not verdict.is_settled and time.monotonic() - began_s < self.options.grace_s:
            self._wait(LOOK_EVERY_S)
            verdict = self._judged()
        drain_s = time.monotonic() - began_s
        self._wait(SETTLED_S)
        stuck = self._stuck()
        ends = self.broker.ends(self._topics)
        verdict = self._judged()
        for topic, partition in stuck:
            verdict.find("open_transactions", f"{topic}[{partition}]", "read committed readers cannot pass")
        self._start = ends.stable
        self._sequences = verdict.next_sequence
        return verdict, drain_s

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.fleet.supervise()
            time.sleep(TICK_S)

    @property
    def _topics(self) -> tuple[str, ...]:
        return (*self.proof.inputs, *self.proof.facts, self._changelog, *self._dead)

    def _stuck(self) -> list[Place]:
        """Partitions whose stable end stayed behind their end: a transaction nobody ends blocks every reader."""
        until = time.monotonic() + CLOSED_WITHIN_S
        stuck = set(self.broker.ends(self._topics).open_transactions)
        while stuck and time.monotonic() < until:
            self._wait(0.2)
            stuck &= set(self.broker.ends(self._topics).open_transactions)
        return sorted(stuck)

    def _judged(self) -> Verdict:
        read, start = self.broker.read, self._start
        # Facts and rows first: whatever they tell of was in the inputs before.
        facts, rows = read(self.proof.facts, start), read((self._changelog,), start)
        acknowledged_ms = self._pump.acknowledged_ms
        inputs = [
            seen._replace(at_ms=acknowledged_ms.get((seen.topic, seen.partition, seen.offset), NEVER_MS))
            for seen in read(self.proof.inputs, start)
        ]
        recording = Recording(inputs, facts, rows, read(self._dead, start))
        return self.proof.verify(recording, dict(self._sequences))

    def _result(
        self, number: int, seconds: float, verdict: Verdict, before: Counter[str], drain_s: float
    ) -> dict[str, Any]:
        happened = self._counted()
        happened.subtract(before)
        late = sorted(verdict.late_ms) or [0]
        return {
            "block": number,
            "seconds": seconds,
            **dict(sorted(verdict.counts.items())),
            **{kind: verdict.count(kind) for kind in KINDS},
            "max_late_s": late[-1] / 1000,
            "median_late_s": late[len(late) // 2] / 1000,
            "drain_s": round(drain_s, 1),
            **{name: count for name, count in sorted(happened.items()) if count},
        }

    # -- what happened -------------------------------------------------------------------------------

    def _counted(self) -> Counter[str]:
        reasons = logs.reasons(self._logs())
        rebalances = {}
        if self.node is not None:
            rebalances["rebalances"] = logs.rebalances(self.node.log, f"seinhuis-{self.proof.name}")
        return Counter({**self.fleet.counts, **self._did, **rebalances, **reasons})

    def _keep_findings(self, number: int, verdict: Verdict) -> None:
        if not verdict.findings:
            return
        path = self.state / f"findings-{number}.jsonl"
        path.write_text("".join(json.dumps(finding) + "\n" for finding in verdict.findings), encoding="utf-8")
        shown: Counter[str] = Counter()
        for finding in verdict.findings:
            shown[finding.kind] += 1
            if shown[finding.kind] <= SHOWN:
                tell(f"  {finding.kind}: {finding.where}: {finding.why[:600]}")
        tell(f"  all {len(verdict.findings)} findings: {path}")


def tell(line: str) -> None:
    """A line of progress."""
    print(line, file=sys.stderr, flush=True)


def _details(action: Action) -> str:
    match action.deed:
        case "kill":
            return f"(pick {action.pick:.2f})"
        case "stop":
            return f"(pick {action.pick:.2f}{', with a twin' if action.twin else ''})"
        case "scale":
            return f"to {action.workers}"
        case _:
            return ""
