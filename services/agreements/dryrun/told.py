"""A dry run told to people: each case that differs with expected and got side by side, and the way through the tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.keys import Answer, Key
from services.agreements.dryrun.reasons import looked_at, not_reached
from services.agreements.dryrun.trial import Trial
from services.agreements.dryrun.verdicts import Difference, Verdict
from services.agreements.local_moments import iso_moment, show_moment

EXPECTED, GOT = "expected", "got"


def told(verdicts: Sequence[Verdict], zone: ZoneInfo, *, every: bool = False) -> Iterator[str]:
    """The lines of a run: the cases that differ, or every one, and the counts at the end."""
    for verdict in verdicts:
        if verdict.differences or every:
            yield from told_verdict(verdict, zone)
            yield ""
    yield counted(verdicts)


def counted(verdicts: Sequence[Verdict]) -> str:
    """How many cases are as expected, how many not, and how many expect nothing."""
    failed = sum(bool(verdict.differences) for verdict in verdicts)
    idle = sum(not verdict.case.expected for verdict in verdicts)
    cases = "case" if len(verdicts) == 1 else "cases"
    text = f"{len(verdicts)} {cases}: {len(verdicts) - failed} as expected, {failed} not"
    return text + (f"; {idle} of them expect nothing" if idle else "")


def shown(key: Key, answer: Answer, zone: ZoneInfo) -> str:
    """An answer as people read it."""
    if not answer:
        return "none"
    if key.kind.shape == "moments":
        return ", ".join(show_moment(at, zone) for at in answer if isinstance(at, int))
    if key.kind.shape == "asked":
        stands = (one for one in answer if isinstance(one, tuple))
        return "; ".join(f"level {level} {to} {show_moment(at, zone)}" for level, to, at in stands)
    return " ".join(str(word) for word in answer)


def plain(key: Key, answer: Answer, zone: ZoneInfo) -> list[object]:
    """An answer as a program reads it."""
    if key.kind.shape == "moments":
        return [iso_moment(at, zone) for at in answer if isinstance(at, int)]
    if key.kind.shape == "asked":
        stands = (one for one in answer if isinstance(one, tuple))
        return [{"level": level, "to": to, "at": iso_moment(at, zone)} for level, to, at in stands]
    return [str(word) for word in answer]


def told_difference(difference: Difference, zone: ZoneInfo) -> str:
    """A difference in one line."""
    key, expected, got = difference
    return f"{key}: expected {shown(key, expected, zone)}, got {shown(key, got, zone)}"


def told_case(case: Case, zone: ZoneInfo) -> str:
    """What comes in, in one line."""
    words = [show_moment(case.at_ms, zone), case.urgency, *case.types, *case.concern]
    if case.about != "client":
        words.append(f"about {case.about}")
    words += [case.postcode or "no postcode", f"by {case.reporter.kind}"]
    if case.reporter.party:
        words.append(f"of {case.reporter.party}")
    words += [f"{name} {value}" for name, value in case.view._asdict().items() if value]
    return ", ".join(words)


def traced(trial: Trial) -> Iterator[str]:
    """The way through the tree, one rule a line."""
    looked = list(looked_at(trial))
    width = max((len(one.node) for one in looked), default=0)
    for one in looked:
        mark = "yes" if one.is_matched else "no "
        code = "" if one.is_matched else f"  ({one.because})"
        yield f"{mark} {one.node:<{width}}  {one.says}{code}"


def told_verdict(verdict: Verdict, zone: ZoneInfo) -> Iterator[str]:
    """A case with what came of it."""
    case, trial = verdict.case, verdict.trial
    yield f"{'DIFFERS' if verdict.differences else 'AS EXPECTED'}  line {case.line}  {case.name}"
    yield f"  {told_case(case, zone)}"
    if verdict.differences:
        yield from side_by_side(
            ("", EXPECTED, GOT),
            (
                (str(key), shown(key, expected, zone), shown(key, got, zone))
                for key, expected, got in verdict.differences
            ),
        )
    else:
        choices = (f"{choice.receiver} by {choice.rule}" for choice in trial.decision.choices)
        yield f"  asked: {', '.join(choices)}"
    yield "  rules looked at:"
    yield from (f"    {line}" for line in traced(trial))
    rules = [str(word) for key, wanted, _ in verdict.differences if str(key) == "rule" for word in wanted]
    yield from (f"    {line}" for line in not_reached(trial, rules))


def side_by_side(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in columns as wide as they must be."""
    table = [heading, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(heading))]
    for row in table:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield f"    {'  '.join(cells)}".rstrip()
