"""What docs/NOTICES.md promises is what the bell does."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from schemas.notices import FailReason
from services.notices.outcome import RETRIED
from services.notices.reach import BACK_OFF_FIRST_MS, BACK_OFF_MAX_MS, SHARE
from services.notices.sending.signature import TOLERANCE_S, secret_bytes, signed
from services.notices.who import _WORDS, ASKING

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "NOTICES.md").read_text(encoding="utf-8")
SECRET = "whsec_c2VjcmV0IGZvciB0ZXN0cyBvbmx5ISE="


def test_example_verifies_what_we_send_and_nothing_else() -> None:
    code = TEXT.partition("<!-- verify")[2].partition("```python\n")[2].partition("```")[0]
    made: dict[str, Any] = {}
    exec(compile(code, "NOTICES.md", "exec"), made)
    verify = made["is_from_seinhuis"]
    now_s = int(time.time())
    good = signed(secret_bytes(SECRET), "d-1", now_s, b"body")
    assert verify(SECRET, good, b"body")
    assert not verify(SECRET, good, b"other")
    assert not verify(SECRET, {**good, "webhook-id": "d-2"}, b"body")
    old = signed(secret_bytes(SECRET), "d-1", now_s - TOLERANCE_S - 5, b"body")
    assert not verify(SECRET, old, b"body")


def test_every_reason_is_listed_with_whether_it_is_tried_again() -> None:
    table = TEXT.partition("<!-- reasons")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (yes|no) \|$", table, re.MULTILINE))
    known = set(FailReason) - {FailReason.UNKNOWN}
    assert rows == {one.value: "yes" if one in RETRIED else "no" for one in known}


def test_every_word_and_every_asking_fact_is_named() -> None:
    for word in (*_WORDS, *(kind.__name__ for kind in ASKING)):
        assert f"`{word}`" in TEXT


def test_numbers_are_those_of_the_code() -> None:
    assert (BACK_OFF_FIRST_MS, BACK_OFF_MAX_MS, SHARE) == (5_000, 300_000, 3)
    assert "after 5, 10, 20 … at most 300 seconds" in TEXT and "a third of the time" in TEXT
