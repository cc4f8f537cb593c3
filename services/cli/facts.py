"""Facts as the commands read them from their topics: all there is of a case, or of everything, up to the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple

from pydantic import ValidationError
from rich.console import Console

from schemas.base import Said, read
from schemas.envelope import Envelope, EnvelopeError
from schemas.registry import TYPES
from schemas.structured import decode_either
from services.agreements.moments import moment
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.reach import Security


class Fact(NamedTuple):
    """A fact as it was read, with its data as bytes."""

    envelope: Envelope
    said: Said
    data: bytes


def read_fact(record: Record) -> Fact | str:
    """The fact of a record, or the code that says why there is none."""
    try:
        envelope, data = decode_either(record.headers, record.value)
    except EnvelopeError as error:
        return error.reason
    model = TYPES.get(envelope.type)
    if model is None:
        return "type_unknown"
    try:
        return Fact(envelope, read(model, data), data)
    except ValidationError:
        return "data_wrong"


async def kept_facts(
    bootstrap: str,
    topics: Sequence[str],
    passed_over: Counter[str],
    *,
    security: Security | None = None,
    key: bytes | None = None,
) -> AsyncGenerator[Fact]:
    """Every fact that is kept now, of one key or of all; a terminal is told how far it has come.

    What cannot be read is counted by reason.
    """
    seen = 0
    batches = follow(bootstrap, topics, key=key, until_end=True, security=security)
    with Console(stderr=True).status("reading") as status:
        async with aclosing(batches):
            async for batch in batches:
                for record in batch:
                    if key is not None and record.key != key:
                        continue
                    found = read_fact(record)
                    if isinstance(found, str):
                        passed_over[found] += 1
                    else:
                        yield found
                if batch:
                    seen += len(batch)
                    status.update(
                        f"{seen:,} records read, up to {moment(batch[-1].timestamp_ms):%d %b %H:%M} UTC"
                    )
