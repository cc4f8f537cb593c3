"""The directory as lanes have it: the last that was told of each contact, and nothing that cannot be used."""

from __future__ import annotations

import json

import pytest

from schemas.directory import ContactDescribed, Shift
from services.agreements import directory_changes as changes
from services.agreements.directory import Reach, Window
from services.agreements.directory_book import DirectoryBook, times_of
from services.agreements.directory_changes import nothing_told
from tests.schemas.golden import sample_of
from topics.catalogue import DIRECTORY_EVENTS

TEAM, DUTY = "linde/linde-team", "linde/linde-duty"


def take(book: DirectoryBook, described: ContactDescribed, key: str = "") -> object:
    return book.take(
        (key or described.contact).encode(), described.model_dump_json(exclude_none=True).encode(), []
    )


def away(contact: str = TEAM) -> ContactDescribed:
    return changes.absent(nothing_told(contact), 10, 20, None, 0)


def on_duty(from_ms: int, until_ms: int | None, party: str | None = None) -> Shift:
    return Shift(**times_of(Window(from_ms, until_ms)), party=party)


def test_the_book_is_of_the_topic_that_carries_what_it_reads() -> None:
    assert DirectoryBook().topic == DIRECTORY_EVENTS.name
    assert DIRECTORY_EVENTS.carries == (ContactDescribed,)


def test_everything_that_was_told_comes_back_as_it_was_told() -> None:
    described = away()
    described = changes.rota(described, [on_duty(0, 10), on_duty(20, None, "duin")], 0)
    described = changes.reach(described, Window(5, 30), ("phone",), None, 0)
    described = changes.reach(described, Window(6, 7), (), None, 0)
    described = changes.succeeded(described, DUTY, 40, 0)
    book = DirectoryBook()
    assert take(book, described) is None
    directory = book.directory
    assert directory.absences == {TEAM: (Window(10, 20),)}
    assert directory.rotas == {TEAM: (Window(0, 10), Window(20, None))}
    assert [directory.on_duty(TEAM, at_ms) for at_ms in (5, 15, 25)] == [(), (), ("duin",)]
    assert directory.reach == {TEAM: (Reach(Window(5, 30), ("phone",)), Reach(Window(6, 7), ()))}
    assert [directory.meant(TEAM, at_ms) for at_ms in (39, 40)] == [TEAM, DUTY]
    assert book.described(TEAM) == described and book.contacts() == (TEAM,)


def test_the_last_of_a_contact_counts_whole_and_leaves_others_alone() -> None:
    book = DirectoryBook()
    take(book, away(DUTY))
    take(book, changes.rota(away(), (), 0))
    take(book, changes.confirmed(nothing_told(TEAM), 5))
    assert book.directory.absences == {DUTY: (Window(10, 20),)}
    assert book.directory.rotas == {}, "an empty rota is gone when none is told any more"


def test_an_empty_rota_staffs_nobody_and_no_rota_everybody() -> None:
    book = DirectoryBook()
    take(book, changes.rota(nothing_told(TEAM), (), 0))
    assert not book.directory.is_staffed(TEAM, 5)
    take(book, nothing_told(TEAM))
    assert book.directory.is_staffed(TEAM, 5)


def test_a_key_without_a_value_forgets_the_contact() -> None:
    book = DirectoryBook([away(), away(DUTY)])
    assert book.take(TEAM.encode(), None) is None
    assert book.take(b"\xff", None) is None
    assert book.contacts() == (DUTY,) and set(book.directory.absences) == {DUTY}


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (TEAM.encode(), b"{}", "not_a_contact"),
        (TEAM.encode(), b"Jan de Vries, ziek", "not_a_contact"),
        (TEAM.encode(), b'{"contact": "linde/linde-team", "revision": 1}', "not_a_contact"),
        (DUTY.encode(), away().model_dump_json().encode(), "key_differs"),
        (None, away().model_dump_json().encode(), "key_differs"),
    ],
)
def test_what_cannot_be_used_is_kept_out_and_changes_nothing(
    key: bytes | None, value: bytes, reason: str
) -> None:
    book = DirectoryBook([away()])
    kept_out = book.take(key, value, [])
    assert kept_out is not None and (kept_out.reason, kept_out.line) == (reason, 0)
    assert book.directory.absences == {TEAM: (Window(10, 20),)}


def test_a_change_and_a_field_that_a_later_version_adds_are_read_all_the_same() -> None:
    said = sample_of(ContactDescribed).data | {"because": "praised", "added_later": {"any": ["thing"]}}
    book = DirectoryBook([ContactDescribed.model_validate(sample_of(ContactDescribed).data)])
    before = book.directory.absences[TEAM]
    book = DirectoryBook()
    assert book.take(TEAM.encode(), json.dumps(said).encode()) is None
    assert book.directory.absences[TEAM] == before
