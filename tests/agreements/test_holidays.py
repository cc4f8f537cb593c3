"""`seinhuis agreements holidays`: a list to review and to paste, pinned here by hand for 2026-2030."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, datetime

import pytest

from services.agreements.book import usable
from services.agreements.holiday_lists import Holiday, written
from services.agreements.moments import milliseconds
from services.cli.main import main
from tests.agreements.texts import WATERKANT, changed

#: From the calendar, by hand; the weekday is checked too.
EVERYWHERE = """
2026: do 01-01 Nieuwjaarsdag, zo 04-05 Eerste paasdag, ma 04-06 Tweede paasdag, ma 04-27 Koningsdag,
      do 05-14 Hemelvaartsdag, zo 05-24 Eerste pinksterdag, ma 05-25 Tweede pinksterdag, vr 12-25 Eerste kerstdag,
      za 12-26 Tweede kerstdag
2027: vr 01-01 Nieuwjaarsdag, zo 03-28 Eerste paasdag, ma 03-29 Tweede paasdag, di 04-27 Koningsdag,
      do 05-06 Hemelvaartsdag, zo 05-16 Eerste pinksterdag, ma 05-17 Tweede pinksterdag, za 12-25 Eerste kerstdag,
      zo 12-26 Tweede kerstdag
2028: za 01-01 Nieuwjaarsdag, zo 04-16 Eerste paasdag, ma 04-17 Tweede paasdag, do 04-27 Koningsdag,
      do 05-25 Hemelvaartsdag, zo 06-04 Eerste pinksterdag, ma 06-05 Tweede pinksterdag, ma 12-25 Eerste kerstdag,
      di 12-26 Tweede kerstdag
2029: ma 01-01 Nieuwjaarsdag, zo 04-01 Eerste paasdag, ma 04-02 Tweede paasdag, vr 04-27 Koningsdag,
      do 05-10 Hemelvaartsdag, zo 05-20 Eerste pinksterdag, ma 05-21 Tweede pinksterdag, di 12-25 Eerste kerstdag,
      wo 12-26 Tweede kerstdag
2030: di 01-01 Nieuwjaarsdag, zo 04-21 Eerste paasdag, ma 04-22 Tweede paasdag, za 04-27 Koningsdag,
      do 05-30 Hemelvaartsdag, zo 06-09 Eerste pinksterdag, ma 06-10 Tweede pinksterdag, wo 12-25 Eerste kerstdag,
      do 12-26 Tweede kerstdag
