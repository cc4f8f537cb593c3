"""The stories of the field from end to end: HTTP in, mail, webhooks and streams out, and the clock turned fast."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.cli.directory.describing import describe
from tests.e2e.town import Town, a_town

ECD = "http"


def test_nobody_answers_and_the_ladder_is_climbed_until_somebody_does(
    tmp_path: Path, embedded_alone: str, postgres: str
) -> None:
    """Story E: Saturday evening, acute, the contact is on leave, and the first two levels stay silent."""
    with a_town(tmp_path, embedded_alone, postgres, start="2026-11-28T22:00:00+01:00", speed=120) as town:
        neighbour = town.party("woonstee")
        kees, point, region = town.party("linde"), town.party("schakel"), town.party("waterkant")
        said = neighbour.say(
            "/v1/signals",
            {
                "urgency": "acute",
                "types": ["nursing"],
                "postcode": "9902",
                "reporter": {"kind": "professional", "party": "woonstee"},
            },
        )
        print(said)
        kees.hears("SignalRouted")
        point.hears("ObligationEscalated")
        region.hears("ObligationEscalated")
