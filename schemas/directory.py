"""The directory: what changes from day to day beside the signed agreement, as one whole state a contact."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from schemas.base import Code, ContactRef, Kind, Moment, OpenEnum, Part, Said

#: Where an address is kept; the address itself never travels.
AddressRef = Annotated[str, StringConstraints(pattern=r"^address:[A-Za-z0-9_-]{4,64}$")]


class Change(OpenEnum):
    """What about a contact was told by a fact; the rest of it is as it was."""

    ABSENT = "absent"
    BACK = "back"
    ROTA = "rota"
    REACH = "reach"
    CONFIRMED = "confirmed"
    SUCCEEDED = "succeeded"
    SILENCED = "silenced"
    IMPORTED = "imported"
    UNKNOWN = "unknown"


class Stretch(Part):
    """From a moment until another; without `until_at` it is until further notice."""

    from_at: Moment
    until_at: Moment | None = None


class Absence(Stretch):
    """Nobody of this function is there. The reason is a code and says nothing about a person."""

    reason: Code | None = None


class Shift(Stretch):
    """Somebody of a shared number is on duty: of which of the parties that staff it, where that is told (S002-09)."""

    party: Code | None = None


class Reached(Stretch):
    """How it is reached for a while instead of what was signed; no channel is not at all."""

    channels: tuple[Code, ...]
    address_ref: AddressRef | None = None


class SilenceReason(OpenEnum):
    """Why nothing is delivered for a while. What is acute is delivered all the same (semantics 32)."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class Silenced(Stretch):
    """Nothing that is not acute is delivered there; what came meanwhile is, once it is over."""

    reason: SilenceReason


class Succession(Part):
    """From a moment on, whoever reads this function means another one."""

    by: ContactRef
    from_at: Moment


class ContactDescribed(Said):
    """All that holds for a contact beside the signed agreement. Keyed `party/contact`, the last one counts.

    `rota` left out: it is staffed always; else within its stretches only. Of two lines of `reach` that hold at once,
    the later one counts. A silence holds up deliveries, never a deadline. `revision` counts the facts of this contact.
    """

    subject: ClassVar[str] = "directory"
    kind: ClassVar[Kind] = "fact"

    contact: ContactRef
    revision: int
    because: Change
    absences: tuple[Absence, ...] = ()
    rota: tuple[Shift, ...] | None = None
    reach: tuple[Reached, ...] = ()
    succeeded: Succession | None = None
    confirmed_at: Moment | None = None
    silences: tuple[Silenced, ...] = ()
