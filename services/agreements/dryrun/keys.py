"""What can be expected of a case: each a key, which is the column's title, with what stands under it."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

#: Whom or what was found: contacts, words, moments in milliseconds, or the steps of a trace or a ladder. An empty
#: answer is `none`.
Answer = tuple["str | int | tuple[int, str, int]", ...]
Shape = Literal["contacts", "words", "moments", "skips", "trace", "asked"]
#: Longer than any ladder should be.
MAX_LEVEL = 20


class Kind(NamedTuple):
    """A kind of expectation: its title, what its cell holds, what it means, and how it is written."""

    title: str
    shape: Shape
    says: str
    example: str
    is_for_csv: bool = True


KINDS = (
    Kind(
        "receiver", "contacts", "Who is asked: all of them, when rules with `continue` ask several", "gp-post"
    ),
    Kind("rule", "words", "The rule that says so; `root` when none matched", "acute-medical"),
    Kind("reason", "words", "`rule_matched`, `no_rule_matched` or `rule_error`", "rule_matched"),
    Kind("ladder", "words", "The ladder that goes with it", "standard"),
    Kind(
        "due OBLIGATION",
        "moments",
        "When this answer is due if what opens it happens at `at`; `none` when this urgency has no time for it",
        "2026-11-23 09:15",
    ),
    Kind(
        "level N",
        "contacts",
        "Who is asked at this level when nobody answered before; `none` when the level is passed over. "
        "Level 0 is who is asked first",
        "linde-duty",
    ),
    Kind("level N at", "moments", "When that is", "2026-11-23 10:15"),
    Kind(
        "skipped",
        "skips",
        "Every level that is passed over, with its reason; `none` when all levels can be reached",
        "deputy:outside_hours",
    ),
    Kind("again at", "moments", "When the last level is asked for the second time", "2026-11-23 10:45"),
    Kind(
        "feedback KIND",
        "words",
        "The form in which this kind of party hears back; `reporter` is the party that reports",
        "written phone",
    ),
    Kind(
        "trace",
        "trace",
        "Every rule that was looked at, in order: `matched`, or the reason why not",
        "outside-area:inside_area",
        is_for_csv=False,
    ),
    Kind(
        "asked",
        "asked",
        "The whole ladder: each level that is asked, who, and when",
        "{level: 0, to: gp-post, at: 2026-11-23 09:00}",
        is_for_csv=False,
    ),
)
_KIND_OF = {kind.title: kind for kind in KINDS}
#: These follow the ladder of the routing; with the name of an obligation behind them, that of the obligation.
OF_A_LADDER = frozenset({"level N", "level N at", "skipped", "again at", "asked"})

_NAME = r"[a-z0-9][a-z0-9_.-]*"
_FORMS = tuple(
    (title, re.compile(rf"^{pattern}$"))
    for title, pattern in (
        ("receiver", "receiver"),
        ("rule", "rule"),
        ("reason", "reason"),
        ("ladder", "ladder"),
        ("due OBLIGATION", rf"due (?P<of>{_NAME})"),
        ("level N at", rf"level (?P<level>\d{{1,2}}) at(?: (?P<of>{_NAME}))?"),
        ("level N", rf"level (?P<level>\d{{1,2}})(?: (?P<of>{_NAME}))?"),
        ("skipped", rf"skipped(?: (?P<of>{_NAME}))?"),
        ("again at", rf"again at(?: (?P<of>{_NAME}))?"),
        ("feedback KIND", rf"feedback (?P<of>{_NAME})"),
        ("trace", "trace"),
        ("asked", rf"asked(?: (?P<of>{_NAME}))?"),
    )
)


class Key(NamedTuple):
    """One expectation: of which kind, at which level of a ladder, and of which obligation or kind of party."""

    kind: Kind
    level: int | None = None
    of: str | None = None

    def __str__(self) -> str:
        words = self.kind.title.replace(" OBLIGATION", "").replace(" KIND", "").replace("N", str(self.level))
        return f"{words} {self.of}" if self.of else words


def key_of(title: str) -> Key | None:
    """The key of a column's title; None for a title that asks nothing we know."""
    for name, form in _FORMS:
        found = form.match(title)
        if found:
            parts = found.groupdict()
            level = int(parts["level"]) if parts.get("level") else None
            if level is not None and level > MAX_LEVEL:
                return None
            return Key(_KIND_OF[name], level, parts.get("of"))
    return None


def is_same(key: Key, expected: Answer, got: Answer) -> bool:
    """Whether an answer is what was expected: the steps of a trace or a ladder in their order, all else in any."""
    if key.kind.shape in {"trace", "asked"}:
        return expected == got
    return frozenset(expected) == frozenset(got)
