"""Who is away, off duty or succeeded is found when somebody is to be asked: the ladder goes on at once and says why."""

from __future__ import annotations

from collections.abc import Callable

from schemas.directory import ContactDescribed, Shift
from services.agreements import directory_changes as changes
from services.agreements.directory import Window
from services.agreements.directory_book import times_of
from services.agreements.directory_changes import nothing_told
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import WATERKANT, World, ms

NURSE, DEPUTY = "linde/linde-nurse", "linde/linde-deputy"
TEAM, DUTY = "linde/linde-team", "linde/linde-duty"
POINT, REGION = "schakel/coordination-point", "waterkant/regional-duty"


def absent(contact: str, begins: str, until: str) -> ContactDescribed:
    """On leave from a moment until another."""
    return changes.absent(nothing_told(contact), ms(begins), ms(until), "leave", ms(begins))


def asked(world: World) -> list[str]:
    """Only who is asked: not the warnings on the way."""
    return [line for line in world.story() if " level " in line or " routed " in line or "refused" in line]


def on_a_saturday_night() -> World:
    """Story E: a nursing signal at ten at night, the signal contact on leave since Friday."""
    world = World(at="2026-11-27T17:00")
    world.publish(VLIER.read_text(encoding="utf-8"), TEMPLATE.read_text(encoding="utf-8"))
    on_leave = absent(NURSE, "2026-11-27T17:00", "2026-12-07T08:00")
    world.describe(on_leave.model_copy(update={"revision": 1}))
    world.report("2026-11-28T22:00", types=["nursing"], urgency="acute")
    return world


def test_a_contact_on_leave_is_skipped_in_the_same_instant_and_the_deputy_asked() -> None:
    world = on_a_saturday_night()
    assert world.story() == [
        "Sat 22:00 reported acute",
        "Sat 22:00 routed to linde/linde-nurse (acute-nursing, rule_matched)",
        "Sat 22:00 acknowledge_signal opened, due Sat 22:15",
        "Sat 22:00 acknowledge_signal level 1 to linde/linde-deputy (unreachable, not contact: absent)",
    ]
    assert world.named("ObligationOpened")[0].data["owed_by"] == NURSE, "what is owed stays with the function"


def test_a_deputy_that_does_not_answer_is_followed_by_the_next_levels_and_then_told_politely() -> None:
    world = on_a_saturday_night()
    world.run_until("2026-11-28T22:30")
    assert asked(world)[2:] == [
        "Sat 22:15 acknowledge_signal level 2 to schakel/coordination-point (no_answer)",
        "Sat 22:30 acknowledge_signal level 3 to waterkant/regional-duty (no_answer)",
    ]
    world.acknowledge(REGION, "2026-11-28T22:34")
    assert "Sat 22:34 acknowledge_signal discharged late" in world.story()
    world.acknowledge(DEPUTY, "2026-11-28T22:36")
    assert asked(world)[-1] == "Sat 22:36 refused AcknowledgeSignal (already_taken)"


def test_a_deputy_that_was_passed_by_may_still_take_it() -> None:
    world = on_a_saturday_night()
    world.acknowledge(DEPUTY, "2026-11-28T22:20")
    assert "Sat 22:20 acknowledged by linde/linde-deputy" in world.story()


def opened_at_nine(
    described: Callable[[], ContactDescribed], at: str = "2026-11-23T09:05", until: str = "2026-11-23T09:30"
) -> list[str]:
    """A signal of nine o'clock, something told of a contact since, and who was asked until a moment."""
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(types=["nursing"])
    world.describe(described(), at)
    world.run_until(until)
    return asked(world)[1:]


def test_who_goes_away_after_the_opening_is_skipped_when_the_rung_fires() -> None:
    assert opened_at_nine(lambda: absent(DUTY, "2026-11-23T09:05", "2026-11-23T18:00")) == [
        "Mon 09:15 acknowledge_signal level 2 to schakel/coordination-point (no_answer, not deputy: absent)",
        "Mon 09:30 acknowledge_signal level 3 to waterkant/regional-duty (no_answer)",
    ]


