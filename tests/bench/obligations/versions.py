"""How long a worker reads agreements before its lanes open, when hundreds of versions are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from hashlib import sha256

from schemas.agreements import AgreementPublished
from services.agreements.book import AgreementBook, publication, usable
from tests.bench.bounds import Bound
from tests.bench.obligations.outcome import Outcome
from tests.bench.obligations.told import Judged
from tests.bench.watch import ROOT

READ_MOST_S = 5.0
_PLACE = ROOT / "examples" / "waterkant"
#: Of so many versions a book that reads everything is measured: the others take as long.
_EAGER = 10


def run(count: int) -> Outcome:
    """The larger example published so many times, each version valid a day after the one before it."""
    records = list(_records(count))
    start_s = time.process_time()
    eager = AgreementBook()
    for record in records[-_EAGER:]:
        eager.take(*record, [])
    eager_s = (time.process_time() - start_s) * count / _EAGER
    start_s = time.process_time()
    patient = AgreementBook(is_patient=True)
    for record in records:
        patient.take(*record, [])
    kept_out = patient.caught_up()
    patient_s = time.process_time() - start_s
    start_s = time.process_time()
    asked = patient.version(eager.partnerships()[0], 1)
    asked_s = time.process_time() - start_s
    wrong = len(kept_out) + (asked is None or asked.version != 1)
    line = {
        "scene": "versions",
        "versions": count,
        "all_read_s": round(eager_s, 1),
        "one_asked_s": round(asked_s, 3),
    }
    return Outcome(line, [Bound("cpu_s", patient_s, READ_MOST_S), Bound("wrong", wrong, 0)], Judged())


def _records(count: int) -> Iterator[tuple[bytes, bytes]]:
    text = (_PLACE / "de-vlier.yaml").read_text(encoding="utf-8")
    template = (_PLACE / "region-waterkant.yaml").read_text(encoding="utf-8")
    first = date(2026, 10, 1)
    for number in range(1, count + 1):
        day = first + timedelta(days=number - 1)
        one = text.replace("  version: 7\n", f"  version: {number}\n", 1)
        one = one.replace("valid_from: 2026-10-01", f"valid_from: {day.isoformat()}", 1)
        yield _record(one, template, number, day)


def _record(text: str, template: str, number: int, day: date) -> tuple[bytes, bytes]:
    """As `publish` writes it, without reading three hundred texts for it: the first is read, and tells the rest."""
    known = _known(template)
    fact = known.model_copy(
        update={
            "agreement_version": number,
            "valid_from": known.valid_from + (day - date(2026, 10, 1)),
            "text": text,
            "sha256": sha256(text.encode()).hexdigest(),
        }
    )
    return f"{fact.partnership}/{number}".encode(), fact.model_dump_json().encode()


@cache
def _known(template: str) -> AgreementPublished:
    text = (_PLACE / "de-vlier.yaml").read_text(encoding="utf-8")
    return publication(usable(text, template), text, template)
