"""What follows from a fact for an obligation it opens: whether it does, who owes the answer, and by which ladder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from services.agreements.fields import Scalar
from services.agreements.parts import EVENT, Duty
from services.agreements.terms import Terms

#: The text of a field of the opening fact, None when it has none.
Field = Callable[[str], str | None]


def holds(where: Iterable[tuple[str, Iterable[Scalar]]], data: Mapping[str, object]) -> bool:
    """Whether every field holds one of its values; a field with several values, one of them."""
    for name, wanted in where:
        found = data.get(name)
        values = found if isinstance(found, tuple | list) else (found,)
        if not any(value in wanted for value in values):
            return False
    return True


def owed_by(duty: Duty, field: Field, terms: Terms) -> str:
    """Who owes it. A fact that names nobody leaves it with the coordination point: it is owed all the same."""
    if not duty.owed_by.startswith(EVENT):
        return duty.owed_by
    return field(duty.owed_by.removeprefix(EVENT)) or terms.coordination_point


def ladder_of(duty: Duty, field: Field, terms: Terms) -> str:
    """The ladder's name; the routing's own for one that this version does not know (any more)."""
    name = duty.ladder
    if name.startswith(EVENT):
        name = field(name.removeprefix(EVENT)) or ""
    return name if name in terms.ladders else terms.root.ladder
