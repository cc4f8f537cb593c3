"""Whose people hear and read for a function that several parties staff, and who may act as it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.agreements.book import usable
from services.agreements.directory import AS_SIGNED, Directory, Shift, Window
from services.agreements.staff import parties_of, staff_of
from services.agreements.terms import Terms
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import ms

NIGHT, MAILGROUP, WOUNDS = "linde/night-team", "welzijn/vlier-mailgroup", "noorderdok/wound-team"
DUIN_TONIGHT = Window(ms("2026-12-01T23:00"), ms("2026-12-02T07:00"))
TONIGHT, TOMORROW = ms("2026-12-02T03:00"), ms("2026-12-03T03:00")
ROTA = Directory(
    rotas={NIGHT: (DUIN_TONIGHT,)},
    shifts={NIGHT: (Shift(DUIN_TONIGHT, "duin"), Shift(DUIN_TONIGHT, "praktijk-lok"))},
)


@pytest.fixture(scope="module")
def vlier() -> Terms:
    return usable(VLIER.read_text(encoding="utf-8"), TEMPLATE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("why", "contact", "at_ms", "directory", "parties"),
    [
        ("one party's own", "duin/duin-nurse", TONIGHT, ROTA, ["duin"]),
        ("the shift says whose, of those that staff it", NIGHT, TONIGHT, ROTA, ["linde", "duin"]),
        ("outside that shift", NIGHT, TOMORROW, ROTA, ["linde"]),
        ("a rota that says nobody's", NIGHT, TONIGHT, Directory(rotas={NIGHT: (DUIN_TONIGHT,)}), ["linde"]),
        ("no rota at all", NIGHT, TONIGHT, AS_SIGNED, ["linde"]),
        ("a group", MAILGROUP, TONIGHT, AS_SIGNED, ["welzijn", "linde", "duin", "kade"]),
        ("a team of two parties", WOUNDS, TONIGHT, AS_SIGNED, ["noorderdok", "linde"]),
        ("a function that is gone", "duin/was-here", TONIGHT, ROTA, ["duin"]),
    ],
)
def test_staff_hears_who_has_to_know(  # noqa: PLR0913 - a line of the table
    vlier: Terms, why: str, contact: str, at_ms: int, directory: Directory, parties: list[str]
) -> None:
    assert list(staff_of(contact, at_ms, vlier, directory)) == parties, why


def test_staff_that_left_hears_nothing_any_more(vlier: Terms) -> None:
    rota = Directory(shifts={NIGHT: (Shift(DUIN_TONIGHT, "kade"),)})
    assert staff_of(NIGHT, TONIGHT, vlier, rota) == ("linde", "kade")
    without_kade = {
        ref: one._replace(until_ms=TONIGHT) if one.party == "kade" else one
        for ref, one in vlier.contacts.items()
    }
    assert staff_of(NIGHT, TONIGHT, replace(vlier, contacts=without_kade), rota) == ("linde",)


def test_staff_may_act_whoever_is_on_duty(vlier: Terms) -> None:
    assert parties_of(NIGHT, vlier) == ("linde", "duin", "kade")
    assert parties_of("duin/duin-nurse", vlier) == ("duin",)