def test_who_is_back_before_the_rung_fires_is_asked() -> None:
    def back() -> ContactDescribed:
        away = absent(DUTY, "2026-11-23T08:00", "2026-11-23T18:00")
        return changes.back(away, None, ms("2026-11-23T09:10"))

    world = World(WATERKANT, at="2026-11-23T08:00")
    world.describe(absent(DUTY, "2026-11-23T08:00", "2026-11-23T18:00"))
    world.report("2026-11-23T09:00", types=["nursing"])
    world.describe(back(), "2026-11-23T09:10")
    world.run_until("2026-11-23T09:15")
    assert asked(world)[1:] == ["Mon 09:15 acknowledge_signal level 1 to linde/linde-duty (no_answer)"]


def test_a_shared_number_is_asked_within_its_rota_only() -> None:
    def evening() -> ContactDescribed:
        evening = times_of(Window(ms("2026-11-23T17:00"), ms("2026-11-24T08:00")))
        return changes.rota(nothing_told(DUTY), [Shift(**evening)], ms("2026-11-23T09:05"))

    assert opened_at_nine(evening)[0].endswith("(no_answer, not deputy: nobody)")


def test_a_function_that_cannot_be_reached_is_skipped() -> None:
    def without_a_phone() -> ContactDescribed:
        window = Window(ms("2026-11-23T09:05"), None)
        return changes.reach(nothing_told(DUTY), window, (), None, ms("2026-11-23T09:05"))

    assert opened_at_nine(without_a_phone)[0].endswith("(no_answer, not deputy: no_channel)")


def test_a_successor_is_asked_on_the_same_level_and_may_take_it() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    now_ms = ms("2026-11-23T09:00")
    world.describe(changes.succeeded(nothing_told(TEAM), "welzijn/welzijn-desk", None, now_ms))
    world.report(types=["nursing"])
    assert asked(world)[1:] == [
        "Mon 09:00 acknowledge_signal level 0 to welzijn/welzijn-desk (unreachable, not contact: succeeded)"
    ]
    world.acknowledge("welzijn/welzijn-desk", "2026-11-23T09:05")
    assert world.story()[-1] == "Mon 09:05 acknowledge_signal discharged on time"


def test_a_function_that_ends_between_two_rungs_is_asked_by_its_successor_s_name() -> None:
    def ended() -> ContactDescribed:
        return changes.succeeded(nothing_told(REGION), POINT, ms("2026-11-23T09:50"), ms("2026-11-23T09:05"))

    assert opened_at_nine(ended, until="2026-11-23T10:00")[-2:] == [
        "Mon 09:45 acknowledge_signal level 3 to waterkant/regional-duty (no_answer)",
        "Mon 10:00 acknowledge_signal level 3 to schakel/coordination-point (repeated, not regional-duty: succeeded)",
    ]


def test_the_last_level_is_asked_however_many_are_away() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    for contact in (TEAM, DUTY, POINT, REGION):
        world.describe(absent(contact, "2026-11-23T09:00", "2026-11-24T09:00"))
    world.report(types=["nursing"])
    assert asked(world)[1:] == [
        "Mon 09:00 acknowledge_signal level 3 to waterkant/regional-duty "
        "(unreachable, not contact: absent, not deputy: absent, not coordination-point: absent)"
    ]


def test_whoever_is_passed_over_or_asked_by_the_directory_is_named_with_what_was_told() -> None:
    world = on_a_saturday_night()
    world.run_until("2026-11-28T22:15")
    passed_over, next_asked = world.named("ObligationEscalated")
    assert passed_over.data["directory"] == [{"contact": NURSE, "revision": 1}]
    assert next_asked.data["directory"] == [], "nothing was told of the coordination point: as signed"
