"""What may be published beside what is: every reason to refuse, and the moment from which a lead is too short."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from schemas.agreements import AgreementPublished
from services.agreements.admission import LEAD_MS, Admission, admit, neighbours
from services.agreements.book import AgreementBook, publication, record_key, usable
from tests.agreements.texts import changed
from tests.casework.world import ms

#: A version of a table: number, first day.
Version = tuple[int, str]


@cache
def text_of(number: int, day: str, partnership: str = "de-vlier") -> str:
    return changed(
        ("partnership: de-vlier", f"partnership: {partnership}"),
        ("version: 1", f"version: {number}"),
        ("valid_from: 2026-11-01", f"valid_from: {day}"),
    )


def a_book(*versions: tuple[int, str, str]) -> tuple[AgreementBook, dict[str, AgreementPublished]]:
    book, facts = AgreementBook(), {}
    for number, day, partnership in versions:
        text = text_of(number, day, partnership)
        found = usable(text)
        facts[f"{partnership}/{number}"] = fact = publication(found, text)
        assert book.take(record_key(found), fact.model_dump_json().encode()) is None
    return book, facts


def admitted(new: Version, at: str, *before: Version, text: str | None = None) -> Admission:
    book, facts = a_book(*((number, day, "de-vlier") for number, day in before))
    taken = {number: facts[f"de-vlier/{number}"] for number, _ in before}
    said = text or text_of(*new)
    found = usable(said)
    return admit(publication(found, said), found, taken, book, ms(at))


@pytest.mark.parametrize(
    ("new", "at", "before", "expected"),
    [
        pytest.param((1, "2026-11-01"), "2026-11-20T09:00", [], "new", id="a first may begin in the past"),
        pytest.param((7, "2026-11-01"), "2026-11-20T09:00", [], "new", id="a first may have any number"),
        pytest.param(
            (1, "2026-11-01"), "2026-11-20T09:00", [(1, "2026-11-01")], "kept", id="the same again is kept"
        ),
        pytest.param(
            (2, "2026-12-01"), "2026-11-30T23:58:59", [(1, "2026-11-01")], "new", id="a minute and a second"
        ),
        pytest.param(
            (2, "2026-12-01"), "2026-11-30T23:59:00", [(1, "2026-11-01")], "new", id="a minute to the second"
        ),
        pytest.param(
            (2, "2026-12-01"),
            "2026-11-30T23:59:01",
            [(1, "2026-11-01")],
            "lead_too_short",
            id="less than a minute",
        ),
        pytest.param(
            (2, "2026-11-01"),
            "2026-11-20T09:00",
            [(1, "2026-11-01")],
            "lead_too_short",
            id="nothing that was decided is decided anew",
        ),
        pytest.param(
            (2, "2026-11-01"),
            "2026-11-20T09:00",
            [(1, "2026-12-01")],
            "new",
            id="while nothing holds a next one may begin in the past",
        ),
        pytest.param(
            (2, "2026-11-01"),
            "2026-11-30T23:59:30",
            [(1, "2026-12-01")],
            "lead_too_short",
            id="what will hold within the minute holds",
        ),
        pytest.param(
            (2, "2026-12-01"),
            "2026-11-20T09:00",
            [(1, "2026-11-01"), (3, "2027-01-01")],
            "number_not_higher",
            id="numbers count up",
        ),
        pytest.param(
            (3, "2026-12-01"),
            "2026-11-20T09:00",
            [(1, "2026-11-01"), (2, "2027-01-01")],
            "new",
            id="a later agreement may begin sooner than the one it replaces",
        ),
        pytest.param(
            (1, "2026-11-02"), "2026-11-20T09:00", [(1, "2026-11-01")], "another_text", id="another text"
        ),
    ],
)
def test_version_is_admitted_or_refused_with_its_reason(
    new: Version, at: str, before: list[Version], expected: str
) -> None:
    admission = admitted(new, at, *before)
    assert (admission.refused.reason if admission.refused else admission.did) == expected
    assert (admission.refused is None) == (admission.did != "refused")


def test_refusal_names_the_way_out() -> None:
    refused = admitted((2, "2026-11-01"), "2026-11-30T23:59:01", (1, "2026-11-01")).refused
    assert refused is not None
    assert (refused.highest, refused.first_day) == (1, date(2026, 12, 2))
    way_out = admitted((2, str(refused.first_day)), "2026-11-30T23:59:01", (1, "2026-11-01"))
    assert way_out.did == "new"


@pytest.mark.parametrize("at", ["2026-11-30T23:59:00", "2026-11-30T23:58:00", "2026-11-30T00:00:00"])
def test_first_day_that_leaves_the_lead_is_the_next_whenever_it_does(at: str) -> None:
    refused = admitted((2, "2026-11-01"), at, (1, "2026-11-01")).refused
    assert refused is not None and refused.first_day == date(2026, 12, 1)
    assert ms("2026-12-01T00:00") - ms(at) >= LEAD_MS


def test_number_that_something_unreadable_has_is_not_taken_again() -> None:
    text = text_of(2, "2026-12-01")
    found = usable(text)
    admission = admit(publication(found, text), found, {2: None}, AgreementBook(), ms("2026-11-20T09:00"))
    assert admission.refused is not None and admission.refused.reason == "number_unreadable"


def test_one_byte_makes_another_text() -> None:
    said = text_of(1, "2026-11-01") + "\n"
    refused = admitted((1, "2026-11-01"), "2026-11-20T09:00", (1, "2026-11-01"), text=said).refused
    assert refused is not None and refused.reason == "another_text"


def test_neighbours_are_all_that_hold_from_its_start_on() -> None:
    book, _ = a_book(
        (1, "2026-11-01", "de-kolk"),
        (2, "2026-12-01", "de-kolk"),
        (3, "2027-01-01", "de-kolk"),
        (1, "2026-11-01", "de-vlier"),
    )
    found = usable(text_of(2, "2026-12-15"))
    beside = neighbours(found, book, ms("2026-11-20T09:00"))
    assert [(one.partnership, one.version) for one in beside] == [("de-kolk", 2), ("de-kolk", 3)]
    begun = neighbours(usable(text_of(2, "2026-11-01")), book, ms("2026-11-20T09:00"))
    assert [one.version for one in begun] == [1, 2, 3]
