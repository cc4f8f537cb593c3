"""From the cells of one case, whatever file they stand in, to the case or all that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.agreements.dryrun.cases import Case, Finding
from services.agreements.dryrun.cells import COLUMNS, CellError, answer_of, reported
from services.agreements.dryrun.keys import KINDS, MAX_LEVEL, OF_A_LADDER, Answer, Key, key_of
from services.agreements.dryrun.vocabulary import Vocabulary, hint
from services.agreements.routable import CaseView


class Cell(NamedTuple):
    """What stands under a title, and its place: the line and column to name when it cannot be read."""

    title: str
    text: str
    line: int
    column: int


def title_of(text: str) -> str:
    """A title as we know it: in small letters, a fixed one with or without its underscore."""
    words = " ".join(text.lower().split())
    joined = words.replace(" ", "_")
    return joined if joined in COLUMNS else words


def expectation(title: str, known: Vocabulary) -> Key:
    """The key of a title that asks something of this agreement. Raises `CellError`."""
    key = key_of(title)
    if key is None:
        raise CellError("unknown_column", f"`{title}` is no column; {_columns_like(title)}")
    if key.of is None:
        return key
    is_ladder = key.kind.title in OF_A_LADDER
    names = known.obligations if is_ladder or key.kind.shape == "moments" else known.kinds
    if key.of not in names:
        what = "kind of party" if names is known.kinds else "obligation"
        raise CellError("unknown_column", f"`{key.of}` is no {what} here; {hint(key.of, names)}")
    return key


def _columns_like(title: str) -> str:
    titles = [*COLUMNS, *(kind.title for kind in KINDS)]
    return f"{hint(title, titles)} (N is 0 to {MAX_LEVEL})"


def case_of(
    cells: Sequence[Cell], keys: Mapping[str, Key], line: int, known: Vocabulary
) -> Case | list[Finding]:
    """The case of these cells; those that are empty are left out. `keys` are the expectations by title."""
    told: dict[str, Any] = {}
    expected: dict[Key, Answer] = {}
    findings: list[Finding] = []
    for title, text, at_line, column in cells:
        try:
            key = keys.get(title)
            if key is not None:
                expected[key] = answer_of(key, text, known)
            else:
                told[title] = COLUMNS[title].read(text, known)
        except CellError as error:
            findings.append(Finding(at_line, column, title, error.code, str(error)))
    written = {cell.title for cell in cells}
    findings += [
        Finding(line, 1, column.title, "missing_cell", f"write {column.title}, such as {column.example}")
        for column in COLUMNS.values()
        if column.is_required and column.title not in written
    ]
    if findings:
        return findings
    view = CaseView(
        told.get("case_contact"),
        told.get("case_coordinator"),
        told.get("practice"),
        told.get("target_group"),
    )
    return Case(
        name=told["name"],
        line=line,
        at_ms=told["at"],
        urgency=told["urgency"],
        types=told.get("types", ()),
        concern=told.get("concern", ()),
        about=told.get("about", "client"),
        postcode=told.get("postcode"),
        reporter=reported(told.get("reporter"), told.get("reporter_party")),
        view=view,
        expects_action=told.get("expects_action", False),
        expected=expected,
    )
