"""The proof harness: `python -m tests.chaos`. The last line printed is the verdict (docs/PROOF.md)."""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tests.brokers import Kafka
from tests.chaos.fleet import ROOT
from tests.chaos.plan import BROKER_FAULTS, FAULTS, Fault
from tests.chaos.proofs import Casework, Counting, Proof, fast_clock
from tests.chaos.recording import KINDS
from tests.chaos.run import Options, Run, tell

#: Without faults a deadline is told within this; a busy machine is given room.
PROMPT_S = 5.0
SHORTEST_BLOCK_S = 10.0

Jobs = Literal["counting", "casework"]


def main(  # noqa: PLR0913 - the options of the command line
    job: Annotated[Jobs, typer.Option(help="what is put to the proof")] = "casework",
    worker: Annotated[
        str, typer.Option(help="another worker for the same job, as services.work takes it")
    ] = "",
    workers: Annotated[int, typer.Option(min=1)] = 2,
    seconds: Annotated[float, typer.Option(help="how long load is said, in all")] = 600.0,
    faults: Annotated[str, typer.Option(help=f"all, none, or of {','.join(FAULTS)}")] = "all",
    rate: Annotated[float, typer.Option(help="inputs a second")] = 400.0,
    seed: Annotated[
        int | None, typer.Option(help="load and faults come from it; chosen and printed if left out")
    ] = None,
    block: Annotated[
        float, typer.Option(help="seconds of load before everything is drained and judged")
    ] = 120.0,
    partitions: Annotated[int, typer.Option(help="lanes of the counting job")] = 4,
    session_timeout: Annotated[float, typer.Option(help="seconds, told to the workers")] = 10.0,
    grace: Annotated[float, typer.Option(help="seconds a drain may take")] = 120.0,
    broker: Annotated[str, typer.Option(help="host:port of a running broker; it gets no faults")] = "",
    keep: Annotated[Path | None, typer.Option(help="keep results, logs and the broker's data here")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="go on with the run whose state is in this directory")
    ] = None,
) -> None:
    """Real workers under load and faults; facts and rows compared with a recomputation from the input."""
    if resume is not None:
        state, options = resume, _options(json.loads((resume / "options.json").read_text(encoding="utf-8")))
    else:
        chosen = _faults(faults)
        if broker and BROKER_FAULTS & set(chosen):
            raise typer.BadParameter(
                "a running broker gets no faults: leave broker_pause and broker_kill out"
            )
        seed = secrets.randbelow(1_000_000) if seed is None else seed
        options = Options(
            job, worker, workers, seconds, chosen, rate, seed, block, partitions, session_timeout, grace, broker
        )  # fmt: skip
        state = keep or ROOT / ".run" / "chaos" / f"{job}-{seed}-{int(time.time())}"
        state.mkdir(parents=True, exist_ok=True)
        (state / "options.json").write_text(json.dumps(asdict(options)), encoding="utf-8")
    tell(f"seed {options.seed}; state in {state}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _run(options, state)
    line = summary(options, _results(state))
    if line["ok"] and keep is None and resume is None:
        shutil.rmtree(state)
    print(json.dumps(line), flush=True)
    raise typer.Exit(0 if line["ok"] else 1)


def _faults(asked: str) -> tuple[Fault, ...]:
    if asked in ("all", "none"):
        return FAULTS if asked == "all" else ()
    unknown = set(asked.split(",")) - set(FAULTS)
    if unknown:
        raise typer.BadParameter(f"unknown faults {sorted(unknown)}; known are {', '.join(FAULTS)}")
    return tuple(fault for fault in FAULTS if fault in asked.split(","))


def _options(found: dict[str, Any]) -> Options:
    return Options(**{**found, "faults": tuple(found["faults"])})


def _results(state: Path) -> list[dict[str, Any]]:
    path = state / "results.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def _run(options: Options, state: Path) -> None:
    """The blocks that are still missing; stops at the first that is not as promised, and leaves its evidence."""
    done = _results(state)
    left_s = options.seconds - sum(result["seconds"] for result in done)
    if left_s <= 0 or not all(is_as_promised(options, result) for result in done):
        return
    started = int(time.time())
    proof = _proof(options, f"chaos-{options.seed}-{started}")
    node = None if options.broker else Kafka(state / f"broker-{started}").start()
    try:
        run = Run(options, proof, node, state)
        try:
            run.begin()
            number = len(done)
            while left_s > 0:
                seconds = options.block if left_s - options.block > SHORTEST_BLOCK_S else left_s
                result = run.block(number, seconds)
                with (state / "results.jsonl").open("a", encoding="utf-8") as results:
                    results.write(json.dumps(result) + "\n")
                if not is_as_promised(options, result):
                    return
                number, left_s = number + 1, left_s - seconds
        finally:
            run.end()
    finally:
        if node is not None:
            node.stop()


def _proof(options: Options, name: str) -> Proof:
    proof: Casework | Counting
    if options.job == "casework":
        proof = Casework(options.seed, options.rate, fast_clock(time.time()))
    else:
        proof = Counting(name, options.seed, options.rate, options.partitions)
    return replace(proof, worker=options.worker or proof.worker)


def is_as_promised(options: Options, result: dict[str, Any]) -> bool:
    """Whether nothing that must be zero is not, anything was said at all, and undisturbed deadlines were prompt."""
    prompt = bool(options.faults) or result["max_late_s"] <= PROMPT_S
    return result.get("input", 0) > 0 and prompt and not any(result[kind] for kind in KINDS)


def summary(options: Options, results: list[dict[str, Any]]) -> dict[str, Any]:
    """All blocks as one line."""
    sums: Counter[str] = Counter()
    for result in results:
        sums.update(
            {name: value for name, value in result.items() if isinstance(value, int) and name != "block"}
        )
    said_s = sum(result["seconds"] for result in results)
    is_whole = said_s >= options.seconds
    return {
        "ok": is_whole and all(is_as_promised(options, result) for result in results),
        "job": options.job,
        "seed": options.seed,
        "seconds": said_s,
        "blocks": len(results),
        "faults": ",".join(options.faults) or "none",
        "input": sums.pop("input", 0),
        **{kind: sums.pop(kind, 0) for kind in KINDS},
        "max_late_s": max((result["max_late_s"] for result in results), default=0.0),
        "median_late_s": max((result["median_late_s"] for result in results), default=0.0),
        "kills": sums.pop("kills", 0),
        "rebalances": sums.pop("rebalances", 0),
        "self_exits": sums.pop("self_exits", 0),
        **dict(sorted(sums.items())),
    }


if __name__ == "__main__":
    typer.run(main)
