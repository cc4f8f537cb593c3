"""Cases from a spreadsheet: one line a case, every finding at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from services.agreements.dryrun.cases import Case, Cases, Finding
from services.agreements.dryrun.cells import COLUMNS, CellError
from services.agreements.dryrun.keys import Key
from services.agreements.dryrun.rows import Cell, case_of, expectation, title_of
from services.agreements.dryrun.vocabulary import Vocabulary

#: More than a person reads, and more than a quarter of signals.
MAX_CASES = 100_000
_COMMENT = "#"


def read_csv(text: str, known: Vocabulary) -> Cases:
    """The cases of a CSV: separated by commas, semicolons or tabs; an empty line, and one that begins with `#`, is
    passed over; so is an empty cell."""
    try:
        lines = list(_lines(text))
    except csv.Error as error:
        return _refused(1, "not_csv", f"this cannot be read as CSV ({error}); save it as CSV, UTF-8")
    if not lines:
        return _refused(1, "empty", "write the titles of the columns on the first line: name, at, urgency, …")
    if len(lines) > MAX_CASES:
        return _refused(1, "too_long", f"at most {MAX_CASES} cases fit in one file; make two of it")
    (line, heading), *rows = lines
    titles, keys, findings = _heading(heading, line, known)
    if findings:
        return Cases((), tuple(findings))
    return _cases(titles, keys, rows, known)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every line that says something, with the number of its first line in the file."""
    text = text.removeprefix("\ufeff")
    skipped = 0
    if text[:4].lower() == "sep=":  # how a spreadsheet notes its separator
        _, _, text = text.partition("\n")
        skipped = 1
    first = next((line for line in text.splitlines() if line.strip() and line[0] != _COMMENT), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells) and not cells[0].startswith(_COMMENT):
            yield begins + skipped, cells
        begins = reader.line_num + 1


def _refused(line: int, code: str, says: str) -> Cases:
    return Cases((), (Finding(line, 1, "", code, says),))


def _heading(
    heading: list[str], line: int, known: Vocabulary
) -> tuple[list[str], dict[str, Key], list[Finding]]:
    titles = [title_of(cell) for cell in heading]
    keys: dict[str, Key] = {}
    findings: list[Finding] = []
    for column, title in enumerate(titles, start=1):
        if title in titles[: column - 1] and title:
            findings.append(
                Finding(line, column, title, "column_twice", f"`{title}` is there twice; take one out")
            )
        elif title and title not in COLUMNS:
            try:
                keys[title] = key = expectation(title, known)
                if not key.kind.is_for_csv:
                    raise CellError(
                        "not_in_csv", f"`{title}` does not fit in a cell; write this case as YAML"
                    )
            except CellError as error:
                findings.append(Finding(line, column, title, error.code, str(error)))
    findings += [
        Finding(line, 1, one.title, "missing_column", f"add a column `{one.title}`, such as {one.example}")
        for one in COLUMNS.values()
        if one.is_required and one.title not in titles
    ]
    return titles, keys, findings


def _cases(
    titles: list[str], keys: dict[str, Key], rows: list[tuple[int, list[str]]], known: Vocabulary
) -> Cases:
    cases: list[Case] = []
    findings: list[Finding] = []
    names: dict[str, int] = {}
    for line, row in rows:
        too_many = [column for column, cell in enumerate(row, start=1) if cell and not _title(titles, column)]
        if too_many:
            says = "this cell stands under no title; empty it, or put a text with a comma between quotes"
            findings.append(Finding(line, too_many[0], "", "cell_without_title", says))
            continue
        cells = [
            Cell(title, text, line, column)
            for column, (title, text) in enumerate(zip(titles, row, strict=False), start=1)
            if text
        ]
        found = case_of(cells, keys, line, known)
        if isinstance(found, list):
            findings += found
            continue
        before = names.setdefault(found.name, line)
        if before != line:
            says = f"line {before} has this name already; each case has its own"
            findings.append(Finding(line, 1 + titles.index("name"), "name", "name_twice", says))
        cases.append(found)
    if not cases and not findings:
        findings.append(Finding(1, 1, "", "empty", "write at least one case under the titles"))
    return Cases(() if findings else tuple(cases), tuple(findings))


def _title(titles: list[str], column: int) -> str:
    return titles[column - 1] if column <= len(titles) else ""
