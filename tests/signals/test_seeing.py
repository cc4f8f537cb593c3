"""Signals of one case see each other inside the circle and on a ground only (S000-54, S000-55)."""

from __future__ import annotations

import pytest

from services.agreements.book import usable
from services.agreements.terms import Terms
from services.signals.seeing import Seen, visible_signals
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import ms

NOW_MS = ms("2026-12-01T10:00")
SEEN = (
    Seen("sig-nursing", ("nursing",), ("linde", "schakel")),
    Seen("sig-social", ("social",), ("welzijn",)),
    Seen("sig-medical", ("medical",), ("praktijk-lok",)),
)


AGREED = "  see_each_other: {inside: circle, on_ground: true}\n"


def agreed(see: str) -> Terms:
    template = TEMPLATE.read_text(encoding="utf-8")
    assert template.count(AGREED) == 1
    return usable(VLIER.read_text(encoding="utf-8"), template.replace(AGREED, see))


ON_GROUND, NOT_AGREED = agreed(AGREED), agreed("")
IN_CIRCLE = agreed(AGREED.replace("true", "false"))


def seen(party: str, agreement: Terms = ON_GROUND, grounds: tuple[str, ...] = ()) -> dict[str, str]:
    found = visible_signals(SEEN, party, NOW_MS, agreement, grounds)
    return {signal.removeprefix("sig-"): one.because for signal, one in found.items() if one.is_allowed}


def test_whoever_takes_part_in_a_signal_sees_it_and_no_other_without_a_ground() -> None:
    assert seen("linde") == {"nursing": "takes_part"}


def test_a_recorded_ground_opens_that_signal_alone_and_to_the_circle_alone() -> None:
    assert seen("linde", grounds=("sig-social",)).keys() == {"nursing", "social"}
    assert seen("woonstee", grounds=("sig-social",)) == {}


def test_where_no_ground_is_asked_for_the_circle_is_enough() -> None:
    assert seen("linde", IN_CIRCLE).keys() >= {"nursing", "social"}


def test_without_an_agreement_on_it_nothing_comes_together() -> None:
    assert seen("linde", NOT_AGREED, ("sig-social", "sig-medical")) == {"nursing": "takes_part"}


@pytest.mark.parametrize("party", ["politie", "kolk", "nobody-of-that-name"])
def test_outside_the_circle_nobody_learns_even_that_there_is_a_case(party: str) -> None:
    found = visible_signals(SEEN, party, NOW_MS, IN_CIRCLE, [one.id for one in SEEN])
    assert {(one.is_allowed, one.because) for one in found.values()} == {(False, "outside_circle")}
