"""Cases of a dry run, and files of them, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.dryrun.cases import Case, Cases
from services.agreements.dryrun.csv_file import read_csv
from services.agreements.dryrun.keys import Answer, key_of
from services.agreements.dryrun.trial import Trial, tried_on
from services.agreements.dryrun.vocabulary import vocabulary
from services.agreements.moments import milliseconds
from services.agreements.terms import Terms
from tests.agreements.texts import an_agreement

WATERKANT = an_agreement()
KNOWN = vocabulary(WATERKANT)


def ms(text: str) -> int:
    """A moment with its offset, in milliseconds."""
    return milliseconds(datetime.fromisoformat(text))


def a_case(at: str = "2026-11-23T09:00+01:00", **fields: Any) -> Case:
    """Urgent nursing on a Monday morning, changed."""
    case = Case(name="a case", line=2, at_ms=ms(at), urgency="urgent", types=("nursing",), postcode="9901")
    return replace(case, **fields)


def answered(
    title: str, case: Case, agreement: Terms = WATERKANT, directory: Directory = AS_SIGNED
) -> Answer:
    """What comes of a case under the title of a column."""
    key = key_of(title)
    assert key is not None
    return Trial(case, tried_on(agreement, directory)).answer(key)


def csv_of(*lines: str) -> Cases:
    """The cases of these lines, or what is wrong with them."""
    return read_csv("\n".join(lines) + "\n", KNOWN)
