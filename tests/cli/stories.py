"""The stories that the commands about a case are shown with: a fall that is taken late, and a night after it."""

from __future__ import annotations

from typing import Any

from schemas.coordination import DescribeCase
from schemas.notices import NoticeDelivered
from schemas.signals import GiveFeedback, InterpretSignal
from tests.casework.test_life_story import EVENING, REF, TEAM, a_world
from tests.casework.world import World

OTHER = "case-bbbbbbbbbbbb"


def a_fall_taken_late() -> World:
    """Nobody answers before the deadline; the evening team takes it, and does not reach the practice."""
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], concern=["fall"], urgency="urgent", reporter={"kind": "domestic_help"})
    world.decline(TEAM, "no_capacity", "2026-11-30T13:30")
    world.acknowledge(EVENING, "2026-11-30T13:35")
    world.say(DescribeCase, EVENING, "2026-11-30T13:40", practice="praktijk-lok")
    world.say(
        InterpretSignal, EVENING, "2026-11-30T14:00",
        findings_ref=REF, urgency="acute", findings_for=["gp"], expects_action=True,
    )  # fmt: skip
    text = {"to": "gp", "form": "written", "outcome": "sent", "content_ref": REF}
    world.say(GiveFeedback, EVENING, "2026-11-30T14:05", chars=2000, **text)
    world.say(GiveFeedback, EVENING, "2026-11-30T14:06", chars=480, **text)
    arrived: dict[str, Any] = {
        "notice_id": "n-12345678",
        "of": "FeedbackGiven",
        "to": "praktijk-lok/lok-desk",
    }
    world.word(NoticeDelivered, channel="webhook", text_for="gp", **arrived)
    world.run_until("2026-11-30T14:06")
    world.say(GiveFeedback, EVENING, "2026-11-30T14:10", to="gp", form="phone", outcome="not_reached")
    return world


def three_in_the_morning() -> World:
    """Nothing was decided about that fall, and an acute signal of another case passes along its ladder."""
    world = a_fall_taken_late()
    other = {"case": OTHER, "signal": "sig-bbbbbbbbbbbb"}
    world.report("2026-12-01T02:31", types=["nursing"], concern=["confusion"], urgency="acute", **other)
    asked = world.named("SignalRouted")[-1].data["contact"]
    world.acknowledge("schakel/coordination-point", "2026-12-01T02:33", **other)
    world.decline(asked, "no_capacity", "2026-12-01T02:40", **other)
    world.run_until("2026-12-01T03:00")
    return world
