"""The file of absences, rotas and reach: days are whole days in the agreement's zone, all faults are told at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.directory import Directory, Reach, Window
from services.agreements.directory_file import read_directory
from services.agreements.moments import milliseconds
from services.agreements.sentences import say
from tests.agreements.texts import an_agreement

KNOWN = an_agreement()
TEAM = "linde/linde-team"


def ms(text: str) -> int:
    """A moment in UTC."""
    return milliseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


def one_absence(times: str) -> Window:
    """The window of an absence with these times."""
    told = read_directory(f"absences: [{{contact: linde-team, {times}}}]", KNOWN)
    assert told.findings == () and told.directory is not None
    (window,) = told.directory.absences[TEAM]
    return window


@pytest.mark.parametrize(
    ("times", "from_utc", "until_utc"),
    [
        # Days are whole: up to and including the last.
        ("from: 2026-12-24, until: 2027-01-02", "2026-12-23T23:00", "2027-01-02T23:00"),
        ("from: 2026-12-24, until: 2026-12-24", "2026-12-23T23:00", "2026-12-24T23:00"),
        # The day of each clock change, 25 and 23 hours long.
        ("from: 2026-10-25, until: 2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("from: 2027-03-28, until: 2027-03-28", "2027-03-27T23:00", "2027-03-28T22:00"),
        # A moment ends when it says.
        (
            "from: '2026-12-24T17:00:00+01:00', until: 2026-12-25T08:30:00Z",
            "2026-12-24T16:00",
            "2026-12-25T08:30",
        ),
        (
            "from: 2026-10-25 02:30+02:00, until: 2026-10-25t02:30+01:00",
            "2026-10-25T00:30",
            "2026-10-25T01:30",
        ),
        # A day and a moment go together.
        ("from: 2026-12-24, until: 2026-12-24T12:00+01:00", "2026-12-23T23:00", "2026-12-24T11:00"),
    ],
)
def test_a_day_is_whole_and_a_moment_is_itself(times: str, from_utc: str, until_utc: str) -> None:
    assert one_absence(times) == Window(ms(from_utc), ms(until_utc))


def test_without_an_end_it_is_until_further_notice() -> None:
    assert one_absence("from: 2026-12-24") == Window(ms("2026-12-23T23:00"), None)


def test_all_three_parts_are_read_by_contact_in_the_order_of_the_file() -> None:
    told = read_directory(
        """
absences:
  - {contact: linde-team, from: 2026-12-01, until: 2026-12-01, reason: holiday}
  - {contact: linde/linde-team, from: 2026-12-03, until: 2026-12-03}
rotas:
  - {contact: linde-duty, from: 2026-12-01}
reach:
  - {contact: linde-team, channels: [phone], from: 2026-12-01}
  - {contact: linde-team, channels: [], from: 2026-12-02}
