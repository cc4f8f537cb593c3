"""All versions of all agreements: which one holds when, and what a bad record does not do."""

from __future__ import annotations

from functools import cache
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.agreements import AgreementPublished
from services.agreements.book import (
    AgreementBook,
    KeptOut,
    NotPublishable,
    publication,
    record_key,
    usable,
)
from services.agreements.terms import Terms
from tests.agreements.texts import WATERKANT, changed, line_of

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


@pytest.mark.parametrize("order", list(permutations(range(3)))[::2])
def test_a_later_agreement_that_begins_sooner_is_not_undone_by_the_one_it_replaced(
    order: tuple[int, ...],
) -> None:
    texts = [a_version(1, "2026-11-01"), a_version(2, "2026-12-01"), a_version(3, "2026-11-20")]
    book = a_book(*(texts[n] for n in order))
    assert [version(book.in_force("de-vlier", NOVEMBER_MS + day * DAY_MS)) for day in (18, 19, 30)] == [
        1,
        3,
        3,
    ]
    assert [found.version for found in book.reigns("de-vlier")] == [1, 3]
    assert [found.version for found in book.versions("de-vlier")] == [1, 2, 3]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 28)), min_size=1, max_size=3, unique_by=lambda one: one[0]
    ),
    st.integers(0, 30),
)
def test_in_force_is_the_highest_number_of_those_that_have_begun(
    versions: list[tuple[int, int]], day: int
) -> None:
    book = a_book(*(_text(number, first) for number, first in versions))
    at_ms = NOVEMBER_MS + (day - 1) * DAY_MS
    begun = [number for number, first in versions if first <= day]
    assert version(book.in_force("de-vlier", at_ms)) == max(begun, default=None)


@cache
def _text(number: int, day: int) -> str:
    return a_version(number, f"2026-11-{day:02}")


def test_partnerships_are_listed_by_name() -> None:
    kolk = changed(("partnership: de-vlier", "partnership: de-kolk"))
    assert a_book(WATERKANT, kolk).partnerships() == ("de-kolk", "de-vlier")


def bad_records() -> dict[str, tuple[bytes | None, bytes | None, KeptOut]]:
    text = a_version(2, "2026-11-02")
    key, value = record(text)
    unknown = text.replace("timezone:", "time_zone: x\ntimezone:")
    line = line_of(unknown, "time_zone")
    differs = KeptOut("record_differs_from_text")
    return {
        "no text": (key, None, KeptOut("without_text")),
        "no json": (key, b"\xff{", KeptOut("not_an_agreement")),
        "a key this version does not know": (
            key,
            value.replace(b"timezone:", b"time_zone: x\\ntimezone:"),
            KeptOut("unknown_key", line),
        ),
        "an unknown key and something missing": (
            key,
            value.replace(b"urgency:", b"urgencies:"),
            KeptOut("unknown_key", line_of(text, "urgency:")),
        ),
        "a key missing": (
            key,
            value.replace(b"timezone: Europe/Amsterdam", b""),
            KeptOut("missing_key", line_of(text, "meta:")),
        ),
        "no receiver at the root": (
            key,
            value.replace(b"receiver: coordination-point\\n  ladder", b"ladder"),
            KeptOut("root_without_receiver"),
        ),
        "another number": (key, value.replace(b'"agreement_version":2', b'"agreement_version":9'), differs),
        "another key": (b"de-vlier/9", value, differs),
        "no key": (None, value, differs),
        "a template nobody asked for": (
            key,
            value.replace(b'"template_sha256":null', b'"template_sha256":"abc"'),
            differs,
        ),
    }


@pytest.mark.parametrize("name", list(bad_records()))
def test_a_bad_record_is_kept_out_with_its_reason_and_changes_nothing(name: str) -> None:
    book = a_book(WATERKANT)
    key, value, why = bad_records()[name]
    assert book.take(key, value, []) == why
    assert version(book.in_force("de-vlier", NOVEMBER_MS + 2 * DAY_MS)) == 1
    assert [found.version for found in book.versions("de-vlier")] == [1]


def test_a_good_record_is_taken_without_a_word() -> None:
    assert AgreementBook().take(*record(WATERKANT), []) is None


