"""Lengths of time, days and hours as people say them."""

from __future__ import annotations

from datetime import date

import pytest

from services.agreements.calendars import parse_week
from services.agreements.explain import lengths
from services.agreements.periods import parse_period
from services.agreements.times import parse_span


@pytest.mark.parametrize(
    ("written", "dutch", "english"),
    [
        ("PT15M", "15 minuten, dag en nacht", "15 minutes, day and night"),
        ("PT1M", "1 minuut, dag en nacht", "1 minute, day and night"),
        ("PT2H", "2 uur, dag en nacht", "2 hours, day and night"),
        ("PT1H30M", "1 uur en 30 minuten, dag en nacht", "1 hour and 30 minutes, day and night"),
        ("PT24H", "24 uur, dag en nacht", "24 hours, day and night"),
        ({"days": 1, "counting": "elapsed"}, "24 uur, dag en nacht", "24 hours, day and night"),
        ({"days": 7, "counting": "elapsed"}, "7 dagen van 24 uur, dag en nacht",
         "7 days of 24 hours, day and night"),
        ({"days": 1, "counting": "calendar"}, "1 kalenderdag, tot dezelfde tijd op de klok",
         "1 calendar day, to the same time on the clock"),
        ({"working_days": 2, "calendar": "office"}, "2 werkdagen volgens de kalender kantoor",
         "2 working days by the office calendar"),
        ({"working_hours": 1, "calendar": "office"}, "1 werkuur volgens de kalender kantoor",
         "1 working hour by the office calendar"),
        ({"working_hours": 4, "calendar": "market"}, "4 werkuren volgens de kalender ‘market’",
         "4 working hours by the ‘market’ calendar"),
    ],
)  # fmt: skip
def test_a_length_says_how_it_is_counted(written: object, dutch: str, english: str) -> None:
    assert lengths.long(parse_span(written), "nl") == dutch
    assert lengths.long(parse_span(written), "en") == english


def test_waits_are_added_up_by_their_kind() -> None:
    waits = [
        parse_span(one)
        for one in ("PT15M", "PT45M", {"working_hours": 4, "calendar": "office"}, "PT30M",
                    {"working_hours": 4, "calendar": "office"}, {"working_days": 1, "calendar": "office"})
    ]  # fmt: skip
    assert lengths.total(waits, "nl") == "1 uur en 30 minuten en 8 werkuren en 1 werkdag"
    assert lengths.total(waits[:2], "en") == "1 hour"


@pytest.mark.parametrize(
    ("written", "dutch", "english"),
    [
        ("PT15M", "elke 15 minuten", "every 15 minutes"),
        ("PT1H", "elk uur", "every hour"),
        ("PT1H30M", "elke 1 uur en 30 minuten", "every 1 hour and 30 minutes"),
        ({"working_days": 1, "calendar": "office"}, "elke werkdag", "every working day"),
    ],
)
def test_a_repetition_sounds_like_speech(written: object, dutch: str, english: str) -> None:
    assert lengths.again(parse_span(written), "nl") == dutch
    assert lengths.again(parse_span(written), "en") == english


@pytest.mark.parametrize(
    ("written", "dutch", "english"),
    [
        ("P1Y", "elk jaar", "every year"),
        ("P6W", "elke 6 weken", "every 6 weeks"),
        ("P1M", "elke maand", "every month"),
    ],
)
def test_a_rhythm_sounds_like_speech(written: str, dutch: str, english: str) -> None:
    assert lengths.every(parse_period(written), "nl") == dutch
    assert lengths.every(parse_period(written), "en") == english


def test_days_with_the_same_hours_are_told_together() -> None:
    week = parse_week({"mon-thu": "08:30-12:30, 13:00-17:00", "fri": "22:00-07:00", "sun": "00:00-24:00"})
    assert lengths.week(week, "nl") == [
        "maandag tot en met donderdag 08:30–12:30 en 13:00–17:00",
        "vrijdag 22:00–07:00 de volgende dag",
        "zondag de hele dag",
    ]
    assert lengths.week(week, "en")[0] == "Monday to Thursday 08:30–12:30 and 13:00–17:00"


def test_a_day_has_its_name_in_the_language_of_the_page() -> None:
    assert lengths.weekday(date(2026, 12, 25), "nl") == "vrijdag 25 december 2026"
    assert lengths.weekday(date(2027, 3, 26), "en") == "Friday 26 March 2027"
