"""The agreement as signed: one YAML file, closed to keys it does not know. Names are joined up in terms.py."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from schemas.base import Code, Postcode4
from schemas.signals import About, Concern, SignalType
from services.agreements.fields import AnySpan, AnyWeek, AnyWhere, Name, Sentence, known_word

#: A contact who is always to be reached, instead of a calendar's name.
ALWAYS = "always"
#: Rungs of a ladder that depend on who was asked first.
CONTACT, DEPUTY = "contact", "deputy"
#: The receiver of a rule for cases that already have a contact of their own.
CASE_CONTACT = "case.contact"


class Piece(BaseModel):
    """A part of the file: frozen, strict in its types, closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Review(Piece):
    """How often the partners sit down over this agreement (S004-33)."""

    per_year: Annotated[int, Field(ge=1, le=12)]


class Meta(Piece):
    """Whose agreement, which version, from when."""

    partnership: Name
    title: Sentence
    version: Annotated[int, Field(ge=1)]
    valid_from: date
    review: Review


class Area(Piece):
    """The postcodes this partnership answers for."""

    postcodes: Annotated[tuple[Postcode4, ...], Field(min_length=1)]


class Holiday(Piece):
    """A day off, by name, and where that was agreed: never computed (semantics 10)."""

    date: date
    name: Sentence
    source: Sentence


class Hours(Piece):
    """A calendar: its week and its holidays."""

    week: AnyWeek
    holidays: tuple[Holiday, ...] = ()


class Level(Piece):
    """A level of urgency: its FHIR priority; `always` runs day and night; else a calendar says when it is worked on."""

    fhir: Literal["routine", "urgent", "asap", "stat"]
    always: bool = False
    calendar: Name | None = None


class Urgency(Piece):
    """The levels of this partnership."""

    levels: Annotated[dict[Name, Level], Field(min_length=1)]


class Contact(Piece):
    """A function at a party, never a person: how and when it is reached, and who stands in."""

    id: Name
    title: Sentence
    channels: tuple[Literal["webhook", "email", "phone"], ...]
    reachable: Name
    types: tuple[Annotated[SignalType, known_word(SignalType)], ...] = ()
    deputy: Name | None = None


class Party(Piece):
    """An organisation in the partnership, or one it reaches out to. Kinds are open words (S000-23)."""

    id: Name
    kind: Name
    title: Sentence
    ring: Literal["core", "shell"]
    expertise: tuple[Name, ...] = ()
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1)]


class Signals(Piece):
    """The one clear place to report (S000-25)."""

    entry: Name


class Window(Piece):
    """Within the hours of a calendar, or out of them."""

    inside: Name | None = None
    outside: Name | None = None


class Match(Piece):
    """What a rule asks for: every line must hold; of a list, one is enough. Nothing asked for matches all."""

    urgency: tuple[Name, ...] = ()
    types: tuple[Annotated[SignalType, known_word(SignalType)], ...] = ()
    concern: tuple[Annotated[Concern, known_word(Concern)], ...] = ()
    about: tuple[Annotated[About, known_word(About)], ...] = ()
    postcode: tuple[Postcode4, ...] = ()
    area: Literal["inside", "outside"] | None = None
    case: Literal["has_contact"] | None = None
    hours: Window | None = None


class Rule(Piece):
    """A node of the routing tree: what it does not say it has from the node above it."""

    name: Name
    match: Match
    receiver: Code | None = None
    ladder: Name | None = None
    goes_on: bool = Field(default=False, alias="continue")
    routes: tuple[Rule, ...] = ()


class Routing(Piece):
    """The root: who is asked when no rule matches, and by which ladder."""

    receiver: Name | None = None
    ladder: Name | None = None
    routes: tuple[Rule, ...] = ()


Event = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{2,63}$")]


class Trigger(Piece):
    """A fact by its name, and what its fields must hold."""

    event: Event
    where: AnyWhere = ()


class Cancelling(Trigger):
    """A fact after which nothing is owed any more, and what to call that."""

    because: Literal["withdrawn", "replaced", "closed"] = "withdrawn"


def _form(value: object) -> str:
    return "name" if isinstance(value, str) else "trigger"


AnyTrigger = Annotated[
    Annotated[Event, Tag("name")] | Annotated[Trigger, Tag("trigger")], Discriminator(_form)
]
AnyCancelling = Annotated[
    Annotated[Event, Tag("name")] | Annotated[Cancelling, Tag("trigger")], Discriminator(_form)
]


class Obligation(Piece):
    """Who owes an answer when a fact is told, how fast by urgency, what counts as the answer, and who is asked next.

    `owed_by` is a contact of this agreement, or `event.FIELD`: the contact named by a field of the opening fact.
    `ladder` is a ladder of this agreement, or `event.ladder`: the one the routing chose.
    """

    name: Name
    opened_by: AnyTrigger
    discharged_by: Annotated[tuple[AnyTrigger, ...], Field(min_length=1)]
    next_level_on: tuple[AnyTrigger, ...] = ()
    cancelled_by: tuple[AnyCancelling, ...] = ()
    owed_by: Code
    owed_to: Code | None = None
    within: dict[Name, AnySpan]
    warn_at: tuple[int, ...] = (50, 75, 90)
    ladder: Code


class Rung(Piece):
    """A level of a ladder: who is asked, how long after the level before, and how often the last one is asked again."""

    to: Name
    after: dict[Name, AnySpan] = {}
    repeat_every: dict[Name, AnySpan] = {}


class Escalation(Piece):
    """The ladders of `this is not answered now`, by name."""

    operational: dict[Name, tuple[Rung, ...]]


class Agreement(Piece):
    """What a partnership signed."""

    meta: Meta
    area: Area
    timezone: str
    calendars: dict[Name, Hours]
    urgency: Urgency
    parties: Annotated[tuple[Party, ...], Field(min_length=1)]
    signals: Signals
    routing: Routing
    obligations: tuple[Obligation, ...]
    escalation: Escalation
