"""Cases as YAML, for what does not fit in a cell: pauses, absences of one case, a whole trace or ladder."""

from __future__ import annotations

from dataclasses import replace

from services.agreements.directory import Directory
from services.agreements.directory_file import directory_in
from services.agreements.dryrun.cases import Case, Cases, Finding
from services.agreements.dryrun.cells import COLUMNS, CellError, contact_of, moment_of
from services.agreements.dryrun.keys import MAX_LEVEL, Answer, Key
from services.agreements.dryrun.rows import Cell, case_of, expectation, title_of
from services.agreements.dryrun.vocabulary import Vocabulary, hint
from services.agreements.sentences import say
from services.agreements.terms import Terms
from services.agreements.times import Pause
from services.agreements.written import Place, Written, read_written

CASES, EXPECT, PAUSES, DIRECTORY = "cases", "expect", "pauses", "directory"


def read_yaml(text: str, known: Vocabulary, agreement: Terms) -> Cases:
    """The cases of a YAML file: `cases`, a list; what is expected of one stands under its `expect`.

    `agreement`: whose contacts and channels the absences of a case are told of.
    """
    written, wrong = read_written(text)
    if written is None or wrong:
        return Cases((), tuple(Finding(one.line, one.column, "", one.code, say(one, "en")) for one in wrong))
    return _Reading(known, agreement).whole(written)


class _Reading:
    """One file: the cases as they are read, and all that is wrong so far."""

    def __init__(self, known: Vocabulary, agreement: Terms) -> None:
        self.known = known
        self.agreement = agreement
        self.findings: list[Finding] = []

    def whole(self, written: Written) -> Cases:
        listed = _keyed(written).get(CASES)
        for name, other in _keyed(written).items():
            if name != CASES:
                self._wrong(other.place, name, "unknown_key", "take it out; a file of cases has `cases` only")
        items = _listed(listed) if listed else []
        if not items:
            self._wrong(written.place, CASES, "empty", "write `cases:` with under it one case or more")
        cases: list[Case] = []
        names: set[str] = set()
        for item in items:
            case = self._case(item)
            if case is None:
                continue
            if case.name in names:
                self._wrong(
                    item.place, "name", "name_twice", f"`{case.name}` is there twice; give each its own"
                )
            names.add(case.name)
            cases.append(case)
        return Cases(() if self.findings else tuple(cases), tuple(self.findings))

    def _wrong(self, place: Place, title: str, code: str, says: str) -> None:
        self.findings.append(Finding(place.line, place.column, title, code, says))

    def _case(self, item: Written) -> Case | None:
        before = len(self.findings)
        cells: list[Cell] = []
        keys: dict[str, Key] = {}
        pauses: tuple[Pause, ...] = ()
        directory: Directory | None = None
        asked: dict[Key, Answer] = {}
        for name, part in _keyed(item).items():
            title = title_of(name)
            if title in COLUMNS:
                cells += self._cell(title, part)
            elif title == PAUSES:
                pauses = self._pauses(part)
            elif title == DIRECTORY:
                directory = self._directory(part)
            elif title == EXPECT:
                asked = self._expect(part, cells, keys)
            else:
                names = [*COLUMNS, PAUSES, DIRECTORY, EXPECT]
                self._wrong(
                    part.place, name, "unknown_key", f"`{name}` is no part of a case; {hint(name, names)}"
                )
        found = case_of(cells, keys, item.place.line, self.known)
        if isinstance(found, list):
            self.findings += found
            return None
        if len(self.findings) > before:
            return None
        return replace(found, pauses=pauses, directory=directory, expected={**found.expected, **asked})

    def _expect(self, part: Written, cells: list[Cell], keys: dict[str, Key]) -> dict[Key, Answer]:
        """What is expected: most reads as a cell does, a whole ladder by its own keys."""
        asked: dict[Key, Answer] = {}
        if not isinstance(part.value, dict):
            self._wrong(
                part.place, EXPECT, "not_keys", "write what is expected by its keys, as `receiver: gp-desk`"
            )
        for name, expected in _keyed(part).items():
            title = title_of(name)
            try:
                key = expectation(title, self.known)
                if key.kind.shape == "asked":
                    asked[key] = tuple(self._stand(stand) for stand in _listed(expected))
                else:
                    keys[title] = key
                    found = self._cell(title, expected)
                    if not found:
                        raise CellError("no_value", "write what is expected, or `none`")
                    cells += found
            except CellError as error:
                self._wrong(expected.place, name, error.code, str(error))
        return asked

    def _cell(self, title: str, part: Written) -> list[Cell]:
        """What is written as the text of a cell; a list with spaces between, nothing as no cell at all."""
        text = _text(part)
        return [Cell(title, text, part.place.line, part.place.column)] if text else []

    def _pauses(self, part: Written) -> tuple[Pause, ...]:
        pauses: list[Pause] = []
        if not isinstance(part.value, list):
            self._wrong(
                part.place, PAUSES, "no_pause", "write pauses as a list, each with its own `- ` in front"
            )
        for item in _listed(part):
            keys = _keyed(item)
            try:
                if set(keys) != {"from", "until"}:
                    raise CellError(
                        "no_pause", "write a pause as {from: 2026-11-30 10:00, until: 2026-12-01 10:00}"
                    )
                pause = Pause(*(moment_of(_text(keys[name]), self.known) for name in ("from", "until")))
                if pause[0] >= pause[1] or (pauses and pauses[-1][1] > pause[0]):
                    raise CellError(
                        "pause_out_of_order", "a pause begins before it ends, and after the one before"
                    )
                pauses.append(pause)
            except CellError as error:
                self._wrong(item.place, PAUSES, error.code, str(error))
        return tuple(pauses)

    def _directory(self, part: Written) -> Directory | None:
        told = directory_in(part, (), self.agreement)
        self.findings += [
            Finding(one.line, one.column, DIRECTORY, one.code, say(one, "en")) for one in told.findings
        ]
        return told.directory

    def _stand(self, item: Written) -> tuple[int, str, int]:
        keys = _keyed(item)
        level = keys["level"].value if "level" in keys else None
        if set(keys) != {"level", "to", "at"} or not isinstance(level, int) or not 0 <= level <= MAX_LEVEL:
            raise CellError("no_level", "write a level as {level: 0, to: gp-post, at: 2026-11-23 09:00}")
        return level, contact_of(_text(keys["to"]), self.known), moment_of(_text(keys["at"]), self.known)


def _keyed(written: Written) -> dict[str, Written]:
    return written.value if isinstance(written.value, dict) else {}


def _listed(written: Written) -> list[Written]:
    return written.value if isinstance(written.value, list) else []


def _text(part: Written) -> str:
    """A plain value as a cell would hold it; `rule: outcome` as the one word it is in a cell."""
    match part.value:
        case None:
            return ""
        case bool():
            return "yes" if part.value else "no"
        case dict():
            return " ".join(f"{name}:{_text(value)}" for name, value in part.value.items())
        case list():
            return " ".join(_text(one) for one in part.value)
        case _:
            return str(part.value)
