"""What becomes of all that holds for a contact when something more is told of it. Nothing here knows a topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from schemas.directory import (
    Absence,
    Change,
    ContactDescribed,
    Reached,
    Shift,
    Silenced,
    SilenceReason,
    Stretch,
    Succession,
)
from services.agreements.directory import Window
from services.agreements.directory_book import times_of, window_of
from services.agreements.moments import moment

#: What is over is kept for as long as a command may have been on its way, for it is decided by its own moment.
KEPT_MS = 31 * 86_400_000
#: Of one contact, so that its state stays far below what a record may hold.
STRETCHES_MAX = 2_000

S = TypeVar("S", bound=Stretch)


class Refused(ValueError):
    """It cannot be told; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def nothing_told(contact: str) -> ContactDescribed:
    """A contact of whom nothing was told: all is as signed."""
    return ContactDescribed(contact=contact, revision=0, because=Change.CONFIRMED)


def told(before: ContactDescribed, after: ContactDescribed, now_ms: int) -> ContactDescribed | None:
    """The state to be told, without what is long over; None when nothing has changed."""
    if before == after.model_copy(update={"because": before.because}):
        return None
    found = after.model_copy(
        update={
            "revision": before.revision + 1,
            "absences": _recent(after.absences, now_ms),
            "rota": None if after.rota is None else _recent(after.rota, now_ms),
            "reach": _recent(after.reach, now_ms),
            "silences": _recent(after.silences, now_ms),
        }
    )
    if len((*found.absences, *(found.rota or ()), *found.reach, *found.silences)) > STRETCHES_MAX:
        raise Refused("too_many")
    return found


def absent(
    before: ContactDescribed, from_ms: int | None, until_ms: int | None, reason: str | None, now_ms: int
) -> ContactDescribed:
    """Nobody is there. Without a beginning it is about now: what runs now gets this end and reason, or it begins."""
    _judge(Window(now_ms if from_ms is None else from_ms, until_ms), now_ms)
    running = [one for one in before.absences if from_ms is None and window_of(one).holds(now_ms)]
    if running:
        end = None if until_ms is None else moment(until_ms)
        found = [
            one.model_copy(update={"until_at": end, "reason": reason or one.reason})
            if one in running
            else one
            for one in before.absences
        ]
    else:
        new = Absence(**times_of(Window(now_ms if from_ms is None else from_ms, until_ms)), reason=reason)
        if any(_covers(one, new) and (reason is None or reason == one.reason) for one in before.absences):
            return before
        found = [one for one in before.absences if not _covers(new, one)] + [new]
    return _changed(before, Change.ABSENT, absences=_in_time(found))


def back(before: ContactDescribed, from_ms: int | None, now_ms: int) -> ContactDescribed:
    """Somebody is there again: absences that run then, now when no moment is given, end; later ones stay."""
    at_ms = now_ms if from_ms is None else max(from_ms, now_ms)
    return _changed(before, Change.BACK, absences=_ended(before.absences, at_ms))


def rota(before: ContactDescribed, shifts: Iterable[Shift] | None, now_ms: int) -> ContactDescribed:
    """Who is on duty when, in place of what of a rota told before is not over; None is no rota, so staffed always."""
    if shifts is None:
        return _changed(before, Change.ROTA, rota=None)
    new = tuple(shifts)
    for shift in new:
        _judge(window_of(shift), now_ms)
    over = (shift for shift in before.rota or () if _is_over(window_of(shift), now_ms))
    return _changed(before, Change.ROTA, rota=tuple(sorted(dict.fromkeys((*over, *new)), key=_order)))


def reach(
    before: ContactDescribed,
    window: Window,
    channels: Sequence[str],
    address_ref: str | None,
    now_ms: int,
) -> ContactDescribed:
    """Another way to reach it for a while, over whatever was told of that time before."""
    _judge(window, now_ms)
    new = Reached(**times_of(window), channels=tuple(dict.fromkeys(channels)), address_ref=address_ref)
    for last in before.reach[-1:]:
        # Told a moment later that it is so from now on: it is.
        if _covers(last, new) and last == new.model_copy(update={"from_at": last.from_at}):
            return before
    kept = (one for one in before.reach if not _covers(new, one))
    return _changed(before, Change.REACH, reach=(*kept, new))


