"""A case of a dry run: a signal, the moment it comes in, what is known of the case, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.agreements.directory import Directory
from services.agreements.dryrun.keys import Answer, Key
from services.agreements.routable import CaseView
from services.agreements.times import Pause


class Reported(NamedTuple):
    """Who reports."""

    kind: str
    party: str | None = None


A_PROFESSIONAL = Reported("professional")
NOTHING_KNOWN = CaseView()


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a file. A rule may look at it as at a signal. What is not expected is not asked."""

    name: str
    line: int
    at_ms: int
    urgency: str
    types: tuple[str, ...] = ()
    concern: tuple[str, ...] = ()
    about: str = "client"
    postcode: str | None = None
    reporter: Reported = A_PROFESSIONAL
    view: CaseView = NOTHING_KNOWN
    expects_action: bool = False
    pauses: tuple[Pause, ...] = ()
    #: Absences of this case alone, on top of those of the run.
    directory: Directory | None = None
    expected: Mapping[Key, Answer] = field(default_factory=dict)


class Finding(NamedTuple):
    """What is wrong with a file of cases: line and column, counted from 1, the column's title, a code, what to do."""

    line: int
    column: int
    title: str
    code: str
    says: str


class Cases(NamedTuple):
    """What was read: every case, or every finding; and how many lines were passed over, being about something else."""

    cases: tuple[Case, ...]
    findings: tuple[Finding, ...] = ()
    passed_over: int = 0
