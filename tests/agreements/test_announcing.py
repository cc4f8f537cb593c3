"""A contact that is new, changed or confirmed is announced to the partners it serves, and to no others."""

from __future__ import annotations

from services.agreements.announcing import announced_to
from services.agreements.book import usable
from services.agreements.terms import Terms
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import ms

BEFORE, AFTER = ms("2026-12-01T10:00"), ms("2027-01-04T10:00")


def agreed(announce: str = "true") -> Terms:
    template = TEMPLATE.read_text(encoding="utf-8")
    assert "announce_new: true" in template
    return usable(
        VLIER.read_text(encoding="utf-8"), template.replace("announce_new: true", f"announce_new: {announce}")
    )


def test_it_is_announced_to_the_signal_contact_of_every_other_party() -> None:
    told = announced_to("linde/linde-north", BEFORE, agreed())
    assert {"duin/duin-nurse", "praktijk-lok/lok-desk", "gemeente/wmo-desk"} <= set(told)
    assert not any(one.startswith("linde/") for one in told)
    assert len(told) == len(set(told))


def test_who_has_left_or_not_joined_yet_hears_nothing() -> None:
    assert "vaart/vaart-desk" not in announced_to("linde/linde-north", BEFORE, agreed())
    assert "morgenzorg/morgenzorg-desk" not in announced_to("linde/linde-north", BEFORE, agreed())
    assert "morgenzorg/morgenzorg-desk" in announced_to("linde/linde-north", AFTER, agreed())


def test_where_the_partners_agreed_not_to_nobody_is_told() -> None:
    assert announced_to("linde/linde-north", BEFORE, agreed("false")) == ()


def test_of_a_contact_the_agreement_does_not_know_nobody_is_told() -> None:
    assert announced_to("linde/nobody", BEFORE, agreed()) == ()
