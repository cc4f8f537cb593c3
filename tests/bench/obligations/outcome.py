"""What a scene found: its line, and the promises that it did not keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.bench.bounds import Bound, missed
from tests.bench.obligations.told import Judged


class Outcome(NamedTuple):
    """The line to print, the bounds, and what was judged."""

    line: dict[str, Any]
    bounds: Sequence[Bound]
    judged: Judged

    def broken(self) -> list[str]:
        """What is not as promised; exactness is never a matter of bounds."""
        return missed(self.bounds) + [
            f"{name} is {value}, not 0" for name, value in self.judged.zeros().items() if value
        ]

    def as_json(self) -> dict[str, Any]:
        """One line for a machine."""
        return {
            **self.line,
            **{one.name: round(one.found, 3) for one in self.bounds},
            **self.judged.zeros(),
            "broken": self.broken(),
        }
