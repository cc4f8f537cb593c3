"""Loaded by schemathesis: most of what it makes up is said in the token's own name, so that it gets past the envelope.

A source of chance is refused before anything else is looked at. Every fourth request stays as it was made up.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import schemathesis  # type: ignore[import-not-found]

#: As tests/gateway/schemathesis_run.py tells them.
SOURCE, PARTNERSHIP, CONTACT = (os.environ[f"DOOR_{name}"] for name in ("SOURCE", "PARTNERSHIP", "CONTACT"))
_NUMBERS: Iterator[int] = itertools.count()


@schemathesis.hook  # type: ignore[untyped-decorator]
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """What stands in the envelope is the token's: source, partnership, and a function of its party."""
    if next(_NUMBERS) % 4 == 0:
        return
    for event in case.body if isinstance(case.body, list) else [case.body]:
        if not isinstance(event, dict):
            continue
        for name, ours in (("source", SOURCE), ("partnership", PARTNERSHIP)):
            if name in event:
                event[name] = ours
        data = event.get("data", event)
        by = data.get("by") if isinstance(data, dict) else None
        if isinstance(by, dict) and "contact" in by:
            by["contact"] = CONTACT
