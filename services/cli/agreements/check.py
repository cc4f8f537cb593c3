"""`seinhuis agreements check`: is this agreement fit to be signed, and what does it answer of the checklist?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

from services.agreements import model
from services.agreements.check import check as findings_of
from services.agreements.check import is_sound
from services.agreements.checklist import Answer, answers, unanswered
from services.agreements.days import begins_ms
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.findings import Finding, Language, in_order
from services.agreements.load import Draft
from services.agreements.terms import Unusable, terms
from services.cli.agreements.checked import as_json, as_text
from services.cli.agreements.reading import TemplateOption, directory_of, read
from services.cli.agreements.usable import DirectoryOption
from services.cli.asked import FormatOption, clock
from services.cli.asked_time import asked_at
from services.cli.errors import UsedWrongly

FilesArgument = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="The agreement, YAML; several are compared with each other."),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Look from this moment on, a fortnight ahead; left out, now, or when the agreement begins.",
    ),
]
LangOption = Annotated[
    Language | None, typer.Option("--lang", help="Dutch or English; left out, as LANG says.")
]
RequireOption = Annotated[
    bool, typer.Option("--require-checklist", help="Each of the 28 questions answered with no is an error.")
]


class Checked(NamedTuple):
    """What became of one file."""

    file: Path
    agreement: model.Agreement | None
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]


def check(
    files: FilesArgument,
    directory: DirectoryOption = None,
    template: TemplateOption = None,
    at: AtOption = None,
    lang: LangOption = None,
    output: FormatOption = "text",
    require_checklist: RequireOption = False,
) -> None:
    """Everything that keeps an agreement from being signed, with its line and what to do; then the 28 questions.

    Needs no broker. Exit code 1 when there is an error; a warning is for the partners to weigh.

    Examples:

        seinhuis agreements check examples/waterkant-small.yaml

        seinhuis agreements check de-vlier.yaml de-kolk.yaml --lang nl --require-checklist
    """
    if directory is not None and len(files) > 1:
        raise UsedWrongly("--directory goes with one agreement; check them one by one")
    drafts = [(file, read(file, template).draft) for file in files]
    done = [_checked(file, draft, drafts, directory, at, require_checklist) for file, draft in drafts]
    language = lang or language_of(os.environ.get("LC_ALL") or os.environ.get("LANG") or "")
    print(as_json(done, language) if output == "json" else as_text(done, language))
    if not all(is_sound(one.findings) for one in done):
        raise typer.Exit(1)


def _checked(
    file: Path,
    draft: Draft,
    drafts: list[tuple[Path, Draft]],
    directory: Path | None,
    at: str | None,
    is_required: bool,
) -> Checked:
    agreement = draft.agreement
    if agreement is None:
        return Checked(file, None, draft.findings, ())
    others = [other.agreement for _, other in drafts if other is not draft and other.agreement is not None]
    beside = _directory(directory, agreement)
    findings = findings_of(draft, _moment(at, agreement), beside, others)
    told = answers(draft)
    if is_required:
        findings = in_order([*findings, *(draft.placed(one) for one in unanswered(told))])
    return Checked(file, agreement, findings, told)


def _directory(file: Path | None, agreement: model.Agreement) -> Directory:
    """An agreement that cannot be decided with has findings enough: nobody is looked up for it."""
    if file is None:
        return AS_SIGNED
    try:
        return directory_of(file, terms(agreement))
    except Unusable:
        return AS_SIGNED


def _moment(at: str | None, agreement: model.Agreement) -> int:
    zone = ZoneInfo(agreement.timezone)
    return asked_at(at, zone, max(clock().now_ms(), begins_ms(agreement.meta.valid_from, zone)))


def language_of(locale: str) -> Language:
    """The language of a locale, such as `nl_NL.UTF-8`."""
    return "nl" if locale.partition("_")[0].partition(".")[0].lower() == "nl" else "en"
