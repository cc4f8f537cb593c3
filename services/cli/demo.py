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

from schemas.signals import SignalReported
from services.cli import token
from services.cli.asked import run
from services.cli.errors import CliError, UsedWrongly
from services.cli.lines import length, line_of
from services.cli.said_day import Names, Said, Unsaid, read_day, say_day, sources_of
from services.cli.stage import CORE, DOOR, Broker, Company, Keys, a_broker, a_database, furnish
from services.cli.tally import Tally
from services.cli.watch import Wanted, coloured, facts
from services.gateway.tokens import Scope
from services.runtime.clock import Clock

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ZONE = ZoneInfo("Europe/Amsterdam")
#: Who says what nobody of the partners says himself: the desk that a neighbour telephones.
DESK = "schakel"
TOKEN_MINUTES = 60
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
        Path, typer.Option(help="What the partners say, one structured CloudEvent a line.")
    ] = EXAMPLES / "day-said.jsonl",
    agreements: Annotated[
        Path, typer.Option(help="The agreement in force, or a folder of agreements.")
    ] = EXAMPLES / "waterkant-small.yaml",
) -> None:
    """A day of signals passes in about a minute: who is asked and why, what is due, missed, passed on and taken.

    Starts an embedded broker, an embedded PostgreSQL, the door and the core, and takes all of it down again, also on
    Ctrl-C. The partners' programs publish over HTTP, each with its own token. With SEINHUIS_KAFKA set it uses that
    broker, which must not have decided cases before.

    Examples:

        seinhuis demo

        seinhuis demo --speed 240 --keep
    """
    events = _read_day(day)
    texts = [agreements] if agreements.is_file() else sorted(agreements.glob("*.yaml"))
    if not texts:
        raise UsedWrongly(f"{agreements} holds no agreement (*.yaml); name a folder with --agreements")
    place = Path(os.environ.get("SEINHUIS_RUN", ".run")) / "demo"
    console = Console(soft_wrap=True, highlight=False)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        console.print(f"[bold]Seinhuis[/] plays {len(events)} messages of one day, {speed:g} times as fast.")
        with a_broker(place) as broker, a_database(place) as database:
            console.print(f"broker    {broker.bootstrap}")
            console.print(f"database  {database.rpartition('@')[2].partition('/')[0]}")
            play = _Play(console, broker, database, place, events, speed)
            try:
                run(play.run(texts, keep))
            finally:
                play.company.stop()
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("stopped; nothing is left running")
        raise typer.Exit(130) from None


def _read_day(day: Path) -> list[Said]:
    try:
        lines = day.read_bytes().splitlines()
        events = read_day(lines, DESK)
    except OSError as fault:
        raise UsedWrongly(f"{day} cannot be read ({fault.strerror}); name a file with --day") from None
    except Unsaid as fault:
        raise CliError(f"{day}:{fault}") from None
    if not events:
        raise UsedWrongly(f"{day} holds no message; name another file with --day")
    return events


class _Play:
    """One day being played: who plays it, by which tokens, and what came of it."""

    def __init__(
        self, console: Console, broker: Broker, database: str, place: Path, events: list[Said], speed: float
    ) -> None:
        self._console = console
        self._broker = broker
        self._events = events
        self._speed = speed
        self._key = token.issuer_key(place)
        self._sources = sources_of(events)
        self._partnerships = list(dict.fromkeys(str(one.event["partnership"]) for one in events))
        keys = Keys.fresh(token.environment_of(place))
        self._names = Names(keys.alias, self._sources)
        self._tokens: dict[str, str] = {}
        self._tally = Tally()
        self.company = Company(broker, database, keys, place)

    async def run(self, texts: list[Path], keep: bool) -> None:
        """Plays the day, tells it, and sums it up."""
        told = asyncio.current_task()
        assert told is not None
        for number in (
            signal.SIGTERM,
            signal.SIGHUP,
        ):  # as asyncio does with Ctrl-C: not in the middle of a line
            asyncio.get_running_loop().add_signal_handler(number, told.cancel)
        say = self._console.print
        await furnish(self._broker, texts, self._events[0].at_ms)
        say(f"topics    made, with the agreement of {', '.join(path.stem for path in texts)}")
        start = datetime.fromtimestamp(self._events[0].at_ms / 1000, ZONE)
        with self._console.status("casework and gateway start; some ten seconds"):
            clock = await self.company.start(start, self._speed)
        say(f"casework  {self.company.health[CORE]}, its log is {self.company.log(CORE)}")
        say(f"gateway   {self.company.door}/docs, its log is {self.company.log(DOOR)}")
        say(
            f"A second here is {length(self._speed)} there: what was told 4 min late took {240 / self._speed:.2g} s."
        )
        with self._console.status("the day begins in a moment"):
            await asyncio.sleep(max(0.0, clock.anchor_s - time.time()))
        say(f"\n[bold]{start:%A %d %B %Y}[/]\n")
        story = asyncio.create_task(self._tell(clock))
        others = [asyncio.create_task(self._show()), asyncio.create_task(self.company.watch())]
        try:
            await asyncio.wait([story, *others], return_when=asyncio.FIRST_COMPLETED)
            for task in (story, *others):
                if task.done():
                    task.result()
            if self._tally.facts == 0:
                raise CliError(
                    f"the day passed and nothing was decided; the log of casework may say why: {self.company.log(CORE)}"
                )
            say()
            say(self._tally.table("The day in figures"))
            if keep:
                await self._stay(others)
        finally:
            for task in (story, *others):
                task.cancel()
            await asyncio.gather(story, *others, return_exceptions=True)

    async def _tell(self, clock: Clock) -> None:
        await say_day(self.company.door, self._events, self._token, self._names, clock)
        ending_ms = self._events[-1].at_ms + AFTER_THE_LAST_S * 1000
        await asyncio.sleep(max(0.0, (ending_ms - clock.now_ms()) / 1000 / clock.speed) + LINGER_S)

    def _token(self, party: str) -> str:
        """One token a party: what its program would ask its issuer for."""
        if party not in self._tokens:
            self._tokens[party] = token.minted(
                self._key,
                token.DEMO_ISSUER,
                party,
                self._sources[party],
                self._partnerships,
                list(Scope),
                TOKEN_MINUTES,
            )
        return self._tokens[party]

    async def _show(self) -> None:
        async for fact in facts(self._broker.bootstrap, Wanted(), Counter(), from_start=True):
            self._tally.take(fact.said)
            if isinstance(fact.said, SignalReported):
                self._names.hear(fact.envelope.subject)
            line = line_of(fact.envelope, fact.said, ZONE)
            if line is not None:
                self._console.print(coloured(line))

    async def _stay(self, others: list[asyncio.Task[None]]) -> None:
        say = self._console.print
        say("\nEverything stays up until Ctrl-C. The clock goes on as fast as before.")
        say(f"  {self.company.health[CORE]}/metrics")
        say(f"  SEINHUIS_KAFKA={self._broker.bootstrap} seinhuis watch --from-start")
        try:
            done, _ = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except asyncio.CancelledError:  # that is how it is meant to end
            say("stopping")
