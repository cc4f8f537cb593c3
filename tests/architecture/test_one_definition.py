"""Who is asked, by when, and who may see it is defined once: everybody asks the same functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import services.deadlines.opening
import services.deadlines.watch
import services.signals.decide
from services.agreements.due import due
from services.agreements.ladder import climb
from services.agreements.route import route

ROOT = Path(__file__).resolve().parents[2]
#: Decisions of the agreement, and the one module of each.
HOME = {
    "route": "services/agreements/route.py",
    "mismatch": "services/agreements/matching.py",
    "climb": "services/agreements/ladder.py",
    "stands": "services/agreements/ladder.py",
    "may_see": "services/agreements/sight.py",
    "due": "services/agreements/due.py",
}
#: Rooms that decide and count no time themselves: with a zone or a length of days one could.
COUNTING = {"zoneinfo", "timedelta"}
DECIDING = ("services/casework", "services/signals", "services/deadlines", "services/collaboration")


def sources(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for path in (path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def defined(module: ast.Module) -> set[str]:
    """The functions of a module, methods not among them."""
    return {part.name for part in module.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}


def counts_with(module: ast.Module) -> set[str]:
    """What a module takes in to count time with."""
    found: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found & COUNTING


def test_each_decision_is_defined_in_one_place() -> None:
    places = {
        name: {place for place, module in sources("schemas", "topics", "services") if name in defined(module)}
        for name in HOME
    }
    assert places == {name: {home} for name, home in HOME.items()}


def test_processors_ask_the_very_functions_of_the_agreement() -> None:
    assert vars(services.signals.decide)["route"] is route
    assert vars(services.deadlines.opening)["climb"] is climb
    assert vars(services.deadlines.watch)["climb"] is climb
    assert vars(services.deadlines.opening)["due"] is due


@pytest.mark.parametrize("room", DECIDING)
def test_processors_count_no_time_themselves(room: str) -> None:
    assert {place: found for place, module in sources(room) if (found := counts_with(module))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "from zoneinfo import ZoneInfo",
        "import zoneinfo",
        "from datetime import timedelta",
        "import datetime\n\ndatetime.timedelta()",
    ],
)
def test_a_processor_that_counts_time_is_seen(text: str) -> None:
    assert counts_with(ast.parse(text))
    assert not counts_with(ast.parse("from datetime import datetime\n\ndatetime.fromisoformat('')"))


def test_a_second_definition_is_seen() -> None:
    assert defined(ast.parse("def route(): ...\nclass Step:\n    def climb(self): ...\n")) == {"route"}