def as_signed(before: ContactDescribed, from_ms: int | None, now_ms: int) -> ContactDescribed:
    """From a moment on it is reached as was signed; nothing that was told of later remains."""
    at_ms = now_ms if from_ms is None else max(from_ms, now_ms)
    begun = [one for one in before.reach if window_of(one).from_ms < at_ms]
    return _changed(before, Change.REACH, reach=_ended(begun, at_ms))


def confirmed(before: ContactDescribed, now_ms: int) -> ContactDescribed:
    """What is known of it was looked at and is right."""
    return _changed(before, Change.CONFIRMED, confirmed_at=moment(now_ms))


def succeeded(before: ContactDescribed, by: str, from_ms: int | None, now_ms: int) -> ContactDescribed:
    """The function ends, and another one is meant wherever it is read."""
    if by == before.contact:
        raise Refused("succeeds_itself")
    if from_ms is not None and from_ms < now_ms:
        raise Refused("over")
    old = before.succeeded
    if old is not None and old.by == by:
        is_as_told = old.from_at <= moment(now_ms) if from_ms is None else old.from_at == moment(from_ms)
        if is_as_told:
            return before
    new = Succession(by=by, from_at=moment(now_ms if from_ms is None else from_ms))
    return _changed(before, Change.SUCCEEDED, succeeded=new)


def stays(before: ContactDescribed) -> ContactDescribed:
    """The function does not end after all."""
    return _changed(before, Change.SUCCEEDED, succeeded=None)


def silenced(
    before: ContactDescribed, window: Window, reason: SilenceReason, now_ms: int
) -> ContactDescribed:
    """For a while nothing that is not acute is delivered there (semantics 32)."""
    _judge(window, now_ms)
    new = Silenced(**times_of(window), reason=reason)
    if any(_covers(one, new) and one.reason is reason for one in before.silences):
        return before
    kept = [one for one in before.silences if not _covers(new, one)]
    return _changed(before, Change.SILENCED, silences=_in_time([*kept, new]))


def heard_again(before: ContactDescribed, now_ms: int) -> ContactDescribed:
    """Whatever silence runs now is over; later ones stay."""
    return _changed(before, Change.SILENCED, silences=_ended(before.silences, now_ms))


def imported(read: ContactDescribed, before: ContactDescribed, now_ms: int) -> ContactDescribed:
    """What a file says of a contact, each part in place of what was told before; a part it does not name stays."""
    parts: dict[str, object] = {}
    for name in ("absences", "rota", "reach"):
        said, known = getattr(read, name), getattr(before, name) or ()
        if said:
            parts[name] = tuple(one for one in said if one in known or not _is_over(window_of(one), now_ms))
    if not any(parts.values()):
        raise Refused("over")
    return _changed(before, Change.IMPORTED, **parts)


def _changed(before: ContactDescribed, because: Change, **parts: object) -> ContactDescribed:
    return before.model_copy(update={"because": because, **parts})


def _judge(window: Window, now_ms: int) -> None:
    if window.until_ms is not None and window.until_ms <= window.from_ms:
        raise Refused("over" if window.until_ms <= now_ms else "ends_before_it_begins")
    if _is_over(window, now_ms):
        raise Refused("over")


def _is_over(window: Window, now_ms: int) -> bool:
    return window.until_ms is not None and window.until_ms <= now_ms


def _covers(one: Stretch, other: Stretch) -> bool:
    """Whether all of the other's time is time of this one."""
    return one.from_at <= other.from_at and (
        one.until_at is None or (other.until_at is not None and other.until_at <= one.until_at)
    )


def _ended(stretches: Iterable[S], at_ms: int) -> tuple[S, ...]:
    """With an end for what runs at this moment; what would end as it begins is gone."""
    found = []
    for one in stretches:
        window = window_of(one)
        if not window.holds(at_ms):
            found.append(one)
        elif window.from_ms < at_ms:
            found.append(one.model_copy(update={"until_at": moment(at_ms)}))
    return tuple(found)


def _order(shift: Shift) -> tuple[int, bool, int, str]:
    """In the order of time; of two that begin together the one that ends first."""
    from_ms, until_ms = window_of(shift)
    return from_ms, until_ms is None, until_ms or 0, shift.party or ""


def _in_time(stretches: Iterable[S]) -> tuple[S, ...]:
    return tuple(sorted(stretches, key=lambda one: one.from_at))


def _recent(stretches: Iterable[S], now_ms: int) -> tuple[S, ...]:
    return tuple(one for one in stretches if not _is_over(window_of(one), now_ms - KEPT_MS))
