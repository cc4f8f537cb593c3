"""Signals: recognise, interpret, act, check the effect (S003-01)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import (
    ActorRef,
    Code,
    ContactRef,
    ContentRef,
    EventId,
    Id,
    Kind,
    Moment,
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
    #: What troubles others and not the client; alone it is no worry about somebody (S000-55).
    NUISANCE = "nuisance"
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


class FeedbackForm(OpenEnum):
    """How somebody hears back; an oral one is a task for a person (S000-58, S000-61, S003-13)."""

    WRITTEN = "written"
    ORAL = "oral"
    PHONE = "phone"
    VIDEO_CALL = "video_call"
    UNKNOWN = "unknown"


class FeedbackOutcome(OpenEnum):
    """What came of it. Sent is not informed (semantics 43): a text that Seinhuis is to deliver is `sent`, and counts
    when the bell says that it arrived.

    `not_wanted`: who was to hear does not want to, or left no way to be told.
    """

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    SPOKEN = "spoken"
    NOT_SPOKEN = "not_spoken"
    NOT_REACHED = "not_reached"
    NOT_DELIVERED = "not_delivered"
    NOT_WANTED = "not_wanted"
    UNKNOWN = "unknown"


class CallOutcome(OpenEnum):
    """What came of phoning somebody about a signal (semantics 42, 51). `taken` and `declined` are their own words, said
    by phone; `spoken` is that they know of it."""

    SPOKEN = "spoken"
    TAKEN = "taken"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"
    UNKNOWN = "unknown"


class ActionOutcome(OpenEnum):
    """How an action ended (S000-29). What came of it for the client is the effect check's to say."""

    DONE = "done"
    PARTLY_DONE = "partly_done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"


class WaitReason(OpenEnum):
    """What is waited for. A clock that the agreement lets it stop runs on at the moment named (semantics 11)."""

    REPORTER = "waiting_for_reporter"
    CLIENT_AWAY = "client_away"
    CLIENT_WANTS_TIME = "client_wants_time"
    RESULT = "waiting_for_result"
    OTHER_PARTY = "waiting_for_other_party"
    UNKNOWN = "unknown"


class Effect(OpenEnum):
    """Whether what was done helped (S003-06). No contact is a word of its own: silence is not all well."""

    ACHIEVED = "achieved"
    PARTLY = "partly"
    NOT_ACHIEVED = "not_achieved"
    NO_CONTACT = "no_contact"
    UNKNOWN = "unknown"


class ReassignReason(OpenEnum):
    """Why a signal goes to another function; its deadline stays (semantics 25)."""

    OUTSIDE_EXPERTISE = "outside_expertise"
    OUTSIDE_AREA = "outside_area"
    NO_CAPACITY = "no_capacity"
    ALREADY_KNOWN_THERE = "already_known_there"
    END_OF_DUTY = "end_of_duty"
    UNKNOWN = "unknown"


class CloseReason(OpenEnum):
    """Why a signal is closed; none without an answered effect check, or a reasoned no action (S000-28, S003-06)."""

    EFFECT_ACHIEVED = "effect_achieved"
    NO_ACTION_NEEDED = "no_action_needed"
    GOES_ON_IN_CASE = "goes_on_in_case"
    UNKNOWN = "unknown"


class WithdrawReason(OpenEnum):
    """Why the reporter takes a signal back."""

    MISTAKEN = "mistaken"
    REPORTED_TWICE = "reported_twice"
    NO_LONGER_NEEDED = "no_longer_needed"
    UNKNOWN = "unknown"


class Ground(OpenEnum):
    """On what ground something may be known beyond who was asked for it (S000-10, S000-54)."""

    CONSENT = "consent"
    PRESUMED_CONSENT = "presumed_consent"
    LEGAL_DUTY = "legal_duty"
    REPORTING_RIGHT = "reporting_right"
    #: These two are a decision of several, whatever else the agreement says.
    VITAL_INTEREST = "vital_interest"
    CONFLICT_OF_DUTIES = "conflict_of_duties"
    UNKNOWN = "unknown"


class RouteReason(OpenEnum):
    """Why this receiver: a rule matched, nothing matched, or the decision itself failed (S001-04)."""

    RULE_MATCHED = "rule_matched"
    NO_RULE_MATCHED = "no_rule_matched"
    REASSIGNED = "reassigned"
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
    UNKNOWN_CONTACT = "unknown_contact"
    NOT_THE_HOLDER = "not_the_holder"
    NOT_THE_REPORTER = "not_the_reporter"
    EFFECT_NOT_CHECKED = "effect_not_checked"
    NUISANCE_ONLY = "nuisance_only"
    REASON_MISSING = "reason_missing"
    OWNER_MISSING = "owner_missing"
    ACTION_RUNS = "action_runs"
    WRONG_REASON = "wrong_reason"
    WRONG_FORM = "wrong_form"
    WRONG_OUTCOME = "wrong_outcome"
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    FEEDBACK_OWED = "feedback_owed"
    PRACTICE_UNKNOWN = "practice_unknown"
    WRONG_RECEIVER = "wrong_receiver"
    UNKNOWN_ACTION = "unknown_action"
    UNKNOWN_PURPOSE = "unknown_purpose"
    SEVERAL_DECIDE = "several_decide"
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


