"""What holds for every contact beside the signed agreement: the broadcast that lanes read before they open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict

from pydantic import ValidationError

from schemas.base import read
from schemas.directory import ContactDescribed, Stretch
from services.agreements.directory import Directory, Reach, Shift, Silence, Successor, Window
from services.agreements.moments import milliseconds, moment

Header = tuple[str, bytes]


class KeptOut(NamedTuple):
    """Why a record of the topic is not used: a code. It has no line, for it is no text."""

    reason: str
    line: int = 0


class DirectoryBook:
    """The last that was told of every contact, one record at a time.

    A record that cannot be used changes nothing: what was told of the contact before stays. `seinhuis directory` writes
    none, so it means that something else wrote to the topic. A key without a value forgets the contact: from then on
    all is as signed.
    """

    topic = f"{ContactDescribed.subject}.events.v{ContactDescribed.version}"

    def __init__(self, described: Iterable[ContactDescribed] = ()) -> None:
        self._described: dict[str, ContactDescribed] = {}
        self._absences: dict[str, tuple[Window, ...]] = {}
        self._rotas: dict[str, tuple[Window, ...]] = {}
        self._reach: dict[str, tuple[Reach, ...]] = {}
        self._successors: dict[str, Successor] = {}
        self._silences: dict[str, tuple[Silence, ...]] = {}
        self._shifts: dict[str, tuple[Shift, ...]] = {}
        self._revisions: dict[str, int] = {}
        #: As it was heard last. It changes with every record, never during a decision.
        self.directory = Directory(
            absences=self._absences,
            rotas=self._rotas,
            reach=self._reach,
            successors=self._successors,
            silences=self._silences,
            shifts=self._shifts,
            revisions=self._revisions,
        )
        for one in described:
            self._put(one)

    def take(
        self, key: bytes | None, value: bytes | None, headers: Sequence[Header] = (), /
    ) -> KeptOut | None:
        """Takes a record of the topic; the last one of a contact counts, as it does after compaction."""
        if value is None:
            self._forget((key or b"").decode(errors="replace"))
            return None
        try:
            described = read(ContactDescribed, value)
        except ValidationError:
            return KeptOut("not_a_contact")
        if key != described.contact.encode():
            return KeptOut("key_differs")
        self._put(described)
        return None

    def described(self, contact: str) -> ContactDescribed | None:
        """What was told last of a contact; None when nothing ever was."""
        return self._described.get(contact)

    def contacts(self) -> tuple[str, ...]:
        """Of whom anything was told, by name."""
        return tuple(sorted(self._described))

    def _put(self, one: ContactDescribed) -> None:
        ref = one.contact
        self._forget(ref)
        self._described[ref] = one
        self._revisions[ref] = one.revision
        if one.absences:
            self._absences[ref] = tuple(map(window_of, one.absences))
        if one.rota is not None:
            self._rotas[ref] = tuple(map(window_of, one.rota))
            shifts = (Shift(window_of(line), line.party) for line in one.rota if line.party is not None)
            if told := tuple(shifts):
                self._shifts[ref] = told
        if one.reach:
            self._reach[ref] = tuple(Reach(window_of(line), line.channels) for line in one.reach)
        if one.succeeded is not None:
            self._successors[ref] = Successor(milliseconds(one.succeeded.from_at), one.succeeded.by)
        if one.silences:
            self._silences[ref] = tuple(Silence(window_of(line), line.reason.value) for line in one.silences)

    def _forget(self, ref: str) -> None:
        self._described.pop(ref, None)
        self._revisions.pop(ref, None)
        for part in (
            self._absences,
            self._rotas,
            self._reach,
            self._successors,
            self._silences,
            self._shifts,
        ):
            part.pop(ref, None)


class Times(TypedDict):
    """When a stretch of a fact begins and ends."""

    from_at: datetime
    until_at: datetime | None


def times_of(window: Window) -> Times:
    """A window as a fact tells it."""
    from_ms, until_ms = window
    return {"from_at": moment(from_ms), "until_at": None if until_ms is None else moment(until_ms)}


def window_of(stretch: Stretch) -> Window:
    """A stretch of a fact as a value to decide with."""
    until_at = stretch.until_at
    return Window(milliseconds(stretch.from_at), None if until_at is None else milliseconds(until_at))
