"""Whose topics there have to be: of whoever takes part now or later, and of nobody who has left."""

from __future__ import annotations

from pathlib import Path

from services.agreements.book import AgreementBook, publication, record_key, usable
from services.cli.parties import parties_of

SMALL = (Path(__file__).resolve().parents[2] / "examples" / "waterkant-small.yaml").read_text(
    encoding="utf-8"
)
BEFORE_MS = 1_700_000_000_000
NOW_MS = 1_795_000_000_000
LINDE = "  - id: linde\n"


def a_book(*texts: str) -> AgreementBook:
    book = AgreementBook()
    for text in texts:
        found = usable(text)
        fact = publication(found, text)
        assert book.take(record_key(found), fact.model_dump_json(exclude_none=True).encode()) is None
    return book


def leaving(text: str, day: str) -> str:
    assert LINDE in text
    return text.replace(LINDE, f"{LINDE}    leaves: {day}\n")


def test_parties_are_those_of_the_version_that_holds() -> None:
    parties = parties_of(a_book(SMALL), NOW_MS)
    assert {"linde", "huisartsen", "schakel"} <= {*parties}
    assert list(parties) == sorted({*parties})


def test_parties_of_an_agreement_to_come_are_among_them_already() -> None:
    assert parties_of(a_book(SMALL), BEFORE_MS) == parties_of(a_book(SMALL), NOW_MS)


def test_a_party_is_none_any_more_from_the_day_it_leaves() -> None:
    book = a_book(leaving(SMALL, "2026-11-10"))
    assert "linde" in parties_of(book, BEFORE_MS)
    assert "linde" not in parties_of(book, NOW_MS)


def test_a_party_of_an_earlier_version_only_is_none_any_more() -> None:
    later = SMALL.replace("version: 1", "version: 2").replace("linde", "lelie")
    assert "linde" not in parties_of(a_book(SMALL, later), NOW_MS)
    assert "lelie" in parties_of(a_book(SMALL, later), NOW_MS)


def test_no_agreement_has_no_parties() -> None:
    assert parties_of(AgreementBook(), NOW_MS) == ()