class SignalPart(Part):
    """A part of what was understood that is for somebody else: it becomes a signal of its own (S003-03)."""

    types: Annotated[tuple[SignalType, ...], Field(min_length=1)]
    concern: tuple[Concern, ...] = ()
    urgency: Code
    content_ref: ContentRef | None = None


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


class LogCall(_Command):
    """Somebody phoned a function about it, and what came of that: a task for a person, done in one step (semantics 42,
    51). What they said by phone, the coordination point says for them; a no needs its `reason`."""

    by: Actor
    to: ContactRef
    outcome: CallOutcome
    reason: DeclineReason | None = None


class ReassignSignal(_Command):
    """Whoever has it, or the coordination point, gives it to another function (semantics 25)."""

    by: Actor
    to: ContactRef
    reason: ReassignReason


class InterpretSignal(_Command):
    """Whoever took it understood what was seen; urgency may change here (S003-04).

    What is owed is then never due later than before, unless `urgency_reason` says why it may wait (semantics 12).
    `types` and `concern`: what it turned out to be, left out when that is what was reported. `parts`: what besides is
    for somebody else, each a signal of its own from now on.
    """

    by: Actor
    findings_ref: ContentRef
    urgency: Code
    urgency_reason: Code | None = None
    findings_for: tuple[Code, ...] = ()
    expects_action: bool
    wishes_ref: ContentRef | None = None
    types: tuple[SignalType, ...] = ()
    concern: tuple[Concern, ...] = ()
    parts: Annotated[tuple[SignalPart, ...], Field(max_length=4)] = ()


class RecordAction(_Command):
    """What is done, by whom and by when; `no_action` needs a reason (S000-28, S003-05)."""

    by: Actor
    action: Code
    owner: ContactRef | None = None
    due_at: Moment | None = None
    reason: Code | None = None
    decided_with_client: bool | None = None
    content_ref: ContentRef | None = None


class EndAction(_Command):
    """An action has ended, by whoever does it or has the signal (S000-29).

    `action_id` is that of `ActionRecorded`; where only one runs, it may be left out.
    """

    by: Actor
    action_id: Id | None = None
    outcome: ActionOutcome
    content_ref: ContentRef | None = None


class RecordWait(_Command):
    """Nothing can be done before a moment, and why (semantics 11)."""

    by: Actor
    reason: WaitReason
    until: Moment


class GiveFeedback(_Command):
    """Somebody was told, or an attempt was made. `chars` is the length of a written text, counted where it is kept.

    `ground` and `purpose`: on what ground and for what somebody is told; the purpose is one of the agreement's.
    """

    by: Actor
    to: Code
    receiver: ContactRef | None = None
    form: FeedbackForm
    outcome: FeedbackOutcome
    content_ref: ContentRef | None = None
    ground: Ground | None = None
    purpose: Code | None = None
    chars: Annotated[int, Field(ge=0)] | None = None


class CheckEffect(_Command):
    """Whether what was done helped (S003-06)."""

    by: Actor
    outcome: Effect
    content_ref: ContentRef | None = None


class CloseSignal(_Command):
    """Nothing more is to be done about it (semantics 46)."""

    by: Actor
    reason: CloseReason


class WithdrawSignal(_Command):
    """Who reported it takes it back."""

    reporter: Reporter
    reason: WithdrawReason


class RecordGround(_Command):
    """On this ground, and for this purpose of the agreement, the circle may see the signal with the others of its case
    (S000-54, S000-55). A ground that several have to decide on is not recorded so."""

    by: Actor
    ground: Ground
    purpose: Code


class WithdrawGround(_Command):
    """The ground holds no more, or never did."""

    by: Actor
    ground: Ground
    purpose: Code


class SignalReported(_Fact):
    """The signal is in the case; what was reported, without its words. `split_from`: the signal it was a part of."""

    urgency: Code
    types: tuple[SignalType, ...]
    concern: tuple[Concern, ...]
    about: About
    postcode: Postcode4 | None = None
    reporter: Reporter
    expects_feedback: bool
    client_informed: bool | None = None
    content_ref: ContentRef | None = None
    split_from: Id | None = None


class SignalRouted(_Fact):
    """Who is asked, by which rule of which version, and why the other rules did not match (semantics 2, 5).

    `expertise`: whoever is asked for it, now or later, has one of these (S003-12); none named is anybody.
    """

    contact: ContactRef
    reason: RouteReason
    rule: Code
    ladder: Code
    urgency: Code
    agreement_version: int
    expertise: tuple[Code, ...] = ()
    trace: tuple[TraceStep, ...] = ()


