"""What the commands that talk to a broker share: where it is, and how its failures are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Annotated, Any, Literal, TypeVar

import typer

from services.cli.errors import CliError, Unreachable, UsedWrongly
from services.runtime.admittance import refusal
from services.runtime.clock import Clock, ClockTextError
from services.runtime.ledger import security_from
from services.runtime.reach import BrokerUnreachable, Security, Superseded, TopicsMissing
from services.runtime.settings import RuntimeSettings

T = TypeVar("T")

Format = Literal["text", "json"]
FormatOption = Annotated[Format, typer.Option("--format", help="Text for people, JSON for programs.")]
KafkaOption = Annotated[
    str,
    typer.Option(
        "--kafka", envvar="SEINHUIS_KAFKA", help="Where the broker is, host:port.", show_default=True
    ),
]
PartyOption = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="PARTY", help="Only what this party may see. [everything]", show_default=False
    ),
]
KAFKA = "127.0.0.1:9092"


def security() -> Security:
    """TLS and credentials of the broker, from `SEINHUIS_KAFKA_*`."""
    return security_from(RuntimeSettings())


def clock() -> Clock:
    """The clock of SEINHUIS_CLOCK, or the wall's."""
    try:
        return Clock.from_text(RuntimeSettings().clock)
    except ClockTextError as fault:
        raise UsedWrongly(str(fault)) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs to the end; a broker that does not answer, or lacks the topics, is told in one sentence."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it has to say is said below, once
    try:
        return asyncio.run(work)
    except BrokerUnreachable as fault:
        if (known := security()) and (refused := asyncio.run(refusal(fault.bootstrap, known))):
            raise UsedWrongly(str(refused)) from None
        raise Unreachable(str(fault)) from None
    except (TopicsMissing, Superseded) as fault:
        raise CliError(str(fault)) from None
