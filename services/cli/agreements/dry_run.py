"""`seinhuis agreements test`: does the agreement do what the partners expect of it?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from services.agreements.dryrun.junit import Outcome, junit
from services.agreements.dryrun.reasons import looked_at
from services.agreements.dryrun.told import counted, plain, told, told_case, told_difference, told_verdict
from services.agreements.dryrun.trial import tried_on
from services.agreements.dryrun.verdicts import Verdict, judge
from services.agreements.terms import Terms
from services.cli.agreements.reading import FileArgument, TemplateOption, directory_of
from services.cli.agreements.usable import (
    DirectoryOption,
    FormatOption,
    OutOption,
    directory_beside,
    put,
    usable_agreement,
    usable_cases,
)

CasesArgument = Annotated[
    Path, typer.Argument(metavar="CASES", help="The cases: a spreadsheet saved as CSV, or YAML.")
]


def dry_run(
    file: FileArgument,
    cases: CasesArgument,
    directory: DirectoryOption = None,
    template: TemplateOption = None,
    every: Annotated[
        bool, typer.Option("--every", help="Tell every case, not only those that differ.")
    ] = False,
    output: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Try an agreement on cases: who is asked, when it is due, who is next. Needs no broker, sends nothing.

    Each case that comes out otherwise is told with what was expected beside what came of it, and with every rule that
    was looked at and why it did not match. docs/DRYRUN.md says how cases are written. A file of cases may name the
    directory it was written with; --directory is another one.

    Exit code 0: all as expected. 1: a difference. 2: a file cannot be read, and then nothing was tried.

    Examples:

        seinhuis agreements test agreement.yaml cases.csv

        seinhuis agreements test agreement.yaml cases.csv --directory absences.yaml --every

        seinhuis agreements test agreement.yaml cases.csv --format junit --out report.xml
    """
    agreement = usable_agreement(file, template)
    found = usable_cases(cases, [agreement], output)
    verdicts = judge(
        found.cases, tried_on(agreement, directory_of(directory or directory_beside(cases), agreement))
    )
    zone = agreement.clock.zone
    if output == "json":
        put(orjson.dumps(_plain(verdicts, agreement)).decode(), out)
    elif output == "junit":
        tested = [
            Outcome(
                verdict.case.name,
                "; ".join(told_difference(one, zone) for one in verdict.differences),
                "\n".join([f"{cases}:{verdict.case.line}", *told_verdict(verdict, zone)]),
            )
            for verdict in verdicts
        ]
        put(junit(f"{agreement.partnership}.v{agreement.version}", tested), out)
    else:
        put("\n".join(told(verdicts, zone, every=every)), out)
    if any(verdict.differences for verdict in verdicts):
        raise typer.Exit(1)


def _plain(verdicts: Sequence[Verdict], agreement: Terms) -> dict[str, Any]:
    zone = agreement.clock.zone
    return {
        "partnership": agreement.partnership,
        "version": agreement.version,
        "counted": counted(verdicts),
        "cases": [
            {
                "name": verdict.case.name,
                "line": verdict.case.line,
                "case": told_case(verdict.case, zone),
                "as_expected": not verdict.differences,
                "receivers": verdict.trial.receivers(),
                "differences": [
                    {
                        "about": str(key),
                        "expected": plain(key, expected, zone),
                        "got": plain(key, got, zone),
                    }
                    for key, expected, got in verdict.differences
                ],
                "rules": [one._asdict() for one in looked_at(verdict.trial)],
            }
            for verdict in verdicts
        ],
    }
