"""The one clock of a process: the wall's, or a faster one for demonstrations and tests."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import datetime


class ClockTextError(ValueError):
    """`SEINHUIS_CLOCK` is not `<RFC 3339 start>@<wall seconds>x<speed>`."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Moments in milliseconds since the epoch.

    `start_ms` is what the clock shows when the wall shows `anchor_s`; `speed` is how many of its seconds
    pass in one of the wall's. Processes that share the three values share the time.
    """

    start_ms: int = 0
    anchor_s: float = 0.0
    speed: float = 1.0

    @classmethod
    def from_text(cls, text: str | None) -> Clock:
        """Reads `2026-11-23T07:00:00+01:00@1795420800x1440`; nothing = the wall's own clock."""
        if not text:
            return cls()
        try:
            start, _, rest = text.rpartition("@")
            anchor, _, speed = rest.partition("x")
            moment = datetime.fromisoformat(start)
            if moment.tzinfo is None:
                raise ValueError(start)
            clock = cls(round(moment.timestamp() * 1000), float(anchor), float(speed or "1"))
        except ValueError as error:
            raise ClockTextError(
                f"SEINHUIS_CLOCK={text!r}: expected <start with its zone>@<wall epoch seconds>x<speed>"
            ) from error
        if not (0 < clock.speed < math.inf and math.isfinite(clock.anchor_s)):
            raise ClockTextError(
                f"SEINHUIS_CLOCK={text!r}: the speed must be above 0, and both numbers finite"
            )
        return clock

    @property
    def is_wall(self) -> bool:
        """Whether this is the wall's own time; anything else is not for production."""
        return self.speed == 1.0 and self.start_ms == 0 and self.anchor_s == 0.0

    def now_ms(self) -> int:
        """The present moment of this clock."""
        return self.start_ms + int((time.time() - self.anchor_s) * 1000 * self.speed)

    def to_wall_s(self, at_ms: int) -> float:
        """The wall's epoch seconds at which this clock shows `at_ms`."""
        return self.anchor_s + (at_ms - self.start_ms) / 1000 / self.speed
