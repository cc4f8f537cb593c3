"""Signals of which the story is told: by day, at night with an absence, across a clock change, over a weekend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.signals import ReportSignal
from services.agreements.directory import AS_SIGNED, Directory, Window
from services.agreements.explain.page import Page
from services.agreements.explain.scene import scene
from services.agreements.explain.story import story
from services.agreements.findings import Language
from services.agreements.local_moments import read_moment
from services.agreements.routable import CaseView
from services.agreements.terms import Terms
from tests.agreements.texts import an_agreement

SMALL = an_agreement()


def a_story(
    at: str,
    *,
    language: Language = "en",
    case: CaseView | None = None,
    directory: Directory = AS_SIGNED,
    terms: Terms = SMALL,
    **fields: Any,
) -> Page:
    signal = ReportSignal.model_validate({"postcode": "9901", "reporter": {"kind": "neighbour"}, **fields})
    at_ms = read_moment(at, terms.clock.zone)
    return story(scene(signal, case or CaseView(), at_ms, terms, directory), language)


def away(ref: str, since: str, until: str, terms: Terms = SMALL) -> Directory:
    zone = terms.clock.zone
    return Directory(absences={ref: (Window(read_moment(since, zone), read_moment(until, zone)),)})


STORIES: Mapping[str, Callable[[], Page]] = {
    "by-day": lambda: a_story("2026-11-23T09:00", urgency="urgent", types=["nursing"], concern=["fall"]),
    "absent-at-night": lambda: a_story(
        "2026-11-28T22:00",
        language="nl",
        urgency="acute",
        types=["nursing"],
        concern=["fall"],
        directory=away("linde/linde-duty", "2026-11-27T17:00", "2026-11-30T08:00"),
    ),
    "clock-change": lambda: a_story(
        "2026-10-25T02:45+02:00", language="nl", urgency="acute", types=["medical"], postcode=None
    ),
    "over-christmas": lambda: a_story(
        "2026-12-24T16:30", urgency="routine", types=["social"], reporter={"kind": "domestic_help"}
    ),
    "several-asked": lambda: a_story("2026-11-24T10:00", language="nl", urgency="urgent",
                                     types=["social"], concern=["possible_violence"]),
}  # fmt: skip