def test_a_fact_without_a_template_is_read_as_it_was_written_before_there_were_any() -> None:
    key, value = record(WATERKANT)
    before = AgreementPublished.model_validate_json(value).model_dump_json(exclude_none=True)
    assert "template" not in before
    assert AgreementBook().take(key, before.encode(), []) is None


def test_a_field_of_a_later_version_is_no_hindrance() -> None:
    key, value = record(WATERKANT)
    assert AgreementBook().take(key, value[:-1] + b',"signed_by":3}', []) is None


def test_what_cannot_be_used_is_not_published() -> None:
    with pytest.raises(NotPublishable, match="unknown_contact"):
        usable(changed(("receiver: kolk-entry", "receiver: kolk")))


# -- a patient book ----------------------------------------------------------------------------------


def a_patient_book(*records_: tuple[bytes | None, bytes | None]) -> AgreementBook:
    book = AgreementBook(is_patient=True)
    for key, value in records_:
        book.take(key, value, [])
    return book


@pytest.fixture
def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that a book reads, in order."""
    seen: list[str] = []

    def noted(text: str, template: str | None = None) -> Terms:
        seen.append(text)
        return usable(text, template)

    monkeypatch.setattr("services.agreements.book.usable", noted)
    return seen


def test_a_patient_book_reads_no_version_before_it_is_asked_for(texts_read: list[str]) -> None:
    texts = [a_version(n, f"2026-11-0{n}") for n in (1, 2, 3, 4)]
    book = a_patient_book(*map(record, texts))
    assert texts_read == []
    assert book.caught_up() == []
    assert sorted(texts_read) == sorted(texts[-2:]), "what holds, and what is published ahead"
    assert version(book.in_force("de-vlier", NOVEMBER_MS + 9 * DAY_MS)) == 4
    assert len(texts_read) == 2
    assert version(book.version("de-vlier", 1)) == 1, "an obligation was opened under it"
    assert texts_read[2:] == texts[:1]


def test_a_patient_book_says_of_what_is_newest_why_it_cannot_be_used() -> None:
    key, value, why = bad_records()["a key this version does not know"]
    book = a_patient_book(record(WATERKANT), (key, value))
    assert book.caught_up() == [(key, why)]
    assert book.caught_up() == []
    assert version(book.in_force("de-vlier", NOVEMBER_MS + 2 * DAY_MS)) == 1


@cache
def told() -> tuple[tuple[bytes | None, bytes | None], ...]:
    """Records good and bad, of versions that replace each other in every way."""
    days = ("2026-11-01", "2026-11-02", "2026-11-03")
    good = [record(a_version(n, day)) for n in (1, 2, 3) for day in days]
    return (*good, *((key, value) for key, value, _ in bad_records().values()))


@cache
def read_once(text: str, template: str | None = None) -> Terms | NotPublishable:
    try:
        return usable(text, template)
    except NotPublishable as error:
        return error


def quickly(text: str, template: str | None = None) -> Terms:
    found = read_once(text, template)
    if isinstance(found, NotPublishable):
        raise found
    return found


Asked = tuple[object, ...]


def answers(book: AgreementBook) -> dict[str, Asked]:
    """Everything a book can be asked."""
    return {
        "in force": tuple(
            version(book.in_force("de-vlier", NOVEMBER_MS + n * DAY_MS)) for n in (-1, 0, 1, 2, 9)
        ),
        "version": tuple(book.version("de-vlier", number) for number in (1, 2, 3, 9)),
        "versions": book.versions("de-vlier"),
        "reigns": book.reigns("de-vlier"),
        "partnerships": book.partnerships(),
    }


@settings(max_examples=200)
@given(
    taken=st.lists(st.integers(0, len(told()) - 1), max_size=6),
    asked=st.permutations(["in force", "version", "versions", "reigns", "partnerships"]),
    caught_up_after=st.integers(0, 6),
)
def test_a_patient_book_answers_as_any_other(
    taken: list[int], asked: list[str], caught_up_after: int
) -> None:
    """Whatever is told, whatever is asked first, and whether it has caught up meanwhile or not."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("services.agreements.book.usable", quickly)
        eager, patient = AgreementBook(), AgreementBook(is_patient=True)
        for n, one in enumerate(taken):
            eager.take(*told()[one], [])
            patient.take(*told()[one], [])
            if n == caught_up_after:
                patient.caught_up()
        expected = answers(eager)
        for name in asked:
            assert answers(patient)[name] == expected[name]
