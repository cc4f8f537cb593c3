"""Every text a value of the file holds, with its place."""

from __future__ import annotations

from collections.abc import Iterator

from services.agreements.findings import Path


def texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts of a field, of a list of it, or of what it holds by name."""
    if isinstance(value, str):
        yield path, value
    elif type(value) is tuple:
        for n, one in enumerate(value):
            yield from texts(one, (*path, n))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(one, (*path, key))
