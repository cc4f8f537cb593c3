"""Who stands on a rung at a moment, and why a level is passed over."""

from __future__ import annotations

from datetime import datetime

import pytest

from schemas.deadlines import SkipReason
from services.agreements.calendars import milliseconds
from services.agreements.ladder import Wanted, climb, stands
from tests.agreements.texts import an_agreement

WATERKANT = an_agreement()
TEAM, DUTY = "linde/linde-team", "linde/linde-duty"
DESK = "welzijn/welzijn-desk"
POINT, REGION = "schakel/coordination-point", "waterkant/regional-duty"
STANDARD = ("contact", "deputy", "coordination-point", "regional-duty")


def ms(local: str) -> int:
    return milliseconds(datetime.fromisoformat(f"{local}+01:00"))


@pytest.mark.parametrize(
    ("urgency", "at", "owed_by", "before", "level", "contact", "skipped"),
    [
        # Office hours: everybody is there.
        ("acute", "2026-11-23T09:00", TEAM, [], 0, TEAM, []),
        # At night the office is not asked, whatever the urgency; acute or not changes who waits, not who is there.
        ("acute", "2026-11-23T20:00", TEAM, [], 1, DUTY, ["outside_hours"]),
        ("urgent", "2026-11-23T20:00", TEAM, [], 1, DUTY, ["outside_hours"]),
        # Routine work waits for its own contact: it is worked on when the office opens.
        ("routine", "2026-11-23T20:00", TEAM, [], 0, TEAM, []),
        ("routine", "2026-12-25T12:00", TEAM, [], 0, TEAM, []),
        # In its hours means the level's hours, not its own: at half past eight the coordination point is there.
        ("routine", "2026-11-23T23:00", POINT, [], 0, POINT, []),
        # A holiday is no working day for who is asked now.
        ("acute", "2026-12-25T12:00", TEAM, [], 1, DUTY, ["outside_hours"]),
        # Whoever was asked before is not asked again on the way.
        ("acute", "2026-11-23T09:00", TEAM, [TEAM], 1, DUTY, ["already_asked"]),
        # No deputy, a coordination point that has gone home: the region, in the same instant.
        ("acute", "2026-11-23T23:00", DESK, [], 3, REGION, ["outside_hours", "nobody", "outside_hours"]),
        ("urgent", "2026-11-23T12:00", POINT, [POINT], 3, REGION, ["already_asked", "nobody", "already_asked"]),
        # Somebody who is no longer in the agreement.
        ("urgent", "2026-11-23T12:00", "linde/gone", [], 2, POINT, ["nobody", "nobody"]),
        # The last level is asked though it was asked before.
        ("acute", "2026-11-23T23:00", TEAM, [TEAM, DUTY, POINT, REGION], 3, REGION, ["already_asked"] * 3),
    ],
)  # fmt: skip
def test_the_first_level_that_answers_is_asked(  # noqa: PLR0913 - a row of the table
    urgency: str, at: str, owed_by: str, before: list[str], level: int, contact: str, skipped: list[str]
) -> None:
    found = climb(STANDARD, 0, Wanted(owed_by, before, ms(at), WATERKANT.level(urgency)), WATERKANT)
    assert (found.level, found.contact) == (level, contact)
    assert [skip.reason.value for skip in found.skipped] == skipped
    assert [skip.level for skip in found.skipped] == list(range(level))
    assert [skip.to for skip in found.skipped] == list(STANDARD[:level])


def test_the_last_level_answers_out_of_its_hours_too() -> None:
    agreement = an_agreement(
        ("title: Regionale achterwacht, channels: [phone], reachable: always",
         "title: Regionale achterwacht, channels: [phone], reachable: office")
    )  # fmt: skip
    found = climb(STANDARD, 3, Wanted(TEAM, [], ms("2026-11-23T23:00"), agreement.level("acute")), agreement)
    assert (found.level, found.contact) == (3, REGION)


def test_a_last_level_that_left_the_agreement_leaves_the_coordination_point() -> None:
    found = climb(
        ("contact", "old-region"),
        1,
        Wanted(TEAM, [], ms("2026-11-23T12:00"), WATERKANT.level("acute")),
        WATERKANT,
    )
    assert (found.level, found.contact) == (1, POINT)


def test_beyond_the_last_level_there_is_only_the_last() -> None:
    found = climb(STANDARD, 9, Wanted(TEAM, [], ms("2026-11-23T12:00"), WATERKANT.level("acute")), WATERKANT)
    assert (found.level, found.contact) == (3, REGION)


def test_a_contact_without_a_channel_is_passed_over() -> None:
    agreement = an_agreement(
        ("channels: [webhook, phone]\n        reachable", "channels: []\n        reachable")
    )
    found = stands("contact", Wanted(TEAM, (), ms("2026-11-23T12:00"), agreement.level("acute")), agreement)
    assert found is SkipReason.NO_CHANNEL
