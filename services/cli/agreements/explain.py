"""`seinhuis agreements explain`: the agreement in plain words, and what it does with one signal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from services.agreements.explain.html import as_html
from services.agreements.explain.page import Page
from services.agreements.explain.scene import scene
from services.agreements.explain.signal_file import SignalFileError, read_signal
from services.agreements.explain.story import story
from services.agreements.explain.telling import page
from services.agreements.explain.text import as_text
from services.agreements.findings import Language
from services.agreements.terms import Terms
from services.cli.agreements.reading import FileArgument, TemplateOption, directory_of, text_of
from services.cli.agreements.usable import DirectoryOption, OutOption, put, usable_agreement
from services.cli.asked_time import begin_ms
from services.cli.errors import UsedWrongly

SignalOption = Annotated[
    Path | None,
    typer.Option(
        "--signal", metavar="FILE", help="A signal, JSON: the data of ReportSignal, and its `case`."
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="When the signal comes in: 2026-11-23T09:00, in the agreement's zone, or with an offset.",
    ),
]


def explain(
    file: FileArgument,
    language: Annotated[Language, typer.Option("--lang", help="Dutch or English.")] = "nl",
    output: Annotated[
        Literal["text", "html"],
        typer.Option("--format", help="Plain text, or one HTML file with the ladders drawn."),
    ] = "text",
    signal: SignalOption = None,
    at: AtOption = None,
    directory: DirectoryOption = None,
    template: TemplateOption = None,
    out: OutOption = None,
) -> None:
    """Tell an agreement in plain words, for those who sign it; or the story of one signal. Needs no broker.

    Text and HTML say the same. The HTML needs nothing else: it can be mailed, printed and put on any site.

    Examples:

        seinhuis agreements explain examples/waterkant-small.yaml --lang en

        seinhuis agreements explain agreement.yaml --format html --out agreement.html

        seinhuis agreements explain agreement.yaml --signal signal.json --at 2026-11-28T22:00
    """
    if (signal is None) != (at is None):
        raise UsedWrongly("--signal and --at go together: which signal, and when it comes in")
    if signal is None and directory is not None:
        raise UsedWrongly(
            "--directory goes with --signal: the agreement itself is the same for everybody's absence"
        )
    agreement = usable_agreement(file, template)
    if signal is None or at is None:
        told = page(agreement.agreement, language)
    else:
        told = _story(signal, at, directory, agreement, language)
    put((as_html if output == "html" else as_text)(told).rstrip("\n"), out)


def _story(signal: Path, at: str, directory: Path | None, agreement: Terms, language: Language) -> Page:
    try:
        asked = read_signal(text_of(signal, "a signal"), agreement.refs)
    except SignalFileError as fault:
        raise UsedWrongly(f"{signal} holds no signal: {fault}") from None
    at_ms = begin_ms(at, agreement.clock.zone)
    known = directory_of(directory, agreement)
    found = scene(asked.signal, asked.case, at_ms, agreement, known)
    return story(found, language)
