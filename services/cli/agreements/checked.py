"""How `check` tells what it found: findings line by line, the checklist as a table, and a closing line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import orjson

from services.agreements import model
from services.agreements.checklist import QUESTIONS, Answer
from services.agreements.findings import Finding, Language
from services.agreements.sentences import checklist as words
from services.agreements.sentences import say

#: Dutch, English.
_STATES = {
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "not_applicable": ("n.v.t.", "n/a"),
}
_SEVERITIES = {"error": ("fout", "error"), "warning": ("waarschuwing", "warning")}
_ADD = ("vul aan: ", "add: ")
_CASE = ("* de rest wordt per zaak beantwoord", "* the rest is answered by each case")
_GROUP = {question.number: question.group for question in QUESTIONS}


class Checked(Protocol):
    """What became of one file."""

    @property
    def file(self) -> Path: ...
    @property
    def agreement(self) -> model.Agreement | None: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def answers(self) -> tuple[Answer, ...]: ...


def as_text(done: Sequence[Checked], language: Language) -> str:
    """For people."""
    return "\n".join(line for one in done for line in _lines(one, language))


def as_json(done: Sequence[Checked], language: Language) -> str:
    """For programs: all that the text says, by name."""
    files = [
        {
            "file": str(one.file),
            "partnership": one.agreement.meta.partnership if one.agreement else None,
            "version": one.agreement.meta.version if one.agreement else None,
            "counts": {**_counts(one)},
            "findings": [
                {
                    **finding._asdict(),
                    "source": finding.source or str(one.file),
                    "words": dict(finding.words),
                    "sentence": say(finding, language),
                }
                for finding in one.findings
            ],
            "checklist": [
                {
                    **answer._asdict(),
                    "source": answer.source or str(one.file),
                    "path": ".".join(map(str, answer.path)),
                    "question": words.QUESTIONS[answer.number][_column(language)],
                    "reason": _reason(answer, language),
                }
                for answer in one.answers
            ],
        }
        for one in done
    ]
    return orjson.dumps({"files": files}, option=orjson.OPT_INDENT_2).decode()


def _column(language: Language) -> int:
    return 0 if language == "nl" else 1


def _counts(one: Checked) -> dict[str, int]:
    by_severity = Counter(finding.severity for finding in one.findings)
    by_state = Counter(answer.state for answer in one.answers if answer.number.isdigit())
    return {
        "errors": by_severity["error"],
        "warnings": by_severity["warning"],
        **{state: by_state[state] for state in ("yes", "no", "not_applicable")},
    }


def _lines(one: Checked, language: Language) -> Iterator[str]:
    column = _column(language)
    for finding in one.findings:
        where = f"{finding.source or one.file}:{finding.line}:{finding.column}"
        severity = _SEVERITIES[finding.severity][column]
        yield f"{where}: {severity} {finding.code} {say(finding, language)}"
    if one.answers:
        if one.findings:
            yield ""
        yield from _table(one, language)
        yield ""
    yield _closing(one, language)


def _table(one: Checked, language: Language) -> Iterator[str]:
    column, group = _column(language), ""
    for answer in one.answers:
        if _GROUP[answer.number] != group:
            group = _GROUP[answer.number]
            yield words.GROUPS[group][column]
        asterisk = "*" if answer.is_by_case else " "
        state = _STATES[answer.state][column]
        question = words.QUESTIONS[answer.number][column]
        yield f"  {answer.number:>2}{asterisk} {state:<6} {question}  {_because(answer, one.file, language)}"
    yield _CASE[column]


def _because(answer: Answer, file: Path, language: Language) -> str:
    if answer.state == "yes":
        return f"[{answer.source or file.name}:{answer.line}]"
    if answer.state == "no":
        return f"[{_ADD[_column(language)]}{', '.join(_together(answer.keys))}]"
    return f"[{_reason(answer, language)}]"


def _together(keys: Sequence[str]) -> Iterator[str]:
    """Keys of one part told together: `roles.coordinator.{powers, limits}`."""
    ends: dict[str, list[str]] = {}
    for key in keys:
        part, _, end = key.replace("[?]", "[]").rpartition(".")
        ends.setdefault(part, []).append(end)
    for part, several in ends.items():
        end = several[0] if len(several) == 1 else f"{{{', '.join(several)}}}"
        yield f"{part}.{end}" if part else end


def _reason(answer: Answer, language: Language) -> str:
    said = words.REASONS.get(answer.reason)
    return said[_column(language)] if said else answer.reason


def _closing(one: Checked, language: Language) -> str:
    counts = _counts(one)
    errors, warnings = counts["errors"], counts["warnings"]
    if language == "nl":
        found = f"{errors} {'fout' if errors == 1 else 'fouten'}, "
        found += f"{warnings} {'waarschuwing' if warnings == 1 else 'waarschuwingen'}"
    else:
        found = f"{errors} {'error' if errors == 1 else 'errors'}, "
        found += f"{warnings} {'warning' if warnings == 1 else 'warnings'}"
    if one.agreement is None:
        return f"{one.file}: {found}"
    meta, yes, no = one.agreement.meta, counts["yes"], counts["no"]
    left_out = counts["not_applicable"]
    if language == "nl":
        answered = f"van de 28 vragen {yes} ja, {no} nee, {left_out} n.v.t."
        name = f"{meta.partnership} versie {meta.version}, geldig vanaf {meta.valid_from}"
    else:
        answered = f"of the 28 questions {yes} yes, {no} no, {left_out} not applicable"
        name = f"{meta.partnership} version {meta.version}, in force from {meta.valid_from}"
    return f"{one.file}: {found}; {answered}; {name}"
