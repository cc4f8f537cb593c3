"""Nobody's own letter box, phone or number in the text, remarks included: it is published for ever as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.agreements.findings import Finding

#: Looked for from the beginning of a word only: from every sign of it, a line of 200,000 would take minutes.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+")
#: A Dutch mobile number, however it is written.
_MOBILE = re.compile(r"(?<!\d)(?:\+31|0031|0)[\s().-]*6(?:[ \t.-]*\d){8}(?!\d)")
_NINE_DIGITS = re.compile(r"(?<![\w.-])\d{9}(?![\w-])")


def addresses(text: str, source: str = "") -> Iterator[Finding]:
    """What leads to one person, wherever it stands in a file."""
    for number, line in enumerate(text.splitlines(), start=1):
        for code, form in (
            ("email_address", _EMAIL),
            ("mobile_number", _MOBILE),
            ("citizen_number", _NINE_DIGITS),
        ):
            for hit in form.finditer(line):
                if form is not _NINE_DIGITS or _is_citizen_number(hit[0]):
                    words = (("given", hit[0].strip()),)
                    yield Finding(number, hit.start() + 1, code, "error", words, source)


def _is_citizen_number(digits: str) -> bool:
    """Whether nine digits pass the test that every Dutch citizen service number (BSN) passes."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0
