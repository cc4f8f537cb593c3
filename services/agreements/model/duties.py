"""Signals, the routing tree, the obligations and both ladders: what the processors run on from minute to minute."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from schemas.base import Code, Postcode4
from schemas.signals import About, Concern, ReporterKind
from services.agreements.fields import AnyPeriod, AnySpan, AnyWhere, Event, Name, Sentence, known_word
from services.agreements.model.parties import AnyType
from services.agreements.model.pieces import Codes, Item, Names, OrNot, Piece

AnyConcern = Annotated[Concern, known_word(Concern)]


class SeeEachOther(Piece):
    """When signals of one case are seen together."""

    inside: Literal["circle"] = "circle"
    """Only by members of the case's circle (S000-54)."""
    on_ground: bool = True
    """Only with a recorded ground (S000-54, S000-55)."""


class Repeat(Piece):
    """When signals of one case are more than one by one."""

    count: Annotated[int, Field(ge=2, le=100)]
    """So many (S003-11)."""
    within: AnyPeriod
    """In so long (S003-11)."""
    then: Literal["propose_meeting"]
    """What is done (S003-11)."""


class Signals(Item):
    """Where worries go, and what becomes of them."""

    entry: Name
    """The contact of the one clear place to report (S000-25)."""
    concerns: tuple[AnyConcern, ...] = ()
    """The kinds of worry this partnership asks for; none named is all (S000-25, S004-14)."""
    acute_expertise: dict[AnyType, Names] = {}
    """By type: of these, a function must have one to be asked at a level that runs day and night (S003-12)."""
    see_each_other: SeeEachOther | None = None
    """When signals of several organisations about one person come together (S000-54)."""
    nuisance_only: Literal["refuse", "flag"] = "refuse"
    """What is done with a signal whose only purpose is nuisance (S000-55)."""
    effect_check_after: dict[Name, AnySpan] = {}
    """By level: when it is asked whether the action helped; no signal closes before that is answered (S003-06)."""
    repeat: Repeat | None = None
    """When a meeting is proposed (S003-11)."""
    prevention: tuple[AnyConcern, ...] = ()
    """Kinds of worry counted by area, without persons, for prevention with a group (S004-37)."""


class Window(Piece):
    """Within the hours of a calendar, or out of them."""

    inside: Name | None = None
    """A calendar that is open (S002-21)."""
    outside: Name | None = None
    """A calendar that is shut (S002-21)."""


class Match(Piece):
    """What a rule asks for: every line must hold; of a list, one is enough. Nothing asked for matches all."""

    urgency: tuple[Name, ...] = ()
    """Levels (S003-12)."""
    types: tuple[AnyType, ...] = ()
    """Types of signal, one of which it has (S003-03)."""
    every_type: tuple[AnyType, ...] = ()
    """Types of signal, all of which it has (S003-17)."""
    concern: tuple[AnyConcern, ...] = ()
    """What was seen, one of these (S000-25)."""
    every_concern: tuple[AnyConcern, ...] = ()
    """What was seen, all of these (S003-17)."""
    about: tuple[Annotated[About, known_word(About)], ...] = ()
    """Whom it is about (S003-20)."""
    reporter: tuple[Annotated[ReporterKind, known_word(ReporterKind)], ...] = ()
    """Who reports (S003-07)."""
    reporting_kind: Names = ()
    """The kind of the party that reports (S000-24)."""
    postcode: tuple[Postcode4, ...] = ()
    """Where (S000-27)."""
    area: Literal["inside", "outside"] | None = None
    """Inside or outside this partnership's area; nobody knows without a postcode (S000-27)."""
    case: Literal["has_contact", "has_coordinator"] | None = None
    """That the case already has somebody (S003-24, S000-36)."""
    practice: Names = ()
    """The client's GP practice (S003-24)."""
    target_group: Names = ()
    """The group the client belongs to (S004-22)."""
    hours: Window | None = None
    """When (S002-21)."""


class Rule(Piece):
    """A node of the routing tree: what it does not say it has from the node above it."""

    name: Name
    """Its name in every decision (S001-04)."""
    because: Sentence | None = None
    """Why the partners agreed on it, for who reads the explanation (S002-18)."""
    match: Match
    """When it holds (S003-03)."""
    receiver: Code | None = None
    """A contact of this file, or one found at the moment itself: `case.contact`, `case.coordinator`, `neighbour.entry`,
    `practice.contact`, `intake.contact`, `path.contact` (S001-04, S003-24, S004-16)."""
    ladder: Name | None = None
    """Who is next when nobody answers (S004-18)."""
    goes_on: Annotated[bool, Field(alias="continue")] = False
    """Whether the rules below may ask somebody else as well (S003-17)."""
    routes: tuple[Rule, ...] = ()
    """Rules within it, looked at before itself (S000-03)."""


class Routing(Piece):
    """The root of the tree: who is asked when no rule matches, and by which ladder."""

    receiver: Name | None = None
    """A contact of the coordination point: an unrouted signal cannot exist (S001-04)."""
    ladder: Name | None = None
    """Its ladder (S004-18)."""
    routes: tuple[Rule, ...] = ()
    """From top to bottom, the first that matches decides (S000-03)."""


class Intake(Piece):
    """Who does the first intake; the first line that fits decides, a line that asks nothing fits all."""

    target_group: Names = ()
    """For these groups (S004-16)."""
    types: tuple[AnyType, ...] = ()
    """For these types of signal (S004-16)."""
    postcodes: tuple[Postcode4, ...] = ()
    """In these postcodes (S004-16)."""
    by: Name
    """The contact that does it (S004-16)."""


