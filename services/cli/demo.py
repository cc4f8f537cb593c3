"""`seinhuis demo`: a day of signals in a minute, told line by line, with nothing installed but this package."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from services.cli.asked import run
from services.cli.errors import CliError, UsedWrongly
from services.cli.events_file import Ready, judge
from services.cli.lines import length, line_of
from services.cli.publish import send_ready
from services.cli.stage import Broker, Worker, a_broker, furnish
from services.cli.tally import Tally
from services.cli.watch import Wanted, coloured, facts
from services.runtime.clock import Clock

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ZONE = ZoneInfo("Europe/Amsterdam")
#: The last messages of the day get this long to have their consequences.
AFTER_THE_LAST_S = 3 * 3600
#: Facts that come in while the summary is due.
LINGER_S = 0.5


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Stay up after the day, with the addresses shown.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1, max=20_000, help="Seconds of the day in one of yours.")
    ] = 1440.0,
    day: Annotated[
        Path, typer.Option(help="The day's commands, one structured CloudEvent a line.")
    ] = EXAMPLES / "day.jsonl",
    agreements: Annotated[
        Path, typer.Option(help="The agreement in force, or a folder of agreements.")
    ] = EXAMPLES / "waterkant-small.yaml",
) -> None:
    """A day of signals passes in about a minute: who is asked and why, what is due, missed, passed on and taken.

    Starts an embedded broker and one casework process, and takes both down again, also on Ctrl-C. With
    SEINHUIS_KAFKA set it uses that broker, which must not have decided cases before.

    Examples:

        seinhuis demo

        seinhuis demo --speed 240 --keep
    """
    commands = _read_day(day)
    texts = [agreements] if agreements.is_file() else sorted(agreements.glob("*.yaml"))
    if not texts:
        raise UsedWrongly(f"{agreements} holds no agreement (*.yaml); name a folder with --agreements")
    place = Path(os.environ.get("SEINHUIS_RUN", ".run")) / "demo"
    console = Console(soft_wrap=True, highlight=False)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        console.print(
            f"[bold]Seinhuis[/] plays {len(commands)} messages of one day, {speed:g} times as fast."
        )
        with a_broker(place) as broker:
            console.print(f"broker    {broker.bootstrap}")
            worker = Worker(broker, place)
            try:
                run(_play(console, broker, worker, commands, texts, speed, keep))
            finally:
                worker.stop()
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("stopped; nothing is left running")
        raise typer.Exit(130) from None


def _read_day(day: Path) -> list[Ready]:
    try:
        lines = day.read_bytes().splitlines()
    except OSError as fault:
        raise UsedWrongly(f"{day} cannot be read ({fault.strerror}); name a file with --day") from None
    commands, findings = judge(lines)
    if findings:
        first = findings[0]
        raise CliError(f"{day}:{first.line} cannot be sent: {first.field} {first.code}, {first.says}")
    if not commands:
        raise UsedWrongly(f"{day} holds no message; name another file with --day")
    return sorted(commands, key=lambda command: command.recorded_ms)


async def _play(
    console: Console,
    broker: Broker,
    worker: Worker,
    commands: list[Ready],
    texts: list[Path],
    speed: float,
    keep: bool,
) -> None:
    told = asyncio.current_task()
    assert told is not None
    for number in (signal.SIGTERM, signal.SIGHUP):  # as asyncio does with Ctrl-C: not in the middle of a line
        asyncio.get_running_loop().add_signal_handler(number, told.cancel)
    await furnish(broker, texts)
    console.print(f"topics    made, with the agreement of {', '.join(path.stem for path in texts)}")
    start = datetime.fromtimestamp(commands[0].recorded_ms / 1000, ZONE)
    with console.status("casework  starts and joins its group; some ten seconds"):
        clock = await worker.start(start, speed)
    console.print(f"casework  {worker.health}, its log is {worker.log}")
    console.print(
        f"A second here is {length(speed)} there: what was told 4 min late took {240 / speed:.2g} s."
    )
    with console.status("the day begins in a moment"):
        await asyncio.sleep(max(0.0, clock.anchor_s - time.time()))
    console.print(f"\n[bold]{start:%A %d %B %Y}[/]\n")
    tally = Tally()
    ending = commands[-1].recorded_ms + AFTER_THE_LAST_S * 1000
    story = asyncio.create_task(_tell(broker.bootstrap, commands, clock, ending))
    others = [
        asyncio.create_task(_show(console, broker.bootstrap, tally)),
        asyncio.create_task(worker.watch()),
    ]
    try:
        await asyncio.wait([story, *others], return_when=asyncio.FIRST_COMPLETED)
        for task in (story, *others):
            if task.done():
                task.result()
        if tally.facts == 0:
            raise CliError(
                f"the day passed and nothing was decided; the log of casework may say why: {worker.log}"
            )
        console.print()
        console.print(tally.table("The day in figures"))
        if keep:
            await _stay(console, broker, worker, others)
    finally:
        for task in (story, *others):
            task.cancel()
        await asyncio.gather(story, *others, return_exceptions=True)


async def _tell(bootstrap: str, commands: list[Ready], clock: Clock, ending_ms: int) -> None:
    await send_ready(bootstrap, commands, clock=clock, is_paced=True)
    await asyncio.sleep(max(0.0, (ending_ms - clock.now_ms()) / 1000 / clock.speed) + LINGER_S)


async def _show(console: Console, bootstrap: str, tally: Tally) -> None:
    async for fact in facts(bootstrap, Wanted(), Counter(), from_start=True):
        tally.take(fact.said)
        line = line_of(fact.envelope, fact.said, ZONE)
        if line is not None:
            console.print(coloured(line))


async def _stay(console: Console, broker: Broker, worker: Worker, others: list[asyncio.Task[None]]) -> None:
    console.print(
        f"\nEverything stays up until Ctrl-C. The clock goes on as fast as before.\n  {worker.health}/metrics"
    )
    console.print(f"  SEINHUIS_KAFKA={broker.bootstrap} seinhuis watch --from-start")
    try:
        done, _ = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except asyncio.CancelledError:  # that is how it is meant to end
        console.print("stopping")