""",
        KNOWN,
    )
    first = ms("2026-11-30T23:00")
    day = 86_400_000
    assert told.directory == Directory(
        absences={TEAM: (Window(first, first + day), Window(first + 2 * day, first + 3 * day))},
        rotas={"linde/linde-duty": (Window(first, None),)},
        reach={TEAM: (Reach(Window(first, None), ("phone",)), Reach(Window(first + day, None), ()))},
        revisions={TEAM: 0, "linde/linde-duty": 0},  # a file is no revision of what was told
    )
    assert told.directory.channels(TEAM, first, ("webhook",)) == ("phone",)
    assert told.directory.channels(TEAM, first + day, ("webhook",)) == ()


def test_the_shipped_file_goes_with_the_small_example() -> None:
    shipped = Path(__file__).resolve().parents[2] / "examples" / "waterkant-small-directory.yaml"
    told = read_directory(shipped.read_text(encoding="utf-8"), KNOWN)
    assert told.findings == () and told.directory is not None
    assert told.directory.absences and told.directory.rotas and told.directory.reach


FAULTS = [
    ("absences: [{contact: linde-tem, from: 2026-12-24}]", "unknown_contact", "linde-team"),
    ("absences: [{contact: huisartsen/linde-team, from: 2026-12-24}]", "unknown_contact", "linde/linde-team"),
    ("reach: [{contact: linde-team, channels: [fax], from: 2026-12-24}]", "unknown_channel", "`fax`"),
    (
        "rotas: [{contact: linde-team, from: 2026-12-24, until: 2026-12-23}]",
        "ends_before_it_begins",
        "`from`",
    ),
    (
        "rotas: [{contact: linde-team, from: 2026-12-24T12:00Z, until: 2026-12-24T12:00Z}]",
        "ends_before_it_begins",
        "",
    ),
    (
        "rotas: [{contact: linde-team, from: 2026-12-24, party: welzijn}]",
        "not_staffed_by",
        "who do: linde",
    ),
    ("absences: [{contact: linde-team, from: 2026-02-30}]", "not_a_day_or_moment", "2026-12-24"),
    ("absences: [{contact: linde-team, from: 2026-12-24T17:00:00}]", "not_a_day_or_moment", "offset"),
    ("absences: [{contact: linde-team, from: 24-12-2026}]", "not_a_day_or_moment", "24-12-2026"),
    ("absences: [{contact: linde-team, from: 20261224}]", "not_a_day_or_moment", "20261224"),
    ("absences: [{contact: linde-team, from: 0001-01-01}]", "not_a_day_or_moment", "0001"),
    ("absences: [{contact: linde-team, from: 2026-12-24T25:00Z}]", "not_a_day_or_moment", "T25"),
    ("absences: [{contact: linde-team, from: [2026-12-24]}]", "not_a_day_or_moment", "2026"),
    ("absences: [{contact: linde-team}]", "missing_key", "`from`"),
    ("absences: [{from: 2026-12-24}]", "missing_key", "`contact`"),
    ("absences: [{contact: linde-team, from: 2026-12-24, until: }]", "no_value", "filled in"),
    ("absences: [{contact: linde-team, from: 2026-12-24, name: Jan}]", "unknown_key", "`name`"),
    (
        "absences: [{contact: linde-team, from: 2026-12-24, reason: Ziek sinds maandag}]",
        "not_a_name",
        "small letters",
    ),
    ("absences: {contact: linde-team}", "not_a_list", "a list"),
    ("reach: [{contact: linde-team, from: 2026-12-24}]", "missing_key", "`channels`"),
    ("reach: [{contact: 5, channels: phone, from: 2026-12-24}]", "not_a_list", "a list"),
    ("afwezig: []", "unknown_key", "`afwezig`"),
    ("", "empty", "nothing"),
    ("absences: [", "not_yaml", "YAML"),
    ("absences: &a []", "anchor", "`&a`"),
]


@pytest.mark.parametrize(("text", "code", "words"), FAULTS)
def test_a_fault_is_told_on_its_line(text: str, code: str, words: str) -> None:
    told = read_directory(f"# a remark\n{text}\n", KNOWN)
    assert told.directory is None
    (found,) = [finding for finding in told.findings if finding.code == code]
    assert words in say(found, "en") and say(found, "nl")
    assert found.line == (1 if code == "empty" else 3 if code == "not_yaml" else 2)


def test_all_faults_are_told_at_once() -> None:
    text = """absences:
  - {contact: nobody, from: 2026-12-24, until: 2026-12-01}
reach:
  - {contact: linde-team, channels: [phone, fax], from: 2026-12-24}
"""
    told = [(found.line, found.column, found.code) for found in read_directory(text, KNOWN).findings]
    assert told == [(2, 15, "unknown_contact"), (2, 48, "ends_before_it_begins"), (4, 45, "unknown_channel")]


LINES = st.fixed_dictionaries(
    {"contact": st.sampled_from(["linde-team", TEAM, "gp-desk", "x", "", "linde/", "5"])},
    optional={
        "from": st.sampled_from(
            ["2026-12-24", "2026-12-24T10:00Z", "2099-12-31", "2099-12-31T23:59+23:59", "x", "2026"]
        ),
        "until": st.sampled_from(["2026-12-24", "2099-12-31", "2026-12-24T24:00Z", "~", "[]", "{}", "true"]),
        "channels": st.sampled_from(["[]", "[phone]", "phone", "[5]", "{}"]),
        "reason": st.sampled_from(["holiday", "Some One", "[]"]),
    },
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["absences", "rotas", "reach", "other"]), st.lists(LINES, max_size=2)))
def test_no_file_makes_reading_fail(parts: dict[str, list[dict[str, str]]]) -> None:
    text = ""
    for name, lines in parts.items():
        listed = (", ".join(f"{key}: {value}" for key, value in line.items()) for line in lines)
        text += f"{name}: [{', '.join(f'{{{line}}}' for line in listed)}]\n"
    told = read_directory(text, KNOWN)
    assert (told.directory is None) == bool(told.findings)
    assert all(say(found, "nl") and say(found, "en") for found in told.findings)