class Trigger(Piece):
    """A fact by its name, and what its fields must hold."""

    event: Event
    """The fact, as `docs/EVENTS.md` lists them (events)."""
    where: AnyWhere = ()
    """`{urgency: [acute], reason: no_capacity}`: every field holds one of its values (events)."""
    same: Names = ()
    """Fields that hold the same as in the fact that opened it: of two actions, the end of one answers for that one
    (events)."""


class Cancelling(Trigger):
    """A fact after which nothing is owed any more, and what to call that."""

    because: Literal["withdrawn", "replaced", "closed"] = "withdrawn"
    """Why nothing is owed (semantics 11)."""


class Asking(Trigger):
    """A fact by which it is given to somebody else, who is asked at once."""

    who: Annotated[str, StringConstraints(pattern=r"^event\.[a-z0-9_]{1,57}$")]
    """`event.FIELD`: the contact that a field of that fact names (semantics 25)."""


def _form(value: object) -> str:
    return "name" if isinstance(value, str) else "trigger"


AnyTrigger = Annotated[
    Annotated[Event, Tag("name")] | Annotated[Trigger, Tag("trigger")], Discriminator(_form)
]
AnyCancelling = Annotated[
    Annotated[Event, Tag("name")] | Annotated[Cancelling, Tag("trigger")], Discriminator(_form)
]


class Obligation(Item):
    """Who owes an answer when a fact is told, how fast by urgency, what counts as the answer, and who is asked next."""

    name: Name
    """Its name in every fact about it (S004-04)."""
    opened_by: AnyTrigger
    """The fact after which it is owed (events)."""
    discharged_by: Annotated[tuple[AnyTrigger, ...], Field(min_length=1)]
    """The facts that count as the answer: sent is not informed (semantics 43)."""
    next_level_on: tuple[AnyTrigger, ...] = ()
    """Facts after which the next level is asked at once; the deadline stays (semantics 25)."""
    asked_of: tuple[Asking, ...] = ()
    """Facts by which it is given to somebody else, who is asked at once; the deadline stays (semantics 25)."""
    paused_by: tuple[AnyTrigger, ...] = ()
    """Facts that stop its clock for a while, each with a `reason` and with `until`, the moment at which it runs on by
    itself: one that lacks either, or comes when the deadline has passed, stops nothing, and neither does any at a level
    that runs day and night (semantics 9, 11)."""
    resumed_by: tuple[AnyTrigger, ...] = ()
    """Facts that let it run on before that (semantics 11)."""
    cancelled_by: tuple[AnyCancelling, ...] = ()
    """Facts after which nothing is owed (semantics 11)."""
    owed_by: Code
    """A contact of this file, or `event.FIELD`: the contact that a field of the opening fact names (S000-33)."""
    owed_to: Code | None = None
    """Who waits for it: a kind of party, or `event.FIELD` (S000-57)."""
    due: Annotated[str, StringConstraints(pattern=r"^event\.[a-z0-9_]{1,57}$")] | None = None
    """`event.FIELD`: the moment that a field of the opening fact names; `within` is for one without (S000-28)."""
    within: dict[Name, AnySpan]
    """The time, by level: PT15M, {days: 1, counting: elapsed or calendar}, {working_days: 2, calendar: office}
    (S000-46, S000-59, §0.3)."""
    warn_at: tuple[int, ...] = (50, 75, 90)
    """Per cent of the time after which it is reminded of (semantics 13)."""
    ladder: Code
    """A ladder of this file, or `event.ladder`: the one the routing chose (S004-18)."""
    ladder_begins: Literal["when_asked", "when_due"] = "when_asked"
    """`when_asked`: silence moves on by the ladder's own waits, for somebody has to take it; `when_due`: whoever has it
    is left to it, and the ladder begins when it is missed (semantics 22, 24)."""
    group: Name | None = None
    """Duties of one group are met together, each by its own clock: the letter delivered, the call spoken (S000-60)."""


class Rung(Piece):
    """A level of a ladder."""

    to: Name
    """A contact of this file; or who was asked first, `contact`, and its `deputy`, `stand_in`, `overflow` (S001-16)."""
    after: dict[Name, AnySpan] = {}
    """By level of urgency: how long after the level before (§0.3)."""
    repeat_every: dict[Name, AnySpan] = {}
    """By level of urgency, at the last level: how often it is asked again (semantics 28)."""


class Missed(Piece):
    """How often is too often."""

    count: Annotated[int, Field(ge=1, le=1000)]
    """So many binding items missed by one party (S004-04)."""
    within: AnyPeriod
    """In so long (§0.3)."""


class CollaborationWhen(Piece):
    """When the second ladder begins."""

    missed: Missed
    """Counts only: no client is seen there (S004-13)."""


class CollaborationRung(Piece):
    """A level of the second ladder."""

    to: Codes
    """`address_each_other`, `accountable_person`, `partnership.coordinator`, or parties of this file (S001-22, S002-12,
    S004-13, S004-24)."""
    answer_within: AnySpan | None = None
    """Its own term (§0.3)."""


class Collaboration(Item):
    """The ladder of `this agreement is not kept`; it never sees a client."""

    when: CollaborationWhen
    """What begins it (S004-04)."""
    rungs: Annotated[tuple[CollaborationRung, ...], Field(min_length=1)]
    """From talking to each other up to insurer and municipality (S002-12, S004-13, S004-18, S004-24)."""


class Escalation(Piece):
    """Both ladders, never one word for the two."""

    operational: dict[Name, tuple[Rung, ...]]
    """By name: this signal is not answered now (§0.3, S004-18)."""
    collaboration: OrNot[Collaboration] | None = None
    """An agreement is not kept (S004-18)."""
