"""What the partners hold each other to: each item with its purpose and measure, each task with one party."""

from __future__ import annotations

from collections.abc import Iterator

from services.agreements import model
from services.agreements.check.given import Given
from services.agreements.findings import Found, Path, found


def items(given: Given) -> Iterator[Found]:
    """An item says what it is for (S002-18) and how it is followed (S002-04); `measure: none` is an answer.

    An item within an item serves its purpose and is followed with it, unless it says otherwise.
    """
    held = dict(given.items())
    for path, item in held.items():
        above = [held[path[:n]] for n in range(len(path)) if path[:n] in held]
        for key in ("measure", "purpose"):
            if all(getattr(one, key) is None for one in (*above, item)):
                yield found(path, f"item_without_{key}", "warning", name=_name(path, item))


def _name(path: Path, item: object) -> str:
    return getattr(item, "name", None) or ".".join(str(part) for part in path)


def tasks(given: Given) -> Iterator[Found]:
    """Every task has exactly one party (S004-10), and none waits for itself."""
    roles = given.agreement.roles
    if not isinstance(roles, model.Roles):
        return
    first: dict[str, int] = {}
    for n, task in enumerate(roles.task_division):
        path: Path = ("roles", "task_division", n)
        if task.task in first:
            before = roles.task_division[first[task.task]]
            one, other = before.party or "-", task.party or "-"
            yield found(path, "task_given_twice", name=task.task, one=one, other=other)
        elif task.party is None:
            yield found(path, "task_without_party", name=task.task)
        first.setdefault(task.task, n)
        if task.task in task.after:
            yield found((*path, "after"), "task_after_itself", name=task.task)
