"""A fact as the watchman hears it, and whether it is one that an agreement waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from services.agreements.fields import Scalar
from services.agreements.moments import milliseconds
from services.agreements.owing import holds


class Happened(NamedTuple):
    """Plain values only: no subject is known here. `recorded_ms` is when we took in what it answers; `by` who acted."""

    name: str
    fact_id: str
    entity: str
    partnership: str
    urgency: str
    recorded_ms: int
    by: str | None
    data: Mapping[str, object]
    #: Told by another process, as a receipt is: it may be read before what it answers.
    is_from_elsewhere: bool = False
    #: About the case as a whole, which is then its entity: it may end what is owed about anything of the case.
    is_of_case: bool = False

    def field(self, name: str) -> str | None:
        """The text of a field, or of who acted; None when there is none."""
        found = self.by if name == "by" else self.data.get(name)
        return found if isinstance(found, str) and found else None

    def moment_ms(self, name: str) -> int | None:
        """The moment a field holds; None when it holds none."""
        found = self.data.get(name)
        return milliseconds(found) if isinstance(found, datetime) and found.tzinfo is not None else None

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a field that holds several; none when there is no such field."""
        found = self.data.get(name)
        return tuple(one for one in found if isinstance(one, str)) if isinstance(found, tuple | list) else ()

    def holds(self, where: Iterable[tuple[str, Iterable[Scalar]]]) -> bool:
        """Whether every field holds one of its values; a field with several values, one of them."""
        return holds(where, self.data)
