"""Two versions compared, told to people: each case that moved with old and new side by side, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from services.agreements.dryrun.differ import ELSEWHERE, LATER, OTHERWISE, SOONER, Compared, Moved
from services.agreements.dryrun.told import shown, side_by_side, told_case


def told_comparison(compared: Sequence[Compared], zone: ZoneInfo) -> Iterator[str]:
    """The lines of the cases that moved, and the counts at the end."""
    for one in compared:
        if one.moved:
            yield from told_compared(one, zone)
            yield ""
    yield counted(compared)


def told_compared(compared: Compared, zone: ZoneInfo) -> Iterator[str]:
    """A case that moved."""
    case = compared.case
    yield f"{', '.join(compared.verdicts).upper()}  line {case.line}  {case.name}"
    yield f"  {told_case(case, zone)}"
    rows = (
        (str(one.key), shown(one.key, one.old, zone), shown(one.key, one.new, zone), by_how_much(one))
        for one in compared.moved
    )
    yield from side_by_side(("", "old", "new", ""), rows)


def counted(compared: Sequence[Compared]) -> str:
    """How many cases moved, and how."""
    counts = Counter(word for one in compared for word in one.verdicts)
    words = [f"{counts[word]} {word}" for word in (ELSEWHERE, SOONER, LATER, OTHERWISE) if counts[word]]
    same = sum(not one.moved for one in compared)
    cases = "case" if len(compared) == 1 else "cases"
    return f"{len(compared)} {cases}: {', '.join([*words, f'{same} as before'])}"


def by_how_much(moved: Moved) -> str:
    """`2 h 5 min later`, or nothing when no two moments can be set against each other."""
    if moved.by_ms is None:
        return ""
    left, words = abs(moved.by_ms) // 1000, []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {name}")
    return f"{' '.join(words) or 'less than a second'} {'later' if moved.by_ms > 0 else 'sooner'}"
