"""All versions of all agreements: which one holds when, and what a bad record does not do."""

from __future__ import annotations

import pytest

from services.agreements.book import AgreementBook, NotPublishable, publication, record_key, usable
from services.agreements.terms import Terms
from tests.agreements.texts import WATERKANT, changed

NOVEMBER_MS = 1_793_487_600_000  # 2026-11-01T00:00 in Amsterdam
DAY_MS = 86_400_000


def a_version(version: int, valid_from: str, *changes: tuple[str, str]) -> str:
    return changed(("version: 1", f"version: {version}"), ("2026-11-01 ", f"{valid_from} "), *changes)


def record(text: str) -> tuple[bytes, bytes]:
    found = usable(text)
    return record_key(found), publication(found, text).model_dump_json().encode()


def a_book(*texts: str) -> AgreementBook:
    book = AgreementBook()
    for text in texts:
        book.take(*record(text), [])
    return book


def version(found: Terms | None) -> int | None:
    return None if found is None else found.version


def test_the_book_reads_the_topic_of_its_messages() -> None:
    assert AgreementBook().topic == "agreements.events.v1"


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [
        (NOVEMBER_MS - 1, None),
        (NOVEMBER_MS, 1),
        (NOVEMBER_MS + 30 * DAY_MS - 1, 1),
        (NOVEMBER_MS + 30 * DAY_MS, 2),
        (NOVEMBER_MS + 900 * DAY_MS, 2),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_version_holds_from_its_first_midnight_on(at_ms: int, expected: int | None, order: int) -> None:
    book = a_book(*[a_version(1, "2026-11-01"), a_version(2, "2026-12-01")][::order])
    assert version(book.in_force("de-vlier", at_ms)) == expected


def test_of_two_versions_that_begin_together_the_later_number_holds() -> None:
    book = a_book(a_version(3, "2026-11-01"), a_version(2, "2026-11-01"))
    assert version(book.in_force("de-vlier", NOVEMBER_MS)) == 3


def test_another_partnership_has_its_own_agreement() -> None:
    assert a_book(WATERKANT).in_force("de-kolk", NOVEMBER_MS) is None


def test_every_version_stays() -> None:
    book = a_book(a_version(1, "2026-11-01"), a_version(2, "2026-12-01"), a_version(2, "2026-12-02"))
    assert [found.version for found in book.versions("de-vlier")] == [1, 2]
    assert version(book.in_force("de-vlier", NOVEMBER_MS + 30 * DAY_MS)) == 1


def bad_records() -> dict[str, tuple[bytes | None, bytes | None]]:
    key, value = record(a_version(2, "2026-11-02"))
    return {
        "without_text": (key, None),
        "not_an_agreement": (key, b"\xff{"),
        "not_an_agreement ": (key, value.replace(b"urgency:", b"urgencies:")),
        "root_without_receiver": (key, value.replace(b"receiver: coordination-point\\n  ladder", b"ladder")),
        "record_differs_from_text": (key, value.replace(b'"agreement_version":2', b'"agreement_version":9')),
        "record_differs_from_text ": (b"de-vlier/9", value),
        "record_differs_from_text  ": (None, value),
    }


@pytest.mark.parametrize("reason", list(bad_records()))
def test_a_bad_record_is_counted_and_changes_nothing(reason: str) -> None:
    book = a_book(WATERKANT)
    book.take(*bad_records()[reason], [])
    assert book.kept_out == {reason.strip(): 1}
    assert version(book.in_force("de-vlier", NOVEMBER_MS + 2 * DAY_MS)) == 1


def test_a_field_of_a_later_version_is_no_hindrance() -> None:
    key, value = record(WATERKANT)
    book = AgreementBook()
    book.take(key, value[:-1] + b',"signed_by":3}', [])
    assert not book.kept_out


def test_what_cannot_be_used_is_not_published() -> None:
    with pytest.raises(NotPublishable, match="unknown_contact"):
        usable(changed(("receiver: kolk-entry", "receiver: kolk")))