"""
TO_CHOOSE = """
2026: vr 04-03 Goede vrijdag, di 05-05 Bevrijdingsdag
2027: vr 03-26 Goede vrijdag, wo 05-05 Bevrijdingsdag
2028: vr 04-14 Goede vrijdag, vr 05-05 Bevrijdingsdag
2029: vr 03-30 Goede vrijdag, za 05-05 Bevrijdingsdag
2030: vr 04-19 Goede vrijdag, zo 05-05 Bevrijdingsdag
"""
_LINE = re.compile(
    r"^      (?P<sign># )?- \{date: (?P<on>[0-9-]{10}), name: (?P<name>[^,]+), source: (?P<source>[^}]+)\}"
    r"  # (?P<weekday>\w+)(?P<reason>; .+)?$"
)
Line = tuple[str, str, str]


def by_hand(table: str) -> set[Line]:
    """(date, name, weekday) of each."""
    found: set[Line] = set()
    for year, days in re.findall(r"(\d{4}): ([^:]+?)(?=\n\d{4}:|\s*$)", table):
        for day in days.split(","):
            weekday, month_day, name = day.split(maxsplit=2)
            found.add((f"{year}-{month_day}", name, weekday))
    return found


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, list[re.Match[str]]]:
    """What the command writes, and each line that is a day."""
    assert main(["agreements", "holidays", *arguments]) == 0
    text = capsys.readouterr().out
    matched = [(line, _LINE.match(line)) for line in text.splitlines()]
    assert all(found or line.startswith("# ") for line, found in matched)
    return text, [found for _, found in matched if found]


def rows(lines: list[re.Match[str]], is_chosen: bool) -> set[Line]:
    return {(one["on"], one["name"], one["weekday"]) for one in lines if bool(one["sign"]) is is_chosen}


def test_the_dutch_holidays_of_2026_to_2030_are_these(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = listed(capsys, "NL", "2026-2030")
    assert rows(lines, is_chosen=False) == by_hand(EVERYWHERE)
    assert rows(lines, is_chosen=True) == by_hand(TO_CHOOSE)
    assert [one["on"] for one in lines] == sorted(one["on"] for one in lines)
    assert len(lines) == 5 * (9 + 2)


def test_every_day_has_a_source_and_those_to_choose_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = listed(capsys, "NL", "2026-2030")
    assert {re.sub(r"[0-9.]+", "N", one["source"]) for one in lines} == {"holidays N (NL)"}
    for one in lines:
        assert bool(one["reason"]) is bool(one["sign"])
    reasons = {one["name"]: one["reason"] for one in lines if one["sign"]}
    assert "geen officiële vrije dag" in reasons["Goede vrijdag"]
    assert "eens in de vijf jaar vrij, in 2030" in reasons["Bevrijdingsdag"]


@pytest.mark.parametrize(
    ("year", "on", "weekday"),
    [("2024", "2024-04-27", "za"), ("2025", "2025-04-26", "za"), ("2031", "2031-04-26", "za")],
)
def test_kings_day_on_a_sunday_is_kept_on_saturday(
    year: str, on: str, weekday: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines = listed(capsys, "NL", year)
    assert [(one["on"], one["weekday"]) for one in lines if one["name"] == "Koningsdag"] == [(on, weekday)]


def test_the_list_is_dutch_or_english_whatever_the_machine_speaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {}
    for locale in ("en_US", "nl", "C"):
        monkeypatch.setenv("LANG", locale)
        monkeypatch.setenv("LANGUAGE", locale)
        texts[locale] = listed(capsys, "nl", "2026")[0]
    assert texts["en_US"] == texts["nl"] == texts["C"]
    english, lines = listed(capsys, "NL", "2026", "--lang", "en")
    assert "for review" in english
    assert ("2026-04-27", "King's Day", "Mon") in rows(lines, is_chosen=False)
    assert ("2026-04-03", "Good Friday", "Fri") in rows(lines, is_chosen=True)


def test_the_list_is_pasted_under_a_calendar_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text, lines = listed(capsys, "NL", "2026-2030")
    holidays = WATERKANT.index("    holidays:\n") + len("    holidays:\n")
    old = WATERKANT[holidays : WATERKANT.index("  daytime:", holidays)]
    pasted = text
    found = usable(changed((old, pasted)))
    office = found.agreement.calendars["office"]
    assert {(f"{one.date}", one.name) for one in office.holidays} == {
        (one["on"], one["name"]) for one in lines if not one["sign"]
    }
    assert all(one.source for one in office.holidays)
    calendar = found.clock.calendars["office"]
    noon = {on: milliseconds(date_at_noon(on)) for on in ("2029-12-26", "2029-12-27", "2029-03-30")}
    assert [calendar.is_open(at_ms) for at_ms in noon.values()] == [False, True, True]


def date_at_noon(on: str) -> datetime:
    return datetime.fromisoformat(f"{on}T12:00+01:00")


@pytest.mark.parametrize("country", ["BE", "DE", "FR", "GB", "US", "PL", "SR", "CW"])
def test_the_list_of_another_country_is_of_the_same_form(
    country: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agreements", "holidays", country, "2026-2030", "--lang", "en"]) == 0
    text = capsys.readouterr().out
    pasted = text
    found = usable(changed(("      - {date: 2026-12-25", f"{pasted}      - {{date: 2031-12-25")))
    assert len(found.agreement.calendars["office"].holidays) > 5 * 5


def test_a_name_that_yaml_would_misread_is_put_between_quotes() -> None:
    names = [
        "Sint, Maarten",
        'Dag van "Vrijheid"',
        "Pasen: eerste dag",
        "# 1",
        "yes",
        "Dag {x}",
        "Back\\slash",
    ]
    text = written(
        "NL",
        "2028",
        [Holiday(date(2028, 1, n + 1), name) for n, name in enumerate(names)],
        "holidays",
        "nl",
    )
    pasted = text
    found = usable(changed(("      - {date: 2026-12-25", f"{pasted}      - {{date: 2026-12-25")))
    assert [one.name for one in found.agreement.calendars["office"].holidays][: len(names)] == names


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["XX", "2026"], "`XX` is no country whose holidays are known"),
        (["Nederland", "2026"], "`Nederland` is no country"),
        (["NL", "2030-2026"], "`2030-2026` runs backwards; write 2026-2030"),
        (["NL", "2026-2046"], "`2026-2046` is more than 20 years; write 2026-2045"),
        (["NL", "1826"], "`1826` is out of reach"),
        (["NL", "2026-"], "`2026-` is no year and no range of years"),
        (["NL", "26"], "`26` is no year and no range of years"),
        (["NL", "2026\n"], "is no year and no range of years"),
    ],
)
def test_what_cannot_be_listed_is_told_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agreements", "holidays", *arguments]) == 2
    told = capsys.readouterr()
    assert sentence in told.err and told.out == ""


def test_one_year_and_twenty_are_both_a_range(capsys: pytest.CaptureFixture[str]) -> None:
    assert {one["on"][:4] for one in listed(capsys, "NL", "2026")[1]} == {"2026"}
    assert len({one["on"][:4] for one in listed(capsys, "NL", "2026-2045")[1]}) == 20


def test_nothing_that_decides_knows_the_library() -> None:
    code = (
        "import sys, services.agreements.book, services.agreements.holiday_lists, services.cli.main; "
        "sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
