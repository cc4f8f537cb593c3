"""Moments as people read them on the clock of a partnership."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.agreements.explain import lengths
from services.agreements.explain.voice import Voice
from services.agreements.moments import moment
from services.agreements.times import ELAPSED, Span


class Watch(NamedTuple):
    """Tells moments in one zone; on the day of the beginning only the hour is told."""

    zone: ZoneInfo
    begun_ms: int
    v: Voice

    def __call__(self, at_ms: int) -> str:
        """`10:15`, `Tuesday 24 November 2026, 08:30`, `02:30 (winter time)`."""
        here = self._local(at_ms)
        told = lengths.clock(here) + self._which(here)
        return told if here.date() == self._local(self.begun_ms).date() else f"{self.day(at_ms)}, {told}"

    def full(self, at_ms: int) -> str:
        """Always with its day."""
        here = self._local(at_ms)
        return f"{self.day(at_ms)}, {lengths.clock(here)}{self._which(here)}"

    def stretch(self, from_ms: int, to_ms: int) -> str:
        """From when till when; the day once, when it is the same."""
        if self.date(from_ms) != self.date(to_ms):
            return f"{self.full(from_ms)}–{self.full(to_ms)}"
        end = self._local(to_ms)
        return f"{self(from_ms)}–{lengths.clock(end)}{self._which(end)}"

    def day(self, at_ms: int) -> str:
        return lengths.weekday(self.date(at_ms), self.v.language)

    def date(self, at_ms: int) -> date:
        return self._local(at_ms).date()

    def change(self, until_ms: int) -> str | None:
        """What to know when the clock is put forward or back between the beginning and a moment."""
        before, after = self._local(self.begun_ms).utcoffset(), self._local(until_ms).utcoffset()
        if before is None or after is None or before == after:
            return None
        v = self.v
        way = v("vooruit", "forward") if after > before else v("terug", "back")
        by = lengths.short(Span(ELAPSED, int(abs(after - before).total_seconds())), v.language)
        return v(
            f"In deze tijd gaat de klok {by} {way}. Minuten en uren tellen gewoon door: 30 minuten blijven 30 "
            "minuten.",
            f"Meanwhile the clock goes {way} by {by}. Minutes and hours just count on: 30 minutes stay 30 minutes.",
        )

    def _local(self, at_ms: int) -> datetime:
        return moment(at_ms).astimezone(self.zone)

    def _which(self, here: datetime) -> str:
        """Of an hour that comes twice, which one."""
        if here.replace(fold=0).utcoffset() == here.replace(fold=1).utcoffset():
            return ""
        v = self.v
        return f" ({v('wintertijd', 'winter time') if here.fold else v('zomertijd', 'summer time')})"
