"""Who stands on a rung at a moment, and why a level is passed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.deadlines import SkipReason
from services.agreements.directory import Directory, Reach, Successor, Window
from services.agreements.ladder import Wanted, climb, stands
from services.agreements.moments import milliseconds
from services.agreements.sight import may_see
from services.agreements.terms import Terms
from tests.agreements.strategies import EXPERTISE, LADDERS, LEVELS, agreements, directories, moments
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
    assert [(skip.level, skip.reason.value) for skip in found.skipped] == [(1, "nobody")]


def test_beyond_the_last_level_there_is_only_the_last() -> None:
    found = climb(STANDARD, 9, Wanted(TEAM, [], ms("2026-11-23T12:00"), WATERKANT.level("acute")), WATERKANT)
    assert (found.level, found.contact) == (3, REGION)


#: The example with stand-ins beside the team, expertise asked for, and a party that joins, one that leaves.
RICH = an_agreement(
    ("deputy: linde-duty", "deputy: linde-duty\n        stand_ins: [gp-desk, linde-duty]"),
    ("stand_ins:", "overflow: [welzijn-desk]\n        stand_ins:"),
    ("signals:\n", "signals:\n  acute_expertise: {nursing: [nursing], medical: [medicine]}\n"),
    ("kind: region", "kind: region\n    leaves: 2027-01-01"),
    ("kind: social_work", "kind: social_work\n    joins: 2026-12-01"),
)  # fmt: skip
ALL = ("contact", "deputy", "stand_in", "overflow", "coordination-point", "regional-duty")
GP, MORNING = "huisartsen/gp-desk", "2026-11-23T09:00"
AWAY = (Window(ms("2026-11-23T08:00"), ms("2026-11-23T12:00")),)
EVER = (Window(0, None),)


@pytest.mark.parametrize(
    ("to", "urgency", "at", "expertise", "directory", "found"),
    [
        ("contact", "acute", MORNING, (), {}, TEAM),
        ("deputy", "acute", MORNING, (), {}, DUTY),
        ("stand_in", "acute", MORNING, (), {}, GP),
        ("overflow", "acute", "2026-12-01T09:00", (), {}, DESK),
        ("coordination-point", "acute", MORNING, (), {}, POINT),
        ("no-such-contact", "acute", MORNING, (), {}, "nobody"),
        # Absent: its window holds its beginning, not its end; until further notice has no end.
        ("contact", "acute", MORNING, (), {"absences": {TEAM: AWAY}}, "absent"),
        ("contact", "acute", "2026-11-23T12:00", (), {"absences": {TEAM: AWAY}}, TEAM),
        ("contact", "acute", MORNING, (), {"absences": {TEAM: EVER}}, "absent"),
        ("deputy", "acute", MORNING, (), {"absences": {DUTY: AWAY}}, "absent"),
        # Of several stand-ins the next that can; when none can, the reason of the first.
        ("stand_in", "acute", MORNING, (), {"absences": {GP: AWAY}}, DUTY),
        ("stand_in", "acute", MORNING, (), {"absences": {GP: AWAY}, "reach": {DUTY: (Reach(AWAY[0], ()),)}}, "absent"),
        # A rota with nobody on duty; a contact without one is there in its hours.
        ("contact", "acute", MORNING, (), {"rotas": {TEAM: AWAY}}, TEAM),
        ("contact", "acute", "2026-11-23T13:00", (), {"rotas": {TEAM: AWAY}}, "nobody"),
        ("contact", "acute", MORNING, (), {"rotas": {TEAM: ()}}, "nobody"),
        # A rota staffs, it does not open: the hours of the file still hold.
        ("contact", "acute", "2026-11-23T20:00", (), {"rotas": {TEAM: EVER}}, "outside_hours"),
        # Today's reach goes before what was signed.
        ("contact", "acute", MORNING, (), {"reach": {TEAM: (Reach(AWAY[0], ()),)}}, "no_channel"),
        ("contact", "acute", MORNING, (), {"reach": {TEAM: (Reach(AWAY[0], ("phone",)),)}}, TEAM),
        ("contact", "acute", "2026-11-23T12:00", (), {"reach": {TEAM: (Reach(AWAY[0], ()),)}}, TEAM),
        # Parties: one that has not joined yet, one that left, at midnight.
        ("overflow", "acute", "2026-11-30T09:00", (), {}, "takes_no_part"),
        ("regional-duty", "acute", "2026-12-31T23:59", (), {}, REGION),
        ("regional-duty", "acute", "2027-01-01T00:00", (), {}, "takes_no_part"),
        # Work for the office of a party that will be gone when the office opens.
        ("regional-duty", "routine", "2026-12-31T20:00", (), {}, "takes_no_part"),
        # And who has not joined is not told of it beforehand.
        ("overflow", "routine", "2026-11-30T20:00", (), {}, "takes_no_part"),
        # Expertise: its own or its party's, one of what is asked is enough.
        ("contact", "acute", MORNING, ("nursing",), {}, TEAM),
        ("contact", "acute", MORNING, ("medicine",), {}, "no_expertise"),
        ("contact", "acute", MORNING, ("medicine", "wound_care"), {}, TEAM),
        ("stand_in", "acute", MORNING, ("nursing",), {}, DUTY),
        ("coordination-point", "acute", MORNING, ("nursing",), {}, "no_expertise"),
        # Of several reasons the first of the list: what somebody is goes before where it is.
        ("contact", "acute", "2026-11-23T20:00", ("medicine",), {"absences": {TEAM: EVER}}, "no_expertise"),
        # Work that waits for the office asks whether they are there when it opens.
        ("contact", "routine", "2026-11-22T20:00", (), {"absences": {TEAM: AWAY}}, "absent"),
        ("contact", "routine", "2026-11-22T20:00", (), {"absences": {TEAM: (Window(0, AWAY[0].from_ms),)}}, TEAM),
    ],
)  # fmt: skip
def test_a_rung_is_somebody_who_can_be_asked_or_a_reason(  # noqa: PLR0913 - a row of the table
    to: str, urgency: str, at: str, expertise: tuple[str, ...], directory: dict[str, Any], found: str
) -> None:
    wanted = Wanted(TEAM, (), ms(at), RICH.level(urgency), expertise)
    answer = stands(to, wanted, RICH, Directory(**directory))
    assert (answer.value if isinstance(answer, SkipReason) else answer) == found


@pytest.mark.parametrize(
    ("access", "skipped", "contact"),
    [
        # Without a word on access everybody may have a thin notice.
        ("", ["outside_hours"], DUTY),
        ("information: {access: {kinds: {home_care: [content]}}}\n", ["may_not_see"] * 2, POINT),
        ("information: {access: {core: []}}\n", ["may_not_see"] * 3, REGION),
        # The last level is asked all the same: somebody must be.
        ("information: {access: {core: [], shell: []}}\n", ["may_not_see"] * 3, REGION),
    ],
)
def test_who_may_not_see_the_case_is_passed_over(access: str, skipped: list[str], contact: str) -> None:
    agreement = an_agreement(("signals:\n", f"{access}signals:\n"))
    wanted = Wanted(TEAM, (), ms("2026-11-23T20:00"), agreement.level("acute"))
    found = climb(STANDARD, 0, wanted, agreement)
    assert ([skip.reason.value for skip in found.skipped], found.contact) == (skipped, contact)


def test_a_deputy_stands_in_for_types_that_are_not_its_own() -> None:
    """The duty nurse is there for nursing alone; for the team it answers whatever the team was asked."""
    assert WATERKANT.contacts[DUTY].types == frozenset({"nursing"})
    assert not may_see(DUTY, "thin", ("caring",), ms(MORNING), WATERKANT).is_allowed
    assert stands("deputy", Wanted(TEAM, (), ms(MORNING), WATERKANT.level("acute")), WATERKANT) == DUTY


@pytest.mark.parametrize(
    ("urgency", "types", "expertise"),
    [
        ("acute", ("nursing",), {"nursing"}),
        ("acute", ("nursing", "medical"), {"nursing", "medicine"}),
        ("acute", ("social",), set()),
        ("acute", (), set()),
        ("urgent", ("nursing",), set()),
        ("routine", ("medical",), set()),
    ],
)
def test_expertise_is_asked_for_where_the_agreement_says_so(
    urgency: str, types: tuple[str, ...], expertise: set[str]
) -> None:
    assert RICH.expertise_for(RICH.level(urgency), types) == expertise


def test_the_whole_ladder_says_why_each_level_was_passed_over() -> None:
    directory = Directory(absences={TEAM: AWAY}, rotas={DUTY: ()}, reach={POINT: (Reach(AWAY[0], ()),)})
    wanted = Wanted(TEAM, (), ms(MORNING), RICH.level("acute"), ("nursing", "wound_care"))
    found = climb(ALL, 0, wanted, RICH, directory)
    assert [(skip.to, skip.reason.value) for skip in found.skipped] == [
        ("contact", "absent"),
        ("deputy", "nobody"),
        ("stand_in", "no_expertise"),
        ("overflow", "takes_no_part"),
        ("coordination-point", "no_expertise"),
    ]
    assert (found.level, found.contact) == (5, REGION)


def test_a_contact_without_a_channel_is_passed_over() -> None:
    agreement = an_agreement(
        ("channels: [webhook, phone]\n        reachable", "channels: []\n        reachable")
    )
    found = stands("contact", Wanted(TEAM, (), ms("2026-11-23T12:00"), agreement.level("acute")), agreement)
    assert found is SkipReason.NO_CHANNEL


def succeeded(ref: str, by: str, agreement: Terms = WATERKANT) -> tuple[str, list[tuple[int, str, str]]]:
    """Who is asked for a signal of the team by day, when a function ended; and what is told of the levels."""
    directory = Directory(
        absences={DUTY: (Window(0, None),)}, successors={ref: Successor(ms("2026-11-23T08:00"), by)}
    )
    wanted = Wanted(TEAM, (), ms("2026-11-23T09:00"), agreement.level("acute"))
    found = climb(STANDARD, 0, wanted, agreement, directory)
    return found.contact, [(skip.level, skip.to, skip.reason.value) for skip in found.skipped]


@pytest.mark.parametrize(
    ("ref", "by", "asked", "told"),
    [
        # On the same level, and it is said.
        (TEAM, DESK, DESK, [(0, "contact", "succeeded")]),
        # A successor that is away is passed over like anybody.
        (TEAM, DUTY, POINT, [(0, "contact", "absent"), (1, "deputy", "absent")]),
        # A successor that this version does not know is nobody's: the function itself is asked.
        (TEAM, "kade/kade-nurse", TEAM, []),
        # Who is not on the way up makes no difference.
        (REGION, DESK, TEAM, []),
    ],
)
def test_whoever_succeeded_a_function_is_asked_in_its_place(
    ref: str, by: str, asked: str, told: list[tuple[int, str, str]]
) -> None:
    assert succeeded(ref, by) == (asked, told)


def test_the_coordination_point_that_steps_in_is_asked_by_its_successor_s_name() -> None:
    directory = Directory(successors={POINT: Successor(0, DESK)})
    wanted = Wanted(TEAM, (), ms("2026-11-23T09:00"), WATERKANT.level("acute"))
    found = climb(("contact", "gone"), 1, wanted, WATERKANT, directory)
    assert (found.level, found.contact) == (1, DESK)
    assert [(skip.to, skip.reason.value) for skip in found.skipped] == [
        ("gone", "nobody"),
        ("coordination-point", "succeeded"),
    ]


@st.composite
def climbs(draw: st.DrawFn) -> tuple[Terms, tuple[str, ...], int, Wanted, Directory]:
    """Any ladder, from any level, for anybody, at any moment, whoever is away; and rungs of an older version."""
    agreement = draw(agreements())
    anybody = st.sampled_from(("gone/gone", *agreement.contacts))
    rungs = tuple(to for to, _ in agreement.ladders[draw(st.sampled_from(LADDERS))]["acute"].rungs)
    if draw(st.booleans()):
        rungs = (*rungs, "gone")
    wanted = Wanted(
        owed_by=draw(anybody),
        asked_before=draw(st.lists(anybody, max_size=3)),
        at_ms=draw(moments),
        urgency=agreement.levels[draw(st.sampled_from(LEVELS))],
        expertise=draw(st.lists(st.sampled_from(EXPERTISE), max_size=2)),
    )
    return agreement, rungs, draw(st.integers(0, len(rungs) + 1)), wanted, draw(directories(agreement))


@settings(max_examples=120, deadline=None)
@given(climbs())
def test_a_ladder_always_ends_at_somebody_and_says_why_each_level_was_passed_over(
    asked: tuple[Terms, tuple[str, ...], int, Wanted, Directory],
) -> None:
    agreement, rungs, level, wanted, directory = asked
    found = climb(rungs, level, wanted, agreement, directory)
    last = len(rungs) - 1
    begin = min(level, last)
    assert found.contact in agreement.contacts
    assert begin <= found.level <= last
    succeeded = [skip for skip in found.skipped if skip.reason is SkipReason.SUCCEEDED]
    passed = [skip.level for skip in found.skipped if skip not in succeeded]
    is_left_to_the_point = passed[-1:] == [last]
    assert passed == list(range(begin, found.level + is_left_to_the_point)), "each level once, in order"
    point = agreement.coordination_point
    for skip in found.skipped:
        assert skip.reason is not SkipReason.UNKNOWN
        assert skip.to == rungs[skip.level] or (skip in succeeded and is_left_to_the_point)
    assert [skip.level for skip in succeeded] in ([], [found.level]), (
        "who ended is named where its successor is"
    )
    if is_left_to_the_point:
        assert found.contact in {point, directory.meant(point, wanted.at_ms)}
    elif found.level < last:
        contact = agreement.contacts[found.contact]
        assert contact.takes_part(wanted.at_ms)
        assert found.contact not in wanted.asked_before
        assert not wanted.expertise or contact.expertise & set(wanted.expertise)
    assert found == climb(rungs, level, wanted, agreement, directory)
