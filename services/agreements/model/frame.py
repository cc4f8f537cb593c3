"""The frame: whose agreement, where, in which hours, and how urgent is urgent."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Postcode4
from services.agreements.fields import AnyPeriod, AnyWeek, Name, Sentence
from services.agreements.model.pieces import Item, Names, OrNot, Piece, Strength


class Review(Piece):
    """How often the partners sit down over this agreement."""

    per_year: Annotated[int, Field(ge=1, le=12)]
    """Evaluations a year; the documents ask for at least two (S004-33)."""
    last_held: date | None = None
    """When it was last done; without it the review is due counted from `valid_from` (S004-33)."""


class Inherits(Piece):
    """The regional template this agreement fills in."""

    template: Name
    """Its name; the file beside this one, `NAME.yaml`, unless another is given (S004-06)."""
    version: Annotated[int, Field(ge=1)]
    """Its version: a newer template changes nothing here until the partners take it over (S004-06, S004-07)."""


class Signature(Piece):
    """That a party agreed, and when."""

    party: Name
    """The party of this file (S004-09)."""
    on: date
    """The day it signed (S004-09)."""


class Meta(Piece):
    """Whose agreement, which version, from when and for how long."""

    partnership: Name
    """The partnership's name in every event and key (S004-09)."""
    title: Sentence
    """What people call it (S004-09)."""
    version: Annotated[int, Field(ge=1)]
    """Counts up; a published version never changes (S004-09)."""
    valid_from: date
    """In force from midnight of this day in the zone; cases begun before keep their deadlines (S001-28, S004-09)."""
    inherits: Inherits | None = None
    """The regional template whose parts hold where this file is silent (S004-06)."""
    term: AnyPeriod | None = None
    """How long it is agreed for, from `valid_from`; left out, until somebody ends it (S004-11)."""
    notice_period: AnyPeriod | None = None
    """How long before leaving a party says so (S004-11)."""
    signed: tuple[Signature, ...] = ()
    """Who agreed when (S004-09)."""
    document: Sentence | None = None
    """Where the signed text itself is kept (S004-09)."""
    readable_at: Sentence | None = None
    """Where clients and other organisations read what was agreed, in plain words (S002-13)."""
    legal_regimes: Names = ()
    """Labels of the laws the partners work under; names of laws change, so none is known to the software (S000-03)."""
    review: Review
    """How often this is looked at again (S004-33)."""


class Area(Piece):
    """Where this partnership answers."""

    postcodes: Annotated[tuple[Postcode4, ...], Field(min_length=1)]
    """The four digits of each postcode (S004-05)."""
    inhabitants: Annotated[int, Field(ge=1)] | None = None
    """How many people live there; a wijkverband is meant for 10,000 to 20,000 unless agreed otherwise (S004-05)."""
    usual_size: Annotated[tuple[int, ...], Field(min_length=2, max_length=2)] | None = None
    """From and to how many inhabitants the region finds workable (S004-05)."""
    overlap: Literal["refused", "allowed"] = "refused"
    """Whether the region lets another partnership answer for the same postcode (S004-05)."""
    profile: Sentence | None = None
    """Where the figures of the neighbourhood come from (S002-06)."""


class Neighbour(Piece):
    """A partnership next door, and who is asked there."""

    partnership: Name
    """Its name (S000-27)."""
    postcodes: Annotated[tuple[Postcode4, ...], Field(min_length=1)]
    """Where it answers (S000-27, S004-05)."""
    entry: Name
    """The contact, listed under a party of this file, that takes its signals (S000-27, S004-26)."""


class Holiday(Piece):
    """A day off: by name, and where that was agreed; never computed (semantics 10)."""

    date: date
    """The day (semantics 10)."""
    name: Sentence
    """Its name (semantics 10)."""
    source: Sentence | None = None
    """Where it was agreed: Good Friday and 5 May differ from place to place (semantics 10)."""


class Hours(Piece):
    """A calendar: its week and its days off."""

    week: AnyWeek
    """Hours by day, as `mon-fri: "08:30-12:30, 13:00-17:00"`; past midnight as `fri: "22:00-07:00"` (S004-12, §0.3)."""
    holidays: tuple[Holiday, ...] = ()
    """Days on which no shift begins (semantics 10, §0.3)."""


class Level(Piece):
    """A level of urgency."""

    fhir: Literal["routine", "urgent", "asap", "stat"]
    """The priority other systems know it by (§0.3)."""
    meaning: Sentence | None = None
    """What the partners mean by it (§0.3)."""
    always: bool = False
    """Runs day and night, holidays too: never paused by opening hours (semantics 9, S003-12)."""
    calendar: Name | None = None
    """The hours it is worked on, for a level that waits for the office (semantics 9, §0.3)."""


class Urgency(Piece):
    """How urgent is urgent."""

    levels: Annotated[dict[Name, Level], Field(min_length=1)]
    """At least one that runs day and night, and one other; names and meaning are the partnership's (§0.3)."""


class Theme(Piece):
    """A subject the partners work on together."""

    name: Sentence
    """What it is about (S001-23, S004-36)."""
    owner: Name
    """The contact who keeps it moving (S001-23, S004-36)."""
    board_owner: Name | None = None
    """The contact who answers for it at board level (S001-23)."""


class Bottlenecks(Item):
    """What cannot be solved in a single case, and the way up it takes."""

    kept_by: Name
    """The contact that keeps the register (S004-02)."""
    layers: Names
    """The layers it is lifted through, the first first: practice, case talks, steering group, network (S004-36)."""
    forward_to: Name
    """The party that takes over what the partnership cannot solve, and tells back how it stands (S004-02)."""


class Entry(Piece):
    """The one address of the partnership."""

    contact: Name
    """Who is reached there (S004-03)."""
    address: Sentence | None = None
    """The public page or street address where anybody may report (S000-25, S004-03)."""
    phone: Sentence | None = None
    """Its public number: a desk's, never a person's (S000-25, S004-03)."""


class Partnership(Item):
    """Who keeps the partnership itself going; apart from the coordinator of a case."""

    coordinator: Names = ()
    """The contact or contacts in whom it is explicitly vested; nobody is an error (S004-23)."""
    initiator: Name | None = None
    """The contact that takes the initiative, and does not do everything (S002-10)."""
    chair: Name | None = None
    """The contact that leads its meetings (S000-19)."""
    process_guide: Name | None = None
    """The contact that keeps the process moving, where there is one (S001-21)."""
    themes: tuple[Theme, ...] = ()
    """Subjects with their owner (S001-23, S004-36)."""
    bottlenecks: OrNot[Bottlenecks] | None = None
    """The register of what needs more than one case (S004-02, S004-36)."""
    entry: Entry | None = None
    """The one address for professionals, the region and outsiders (S004-03)."""
    acquaintance_every: AnyPeriod | None = None
    """How often the partners meet to get to know each other (S004-38)."""


class Contacts(Item):
    """How the list of contacts is kept true."""

    reconfirm_every: AnyPeriod | None = None
    """After how long a contact is asked whether it still stands (§0.3, S001-01)."""
    announce_new: bool = True
    """Whether the partners are told of a new contact (S004-12)."""
    hand_over_open_items: Strength = "required"
    """Whether a successor takes over what is open at a moment of its own (S002-15)."""
