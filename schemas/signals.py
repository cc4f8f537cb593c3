"""Signals: recognise, interpret, act, check the effect (S003-01). The slice that routes and is answered."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import (
    ActorRef,
    Code,
    ContactRef,
    ContentRef,
    EventId,
    Kind,
    OpenEnum,
    Part,
    Postcode4,
    Said,
    TypeName,
)


class SignalType(OpenEnum):
    """The six types of S003-03."""

    SUPPORTIVE = "supportive"
    CARING = "caring"
    MEDICAL = "medical"
    NURSING = "nursing"
    BEHAVIOURAL = "behavioural"
    SOCIAL = "social"
    UNKNOWN = "unknown"


class Concern(OpenEnum):
    """What was seen, as a code (S000-25, S003-02, S004-14)."""

    CARE_AVOIDANCE = "care_avoidance"
    MISSED_CARE = "missed_care"
    CARE_DELAY = "care_delay"
    FALL = "fall"
    MALNUTRITION = "malnutrition"
    NEGLECT = "neglect"
    OVERLOAD_OF_INFORMAL_CARER = "overload_of_informal_carer"
    LONELINESS = "loneliness"
    MEDICATION = "medication"
    CONFUSION = "confusion"
    UNSAFE_HOME = "unsafe_home"
    RECOVERY = "recovery"
    DETERIORATION = "deterioration"
    CRISIS = "crisis"
    POSSIBLE_VIOLENCE = "possible_violence"
    PSYCHIC = "psychic"
    UNKNOWN = "unknown"


class About(OpenEnum):
    """Whom the signal is about (S003-20, S000-22)."""

    CLIENT = "client"
    INFORMAL_CARER = "informal_carer"
    HOUSEHOLD = "household"
    UNKNOWN = "unknown"


class ReporterKind(OpenEnum):
    """Who reports: a professional of a party, or somebody without an account (S003-07, S000-24)."""

    PROFESSIONAL = "professional"
    INFORMAL_CARER = "informal_carer"
    NEIGHBOUR = "neighbour"
    VOLUNTEER = "volunteer"
    DOMESTIC_HELP = "domestic_help"
    CLIENT = "client"
    OTHER = "other"
    UNKNOWN = "unknown"


class DeclineReason(OpenEnum):
    """Why an asked contact does not take it (S000-32); the next level is asked at once."""

    OUTSIDE_EXPERTISE = "outside_expertise"
    OUTSIDE_AREA = "outside_area"
    NO_CAPACITY = "no_capacity"
    NOT_OUR_CLIENT = "not_our_client"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    UNKNOWN = "unknown"


class RouteReason(OpenEnum):
    """Why this receiver: a rule matched, nothing matched, or the decision itself failed (S001-04)."""

    RULE_MATCHED = "rule_matched"
    NO_RULE_MATCHED = "no_rule_matched"
    RULE_ERROR = "rule_error"
    DECISION_FAILED = "decision_failed"
    UNKNOWN = "unknown"


class Refusal(OpenEnum):
    """Why a command changed nothing. A closed, documented list (semantics 36)."""

    ALREADY_EXISTS = "already_exists"
    UNKNOWN_ENTITY = "unknown_entity"
    NOT_ALLOWED_NOW = "not_allowed_now"
    NEVER_ASKED = "never_asked"
    ALREADY_TAKEN = "already_taken"
    UNKNOWN_PARTNERSHIP = "unknown_partnership"
    UNKNOWN_URGENCY = "unknown_urgency"
    TIME_NOT_CREDIBLE = "time_not_credible"
    DECISION_FAILED = "decision_failed"
    UNKNOWN = "unknown"


class Reporter(Part):
    """Who reported: the kind, and the party when there is one."""

    kind: ReporterKind
    party: Code | None = None


class Actor(Part):
    """Who acts: a function at a party, and a reference only that party resolves."""

    contact: ContactRef
    actor_ref: ActorRef | None = None


class TraceStep(Part):
    """One node of the routing tree and why it did or did not match."""

    node: Code
    matched: bool
    because: Code


class _Command(Said):
    subject: ClassVar[str] = "signals"
    kind: ClassVar[Kind] = "command"


class _Fact(Said):
    subject: ClassVar[str] = "signals"
    kind: ClassVar[Kind] = "fact"


class ReportSignal(_Command):
    """Somebody is worried. `urgency` is a level of the agreement; types and concern may be empty (S000-24)."""

    urgency: Code
    types: tuple[SignalType, ...] = ()
    concern: tuple[Concern, ...] = ()
    about: About = About.CLIENT
    postcode: Postcode4 | None = None
    reporter: Reporter
    expects_feedback: bool = False
    client_informed: bool | None = None
    content_ref: ContentRef | None = None


class AcknowledgeSignal(_Command):
    """An asked contact takes ownership (semantics 24)."""

    by: Actor


class DeclineSignal(_Command):
    """An asked contact does not take it, and says why (semantics 25)."""

    by: Actor
    reason: DeclineReason


class SignalReported(_Fact):
    """The signal is in the case; what was reported, without its words."""

    urgency: Code
    types: tuple[SignalType, ...]
    concern: tuple[Concern, ...]
    about: About
    postcode: Postcode4 | None = None
    reporter: Reporter
    expects_feedback: bool
    client_informed: bool | None = None
    content_ref: ContentRef | None = None


class SignalRouted(_Fact):
    """Who is asked, by which rule of which version, and why the other rules did not match (semantics 2, 5)."""

    contact: ContactRef
    reason: RouteReason
    rule: Code
    ladder: Code
    urgency: Code
    agreement_version: int
    trace: tuple[TraceStep, ...] = ()


class SignalAcknowledged(_Fact):
    """Taken by this function; everybody asked before is told (semantics 50)."""

    by: Actor
    agreement_version: int


class SignalDeclined(_Fact):
    """Not taken, with the reason."""

    by: Actor
    reason: DeclineReason
    agreement_version: int


class CommandRefused(_Fact):
    """A command that changed nothing, by its id and type, with a reason code."""

    command_id: EventId
    command: TypeName
    reason: Refusal