class SignalAcknowledged(_Fact):
    """Taken by this function; everybody asked before is told (semantics 50). `expertise` as in `SignalRouted`."""

    by: Actor
    agreement_version: int
    expertise: tuple[Code, ...] = ()


class SignalDeclined(_Fact):
    """Not taken, with the reason."""

    by: Actor
    reason: DeclineReason
    agreement_version: int


class CallLogged(_Fact):
    """A function was phoned about it, and what came of that; what they said there is the fact that follows."""

    by: Actor
    to: ContactRef
    outcome: CallOutcome
    agreement_version: int


class SignalReassigned(_Fact):
    """Given to another function, which is asked now; the deadline stays as it was (semantics 25)."""

    by: Actor
    to: ContactRef
    reason: ReassignReason
    agreement_version: int


class SignalInterpreted(_Fact):
    """What was seen is understood for this person: how urgent it is, and which kinds of party are to hear of it
    (S003-04). `expects_action` says whether something is expected of them. `types` and `concern` are given where they
    are not those that were reported; `expertise` as in `SignalRouted`."""

    by: Actor
    findings_ref: ContentRef
    urgency: Code
    findings_for: tuple[Code, ...] = ()
    expects_action: bool
    wishes_ref: ContentRef | None = None
    agreement_version: int
    types: tuple[SignalType, ...] = ()
    concern: tuple[Concern, ...] = ()
    expertise: tuple[Code, ...] = ()


class SignalSplit(_Fact):
    """One interpretation, several signals: each of these was born from this one and goes to somebody of its own
    (S003-03). This one goes on with who has it."""

    by: Actor
    into: tuple[Id, ...]
    agreement_version: int


class PracticeUnknown(_Fact):
    """The client's GP is to hear of it, and the case does not say which practice that is (S000-57). It is to be found
    while the clocks run."""

    by: Actor
    agreement_version: int


class SignalUrgencyChanged(_Fact):
    """More or less urgent than before; a deadline only moves later by a person and with a reason (semantics 12).

    `expertise` as in `SignalRouted`: from now on it takes this to be asked for what is owed already, too.
    """

    by: Actor
    before: Code
    urgency: Code
    reason: Code | None = None
    reason_ref: ContentRef | None = None
    agreement_version: int
    expertise: tuple[Code, ...] = ()


class ActionRecorded(_Fact):
    """What is done, by whom and by when; or `no_action` with the reason, and then `is_action` is false: there is no
    effect to check (S000-28, S003-05)."""

    by: Actor
    action: Code
    is_action: bool = True
    owner: ContactRef | None = None
    due_at: Moment | None = None
    reason: Code | None = None
    decided_with_client: bool | None = None
    content_ref: ContentRef | None = None
    agreement_version: int
    action_id: Id | None = None


class ActionEnded(_Fact):
    """An action has ended, and how; the circle hears it, thinly (S000-29, semantics 50)."""

    by: Actor
    action_id: Id
    outcome: ActionOutcome
    content_ref: ContentRef | None = None
    agreement_version: int


class WaitRecorded(_Fact):
    """Nothing can be done before a moment, and why: what the agreement says pauses until then (semantics 11)."""

    by: Actor
    reason: WaitReason
    until: Moment
    agreement_version: int


class FeedbackGiven(_Fact):
    """Somebody was told, or an attempt was made: `to` is a kind of party, or `reporter` (S000-57, S000-61)."""

    by: Actor
    to: Code
    receiver: ContactRef | None = None
    form: FeedbackForm
    outcome: FeedbackOutcome
    content_ref: ContentRef | None = None
    ground: Ground | None = None
    purpose: Code | None = None
    agreement_version: int


class EffectChecked(_Fact):
    """Whether what was done helped (S003-06)."""

    by: Actor
    outcome: Effect
    content_ref: ContentRef | None = None
    agreement_version: int


class SignalClosed(_Fact):
    """Nothing more is to be done about it."""

    by: Actor
    reason: CloseReason
    agreement_version: int


class SignalWithdrawn(_Fact):
    """Who reported it takes it back."""

    reporter: Reporter
    reason: WithdrawReason
    agreement_version: int


class GroundRecorded(_Fact):
    """The circle may see the signal with the others of its case from now on, on this ground and for this purpose."""

    by: Actor
    ground: Ground
    purpose: Code
    agreement_version: int


class GroundWithdrawn(_Fact):
    """The ground holds no more: without another one only who takes part in the signal sees it."""

    by: Actor
    ground: Ground
    purpose: Code
    agreement_version: int


class SignalRepeated(_Fact):
    """So many signals of one case within the agreed window: what the agreement says is proposed (S003-11)."""

    count: int
    then: Code
    agreement_version: int


class CommandRefused(_Fact):
    """A command that changed nothing, by its id and type, with a reason code."""

    command_id: EventId
    command: TypeName
    reason: Refusal
