"""What changes from day to day beside the signed file: absences, rotas, reach, successors. A value, passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Window(NamedTuple):
    """From a moment until another; `until_ms=None` is until further notice."""

    from_ms: int
    until_ms: int | None

    def holds(self, at_ms: int) -> bool:
        """Whether it runs at this moment."""
        return self.from_ms <= at_ms and (self.until_ms is None or at_ms < self.until_ms)


class Shift(NamedTuple):
    """Which party's people answer a shared number for a while."""

    window: Window
    party: str


class Reach(NamedTuple):
    """How a contact is reached for a while, instead of what the file says; no channel is not at all."""

    window: Window
    channels: tuple[str, ...]


class Silence(NamedTuple):
    """For a while nothing is delivered there, and why: it wants to be left alone, or its system is being worked on."""

    window: Window
    reason: str


class Successor(NamedTuple):
    """Who is meant from a moment on by whoever reads a function that ended."""

    from_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Directory:
    """By `party/contact`. A contact with a rota is staffed within its windows only; one without is staffed always."""

    absences: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    rotas: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    reach: Mapping[str, tuple[Reach, ...]] = field(default_factory=dict)
    successors: Mapping[str, Successor] = field(default_factory=dict)
    silences: Mapping[str, tuple[Silence, ...]] = field(default_factory=dict)
    #: Of a rota, the stretches that say whose people are on duty.
    shifts: Mapping[str, tuple[Shift, ...]] = field(default_factory=dict)
    #: The number of the last fact that was told of a contact, so that a decision can name it.
    revisions: Mapping[str, int] = field(default_factory=dict)

    def is_absent(self, ref: str, at_ms: int) -> bool:
        """Whether its absence was told for this moment."""
        return any(window.holds(at_ms) for window in self.absences.get(ref, ()))

    def is_staffed(self, ref: str, at_ms: int) -> bool:
        """Whether somebody of its rota is on duty, or it has none."""
        rota = self.rotas.get(ref)
        return rota is None or any(window.holds(at_ms) for window in rota)

    def on_duty(self, ref: str, at_ms: int) -> tuple[str, ...]:
        """The parties whose people answer it at this moment, as its rota says; none where it does not say whose."""
        found = (one.party for one in self.shifts.get(ref, ()) if one.window.holds(at_ms))
        return tuple(dict.fromkeys(found))

    def channels(self, ref: str, at_ms: int, signed: tuple[str, ...]) -> tuple[str, ...]:
        """How it is reached at this moment: what was told last for it, else what was signed."""
        for window, channels in reversed(self.reach.get(ref, ())):
            if window.holds(at_ms):
                return channels
        return signed

    def silence(self, ref: str, at_ms: int) -> Silence | None:
        """The silence that holds at this moment; of several the one that ends last. It holds up delivery only: who is
        asked, and by when, goes on without it (semantics 32)."""
        found = [one for one in self.silences.get(ref, ()) if one.window.holds(at_ms)]
        return max(
            found, key=lambda one: (one.window.until_ms is None, one.window.until_ms or 0), default=None
        )

    def meant(self, ref: str, at_ms: int) -> str:
        """Who is meant by a function at this moment: itself, or its successor, or the successor of that one.

        Functions that succeed each other in a circle are nobody's successor: each is meant by its own name.
        """
        found, met = ref, {ref}
        while (successor := self.successors.get(found)) is not None and successor.from_ms <= at_ms:
            found = successor.by
            if found in met:
                return ref
            met.add(found)
        return found


#: Nobody is away, and everybody is reached as the file says.
AS_SIGNED = Directory()
