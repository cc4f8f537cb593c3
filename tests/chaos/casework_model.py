"""The proof's own small reading of its agreement: who is asked, how long each has, and who comes next.

It shares no code with the core: the same file, read by other eyes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

TEXT = Path(__file__).with_name("agreement.yaml").read_text(encoding="utf-8")
#: The clock of the proof runs so many times as fast as the wall's.
SPEED = 30.0
NOBODY, ALREADY_ASKED, MISSED = "nobody", "already_asked", "missed_in_outage"


class Rung(NamedTuple):
    """A level of a ladder, and how long after the level before it is asked."""

    to: str
    wait_ms: int


class Climbed(NamedTuple):
    """Where a ladder comes to: the level, who is asked, what was passed over, and how late that is."""

    level: int
    to: str
    skipped: tuple[tuple[int, str, str], ...]
    late_ms: int


class Model:
    """The agreement, as plain look-ups."""

    def __init__(self, text: str = TEXT, speed: float = SPEED) -> None:
        found = YAML(typ="safe", pure=True).load(text)
        self.speed = speed
        self.partnership: str = found["meta"]["partnership"]
        self._routing = found["routing"]
        self._obligations = {one["name"]: one for one in found["obligations"]}
        self._ladders: dict[str, list[dict[str, Any]]] = found["escalation"]["operational"]
        contacts = [(party["id"], contact) for party in found["parties"] for contact in party["contacts"]]
        self._refs = {contact["id"]: f"{party}/{contact['id']}" for party, contact in contacts}
        self._deputies = {self._refs[c["id"]]: self._refs.get(c.get("deputy", "")) for _, c in contacts}

    def route(self, types: Sequence[str]) -> tuple[str, str]:
        """Who is asked first, and by which rule."""
        for rule in self._routing["routes"]:
            if set(rule["match"]["types"]) & set(types):
                return self._refs[rule["receiver"]], rule["name"]
        return self._refs[self._routing["receiver"]], "root"

    @property
    def point(self) -> str:
        """Who answers for a case before anybody took one of its signals."""
        return self._refs[self._routing["receiver"]]

    def within_ms(self, obligation: str, urgency: str) -> int:
        return _minutes_ms(self._obligations[obligation]["within"][urgency])

    def warn_at(self, obligation: str) -> list[int]:
        return list(self._obligations[obligation]["warn_at"])

    def owed_by(self, obligation: str, contact: str) -> str:
        """Who owes it: whom the routing asked, or the contact the obligation names."""
        named = self._obligations[obligation]["owed_by"]
        return contact if named.startswith("event.") else self._refs[named]

    def ladder(self, obligation: str) -> str:
        named: str = self._obligations[obligation]["ladder"]
        return self._routing["ladder"] if named.startswith("event.") else named

    def rungs(self, ladder: str, urgency: str) -> list[Rung]:
        return [
            Rung(rung["to"], _minutes_ms(rung.get("after", {}).get(urgency)))
            for rung in self._ladders[ladder]
        ]

    def repeat_ms(self, ladder: str, urgency: str) -> int:
        return _minutes_ms(self._ladders[ladder][-1]["repeat_every"][urgency])

    def stands(self, to: str, owed_by: str) -> str | None:
        if to == "contact":
            return owed_by
        return self._deputies[owed_by] if to == "deputy" else self._refs[to]

    def next_asked(self, first: str) -> str:
        """Whom the standard ladder asks when the first declines."""
        rungs = self.rungs("standard", "acute")[1:]
        return (
            next(found for rung in rungs if (found := self.stands(rung.to, first)) not in {None, first})
            or first
        )


def _minutes_ms(text: str | None) -> int:
    found = re.fullmatch(r"PT(\d+)M", text or "PT0M")
    assert found, f"the proof's agreement counts in minutes alone, not {text}"
    return int(found[1]) * 60_000


@dataclass
class Owed:
    """An obligation as the model has it."""

    id: str
    name: str
    signal: str
    urgency: str
    owed_by: str
    started_ms: int
    due_ms: int
    rungs: list[Rung]
    repeat_ms: int
    next_ms: int
    warnings: list[tuple[int, int]]
    level: int = 0
    breached: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def is_last(self) -> bool:
        return self.level == len(self.rungs) - 1

    def wait_ms(self) -> int:
        """How long whoever is asked now has before the next."""
        return self.repeat_ms if self.is_last else self.rungs[self.level + 1].wait_ms

    def wake_ms(self) -> int:
        """The next moment at which something has to be told."""
        moments = [self.next_ms]
        if not self.breached:
            moments += [self.due_ms, *(at_ms for _, at_ms in self.warnings[:1])]
        return min(moments)

    def climb(self, model: Model, now_ms: int, due_ms: int) -> Climbed:
        """Asks the next level; one whose time came and went since it should have been asked is passed over."""
        skipped: list[tuple[int, str, str]] = []
        level, last = self.level + 1, len(self.rungs) - 1
        while level < last:
            to = self.rungs[level].to
            who = model.stands(to, self.owed_by)
            if who is None or who in self.asked:
                skipped.append((level, to, NOBODY if who is None else ALREADY_ASKED))
            elif (following_ms := due_ms + self.rungs[level + 1].wait_ms) > now_ms:
                break
            else:
                skipped.append((level, to, MISSED))
                due_ms = following_ms
            level += 1
        self.level = min(level, last)
        to = model.stands(self.rungs[self.level].to, self.owed_by) or ""
        self.asked = [*(who for who in self.asked if who != to), to]
        self.next_ms = now_ms + self.wait_ms()
        return Climbed(self.level, to, tuple(skipped), now_ms - due_ms)
