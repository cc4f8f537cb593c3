"""A case as the proof has it, told fact by fact, and whether the core's last row of it says the same."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.casework_model import Owed
from tests.chaos.casework_said import Command
from tests.chaos.recording import Recording, Verdict

ROUTED, TAKEN = "routed", "acknowledged"


@dataclass
class Signal:
    urgency: str
    state: str = ROUTED
    taken_by: str = ""
    asked: list[str] = field(default_factory=list)


@dataclass
class Case:
    """A case as the model has it: its commands, its signals, what is owed, and what must be told next."""

    commands: dict[str, Command] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)
    owed: list[Owed] = field(default_factory=list)
    expected: deque[tuple[str, dict[str, Any]]] = field(default_factory=deque)
    #: The signal that was taken first, and who answers for the case since; nobody has yet when they are empty.
    lead: str = ""
    responsible: str = ""
    last_offset: int = -1
    remembered: list[str] = field(default_factory=list)


def judge_rows(recording: Recording, cases: Mapping[str, Case], verdict: Verdict) -> None:
    """The last row of each case holds its signals, nothing owed, and the ids of what it decided."""
    last = {row.key.decode(): row for row in recording.rows if row.key[:1] != b"\x00"}
    for name in last.keys() - cases.keys():
        verdict.find("rows_wrong", last[name].where, f"{name} is no case of this block")
    for name, case in cases.items():
        if not case.signals:
            if name in last:
                verdict.find("rows_wrong", last[name].where, f"{name} has a row and no signal")
            continue
        head, _, body = ((last[name].value or b"") if name in last else b"").partition(b"\n")
        row = json.loads(body or b"{}")
        entities = row.get("entities", {})
        found = {
            "signals": {
                signal: (
                    one["signal"]["state"],
                    one["signal"]["urgency"],
                    one["signal"]["taken_by"] or "",
                    sorted(one["asked"]),
                )
                for signal, one in entities.items()
            },
            "responsible": (row.get("lead", ""), row.get("responsible") if "lead" in row else ""),
            "owed": row.get("obligations"),
            "commands": sorted(row.get("commands", ())),
            "wake": head.split()[:1],
        }
        expected = {
            "signals": {
                signal: (one.state, one.urgency, one.taken_by, sorted(one.asked))
                for signal, one in case.signals.items()
            },
            "responsible": (case.lead, case.responsible),
            "owed": [],
            "commands": sorted(case.remembered),
            "wake": [b"-"],
        }
        if found != expected and not case.owed:
            verdict.find("rows_wrong", name, f"expected {expected}, found {found}")
