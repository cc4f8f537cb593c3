"""The files of a dry run made ready: agreement, directory and cases, or every finding at once."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer

from services.agreements.dryrun.cases import Cases, Finding
from services.agreements.dryrun.csv_file import read_csv
from services.agreements.dryrun.events_file import read_events
from services.agreements.dryrun.vocabulary import vocabulary
from services.agreements.dryrun.yaml_file import read_yaml
from services.agreements.terms import Terms, Unusable, terms
from services.cli.agreements.reading import listed, read
from services.cli.errors import UsedWrongly

Format = Literal["text", "json", "junit"]
FormatOption = Annotated[
    Format, typer.Option("--format", help="Text for people, JSON for programs, junit for a pipeline.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write there what would be printed.")
]
DirectoryOption = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        metavar="FILE",
        help="Absences, rotas and present reach, YAML. Left out, all are there.",
    ),
]

_CSV = frozenset({".csv", ".tsv", ".txt"})
#: Only a plain name: a file of cases must not make us read wherever it likes.
_DIRECTORY = re.compile(r"#\s*directory:\s*([A-Za-z0-9][\w.-]{0,100})[;,\s]*")


def usable_agreement(file: Path, template: Path | None = None) -> Terms:
    """The agreement of a file, ready to decide with; raises `UsedWrongly` after telling what keeps it from that."""
    draft = read(file, template).draft
    if draft.agreement is None:
        print("\n".join(listed(file, draft.findings)), file=sys.stderr)
        raise UsedWrongly(f"{file} cannot be read as an agreement; correct what is listed")
    try:
        return terms(draft.agreement)
    except Unusable as error:
        raise UsedWrongly(
            f"{file} cannot be decided with ({error}); `seinhuis agreements check {file}` says what to do"
        ) from None


def usable_cases(file: Path, agreements: Sequence[Terms], output: Format) -> Cases:
    """The cases of a file, in the words of one agreement or of both that are compared; raises `UsedWrongly` after
    telling every finding. Where nothing is expected, signals of a while ago may stand in for cases (.jsonl)."""
    known, first = vocabulary(*agreements), agreements[0]
    has_events = len(agreements) > 1
    text = _cases_text(file)
    match file.suffix.lower():
        case ".jsonl" if has_events:
            found = read_events(text, first.partnership)
        case suffix if suffix in _CSV:
            found = read_csv(text, known)
        case ".yaml" | ".yml":
            found = read_yaml(text, known, first)
        case _:
            events = ", or events one a line (.jsonl)" if has_events else ""
            raise UsedWrongly(f"{file} has no form we know; cases are CSV (.csv) or YAML (.yaml){events}")
    if found.findings:
        _tell(file, found.findings, output)
        lines = len({finding.line for finding in found.findings})
        many = "1 line" if lines == 1 else f"{lines} lines"
        raise UsedWrongly(f"{file} cannot be read: {many} to correct; nothing was tried")
    return found


def directory_beside(cases: Path) -> Path | None:
    """The directory a file of cases was written with: the file beside it that a remark such as
    `# directory: absences.yaml` names before the first case; None when it names none."""
    for line in _cases_text(cases).removeprefix("\ufeff").splitlines():
        if named := _DIRECTORY.fullmatch(line):
            return cases.parent / named[1]
        if line and not line.startswith("#"):
            return None
    return None


def _cases_text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except OSError as fault:
        raise UsedWrongly(f"{file} cannot be read ({fault.strerror}); name a file of cases") from None
    except UnicodeDecodeError:
        raise UsedWrongly(f"{file} is no UTF-8; in a spreadsheet, save it as `CSV UTF-8`") from None


def _tell(file: Path, findings: tuple[Finding, ...], output: Format) -> None:
    is_csv = file.suffix.lower() in _CSV
    for finding in sorted(findings):
        if output == "json":
            told = {"finding": {"file": str(file), **finding._asdict()}}
            print(orjson.dumps(told).decode(), file=sys.stderr)
        else:
            where = f"{file}:{finding.line}:{finding.column}"
            # A spreadsheet counts its columns in letters.
            letters = f"column {_letters(finding.column)} " if is_csv and finding.title else ""
            print(
                f"{where}  {letters}{finding.title or '-'}  {finding.code}  {finding.says}", file=sys.stderr
            )


def _letters(column: int) -> str:
    """What a spreadsheet calls this column."""
    letters = ""
    while column > 0:
        column, left = divmod(column - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters


def put(text: str, out: Path | None) -> None:
    """Prints, or writes the file; raises `UsedWrongly` when it cannot be written."""
    if out is None:
        print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as fault:
        raise UsedWrongly(
            f"{out} cannot be written ({fault.strerror}); name another file with --out"
        ) from None
