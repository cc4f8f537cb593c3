"""`seinhuis directory silence`: for a while nothing that is not acute is delivered to a function."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from schemas.directory import ContactDescribed, SilenceReason
from services.agreements import directory_changes as changes
from services.cli.asked import KAFKA, FormatOption, KafkaOption
from services.cli.directory.change import _tell as tell
from services.cli.directory.known import (
    ContactArgument,
    FromOption,
    Function,
    PartnershipOption,
    UntilOption,
    asked_window,
)
from services.cli.errors import UsedWrongly


def silence(
    contact: ContactArgument,
    begins: FromOption = None,
    until: UntilOption = None,
    reason: Annotated[
        Literal["silence", "maintenance"],
        typer.Option("--reason", help="It wants to be left alone, or its system is being worked on."),
    ] = "silence",
    is_over: Annotated[bool, typer.Option("--over", help="The silence that runs now ends.")] = False,
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Nothing is delivered to this function for a while; what is acute is, always.

    Nobody's deadline moves by it, and ladders go on: who is to be skipped is `absent`. What would have been delivered
    is told as suppressed, and sent when the silence is over, unless it was answered by then.

    Examples:

        seinhuis directory silence linde/linde-team --until "2026-12-25 06:00" --reason maintenance

        seinhuis directory silence linde-team --over
    """
    if is_over and (begins or until):
        raise UsedWrongly("--over takes no --from or --until; it ends what runs now")

    def changing(found: Function, before: ContactDescribed, now_ms: int) -> ContactDescribed:
        if is_over:
            return changes.heard_again(before, now_ms)
        window = asked_window(begins, until, found.zone, now_ms)
        return changes.silenced(before, window, SilenceReason(reason), now_ms)

    tell(contact, partnership, kafka, output, changing)
