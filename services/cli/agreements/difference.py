"""`seinhuis agreements diff`: what changes for whom when this becomes the agreement?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from services.agreements.dryrun.changes import Change, changes, told_changes
from services.agreements.dryrun.differ import Compared, compare
from services.agreements.dryrun.junit import Outcome, junit
from services.agreements.dryrun.told import plain, told_case
from services.agreements.dryrun.told_differ import by_how_much, counted, told_compared, told_comparison
from services.agreements.dryrun.trial import tried_on
from services.agreements.terms import Terms
from services.cli.agreements.reading import TemplateOption, directory_of
from services.cli.agreements.usable import (
    DirectoryOption,
    FormatOption,
    OutOption,
    directory_beside,
    put,
    usable_agreement,
    usable_cases,
)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The agreement as it is, YAML.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The agreement as it would be, YAML.")],
    cases: Annotated[
        Path | None,
        typer.Option(
            "--cases",
            metavar="CASES",
            help="Cases to try on both: CSV, YAML, or the signals of a while ago, one event a line (.jsonl).",
        ),
    ] = None,
    directory: DirectoryOption = None,
    template: TemplateOption = None,
    output: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """What changed between two versions of an agreement, and which cases would go elsewhere, sooner or later.

    What a file of cases expects is not asked here: both versions are compared with each other, for every receiver,
    rule, due moment, level of a ladder and form of feedback.

    Exit code 0: no difference. 1: a difference, in the agreement or in a case. 2: a file cannot be read.

    Examples:

        seinhuis agreements diff signed.yaml proposed.yaml

        seinhuis agreements diff signed.yaml proposed.yaml --cases examples/waterkant-small-cases.csv

        seinhuis agreements diff signed.yaml proposed.yaml --cases last-quarter.jsonl --format junit --out diff.xml
    """
    before, after = usable_agreement(old, template), usable_agreement(new, template)
    changed = changes(before.agreement, after.agreement)
    compared: list[Compared] = []
    if cases is not None:
        found = usable_cases(cases, [before, after], output)
        away = directory_of(directory or directory_beside(cases), _with_contacts_of_both(before, after))
        compared = compare(found.cases, tried_on(before, away), tried_on(after, away))
    if output == "json":
        put(orjson.dumps(_plain(changed, compared, after)).decode(), out)
    elif output == "junit":
        put(_junit(changed, compared, before, after), out)
    else:
        put("\n".join(_told(changed, compared, after, is_tried=cases is not None)), out)
    if changed or any(one.moved for one in compared):
        raise typer.Exit(1)


def _with_contacts_of_both(before: Terms, after: Terms) -> Terms:
    """Who is away may be a contact of the one, of the other, or of both."""
    return replace(after, contacts={**before.contacts, **after.contacts}, refs={**before.refs, **after.refs})


def _told(
    changed: list[Change], compared: Sequence[Compared], after: Terms, *, is_tried: bool
) -> Iterator[str]:
    if changed:
        yield from told_changes(changed)
    else:
        yield "nothing changed in the agreement"
    if is_tried:
        yield ""
        yield from told_comparison(compared, after.clock.zone)


def _plain(changed: list[Change], compared: Sequence[Compared], after: Terms) -> dict[str, Any]:
    zone = after.clock.zone
    return {
        "changes": [one._asdict() for one in changed],
        "counted": counted(compared),
        "cases": [
            {
                "name": one.case.name,
                "line": one.case.line,
                "case": told_case(one.case, zone),
                "verdicts": one.verdicts,
                "moved": [
                    {
                        "about": str(moved.key),
                        "old": plain(moved.key, moved.old, zone),
                        "new": plain(moved.key, moved.new, zone),
                        "by_s": None if moved.by_ms is None else moved.by_ms / 1000,
                    }
                    for moved in one.moved
                ],
            }
            for one in compared
        ],
    }


def _junit(changed: list[Change], compared: Sequence[Compared], before: Terms, after: Terms) -> str:
    zone = after.clock.zone
    text = "\n".join(told_changes(changed))
    tested = [Outcome("the agreement itself", f"{len(changed)} changes" if changed else "", text)]
    for one in compared:
        failure = ", ".join(one.verdicts)
        largest = next(filter(None, map(by_how_much, one.moved)), "")
        details = "\n".join(told_compared(one, zone)) if one.moved else ""
        tested.append(Outcome(one.case.name, f"{failure} {largest}".strip(), details))
    return junit(f"{after.partnership}.v{before.version}-to-v{after.version}", tested)
