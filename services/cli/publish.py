"""`seinhuis publish`: commands from a file to their topics, judged first, sent at once or at their own pace."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from services.cli.asked import KAFKA, Format, FormatOption, KafkaOption, clock, run, security
from services.cli.errors import CliError, UsedWrongly
from services.cli.events_file import Finding, Ready, judge
from services.cli.through_door import lines_of, send_lines, spans_of
from services.runtime.clock import Clock
from services.runtime.reach import Security
from services.runtime.send import Outgoing, Sender, Span


async def send_ready(
    bootstrap: str,
    ready: Sequence[Ready],
    *,
    clock: Clock,
    is_paced: bool = False,
    is_stamped: bool = False,
    security: Security | None = None,
    on_sent: Callable[[Ready], None] = lambda _: None,
) -> tuple[Span, ...]:
    """Sends judged lines in their order, each to its topic, by its case or party. Returns what was taken where.

    `is_paced`: each waits for its own recorded time on this clock. `is_stamped`: the recorded time becomes now.
    """
    async with Sender(bootstrap, security=security) as sender:
        for event in ready:
            if is_paced:
                await asyncio.sleep(max(0.0, clock.to_wall_s(event.recorded_ms) - time.time()))
            envelope = replace(event.envelope, recordedtime=_text(clock)) if is_stamped else event.envelope
            await sender.put(Outgoing(event.topic, envelope.key.encode(), event.data, envelope.headers()))
            on_sent(event)
    return sender.spans()


def _text(clock: Clock) -> str:
    moment = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def publish(
    file: Annotated[
        typer.FileBinaryRead,
        typer.Argument(metavar="FILE", help="One structured CloudEvent a line; `-` reads standard input."),
    ],
    pace: Annotated[
        bool, typer.Option("--pace", help="Send each at its `recordedtime`, by the clock of SEINHUIS_CLOCK.")
    ] = False,
    stamp: Annotated[
        bool, typer.Option("--stamp", help="Replace `recordedtime` by the moment of sending.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Send the good lines of a file that has findings.")
    ] = False,
    gateway: Annotated[
        str,
        typer.Option(
            envvar="SEINHUIS_GATEWAY_URL", help="Send through the door at this address, not to Kafka."
        ),
    ] = "",
    token: Annotated[
        list[str] | None,
        typer.Option(
            envvar="SEINHUIS_TOKEN",
            help="An access token for the door; of several, each line goes with the one that names its source.",
        ),
    ] = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Send commands to the service, as the door would.

    Every line is judged before the first is sent: one bad line, and nothing is sent. Findings name line, field,
    code and what to do, never a value.

    Examples:

        seinhuis publish examples/day.jsonl

        seinhuis publish --pace examples/day.jsonl

        seinhuis publish --stamp - < one-signal.jsonl

        seinhuis publish --gateway http://127.0.0.1:8400 --token "$(seinhuis token --party linde)" day.jsonl

    Through the door each line stands for itself: it is judged there, gets its recorded time there, and a line that is
    refused holds up no other.
    """
    if gateway:
        _through_door(file, gateway, token or [], is_paced=pace, output=output)
        return
    ready, findings = judge(file, is_stamped=stamp and not pace)
    _show_findings(file.name, findings, output)
    if findings and not skip_bad:
        bad = len({finding.line for finding in findings})
        raise CliError(f"{bad} of {bad + len(ready)} lines have findings; nothing was sent")
    told = clock()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("sending", total=len(ready))
        spans = run(
            send_ready(
                kafka,
                ready,
                clock=told,
                is_paced=pace,
                is_stamped=stamp,
                security=security(),
                on_sent=lambda _: progress.advance(task),
            )
        )
    _show_spans(spans, output)


def _through_door(
    file: BinaryIO, gateway: str, tokens: Sequence[str], *, is_paced: bool, output: Format
) -> None:
    if not tokens:
        raise UsedWrongly("say by which token: --token, or SEINHUIS_TOKEN")
    lines, findings = lines_of(file)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("sending", total=len(lines))
        taken, refused = run(
            send_lines(
                gateway,
                tokens,
                lines,
                clock=clock(),
                is_paced=is_paced,
                on_sent=lambda sent: progress.advance(task, sent),
            )
        )
    findings = sorted([*findings, *refused])
    _show_findings(file.name, findings, output)
    _show_spans(spans_of(taken), output)
    if findings:
        raise CliError(
            f"{len(findings)} of {len(taken) + len(findings)} lines were refused; the others are on the log"
        )


def _show_findings(name: str, findings: Sequence[Finding], output: Format) -> None:
    for finding in findings:
        if output == "json":
            print(orjson.dumps({"finding": finding._asdict()}).decode(), file=sys.stderr)
        else:
            print(f"{name}:{finding.line}  {finding.field}  {finding.code}  {finding.says}", file=sys.stderr)


def _show_spans(spans: Sequence[Span], output: Format) -> None:
    if output == "json":
        print(orjson.dumps({"sent": [span._asdict() for span in spans]}).decode())
        return
    print(f"{sum(span.records for span in spans)} sent")
    for topic, group in groupby(spans, key=lambda span: span.topic):
        print(topic)
        for span in group:
            print(
                f"  partition {span.partition:>2}  {span.records:>6} records  positions {span.first} to {span.last}"
            )
