"""From finding a place to aftercare: what is agreed on the way of one client."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Postcode4
from services.agreements.fields import AnyPeriod, AnySpan, Event, Name, Sentence
from services.agreements.model.pieces import Item, MeasureName, Names, OrNot, Piece, Strength


class Referral(Item):
    """Calling somebody in."""

    modes: Annotated[tuple[Literal["refer", "involve", "act_together", "consult"], ...], Field(min_length=1)]
    """Only `refer` moves responsibility (S000-44)."""
    entry: Name | None = None
    """The contact for all new requests of the region; may be a desk of several parties (S001-02)."""
    plannable_entry: Name | None = None
    """The contact for care that can be planned, where that goes another way (S001-29)."""
    changes_entry: Code | None = None
    """Where a change in care that already runs is asked: a contact, or `case.contact` (S002-03)."""
    joint_assessment: Names = ()
    """The parties that assess together and give one answer (S001-30)."""
    contact_made_by: Literal["referrer", "client"] | None = None
    """Who makes the first contact; the documents prefer the referrer (S000-06)."""


class Form(Piece):
    """What a handover says."""

    required: Annotated[Names, Field(min_length=1)]
    """The fields without which nobody can accept (S000-42, S000-47)."""
    missed_care: bool = True
    """Whether care that was missed has to be said, `none seen` too (S000-48)."""


class HandoverChannels(Piece):
    """How a handover reaches the taker, at a level of urgency."""

    written: Strength
    """In writing at least (S000-45)."""
    phone: Strength
    """A call with it (S000-45)."""


class ClientInvolvement(Piece):
    """The client's part in it."""

    ask: Strength
    """How firmly it is asked (S000-43)."""
    reason_if_not: bool = True
    """Whether it is written down why not (S000-43)."""


class Handover(Item):
    """Responsibility from one to another."""

    forms: Annotated[dict[Name, Form], Field(min_length=1)]
    """By kind of handover (S000-42, checklist 22)."""
    missed_care_codes: Names = ()
    """Malnutrition, neglect, oral care, social, and what else the partners add (S000-48)."""
    moments: Names = ()
    """When one is planned (S000-41, checklist 19)."""
    moves_on: Literal["acceptance"] = "acceptance"
    """Responsibility moves by an explicit yes, never by silence (S000-40)."""
    confirmations: tuple[Literal["giver_dossier", "taker_dossier"], ...]
    """Who writes it in their own file before it is done (S000-49, checklist 23 and 24)."""
    confirm_within: dict[Name, AnySpan] = {}
    """By level: in how long both files have it (S000-49, §0.3)."""
    due_within: dict[Name, AnySpan]
    """By level: in how long it is accepted (S000-46, §0.3)."""
    channels: dict[Name, HandoverChannels]
    """By level: in writing, and by phone (S000-45, checklist 21)."""
    client_involvement: ClientInvolvement | None = None
    """The client's part (S000-43, checklist 20)."""
    warm_visit: Strength = "advised"
    """A visit before the day of discharge, by who takes over (S001-09)."""
    welcome_talk: Strength = "advised"
    """A talk soon after a placement (S003-25)."""


class Capacity(Item):
    """Who has room."""

    kinds: Annotated[Names, Field(min_length=1)]
    """The kinds of care it is told for (S001-01, S002-07)."""
    stale_after: AnySpan
    """After how long a place counts as unknown (S001-01, §0.3)."""
    prioritisation: Names = ()
    """In which order waiting work is done (S003-15, §0.3)."""
    announce_limits_to: Names = ()
    """Who is told when there is little (S003-16)."""
    waiting_shared_with: Names = ()
    """The parties that see waiting lists, as numbers and kinds (S004-30)."""


class Offer(Piece):
    """Asking for a place."""

    parallel: Annotated[int, Field(ge=1, le=50)]
    """How many parties at once (§0.3)."""
    answer_within: dict[Name, AnySpan]
    """By level; silence is not a no (§0.3)."""
    order: Annotated[Names, Field(min_length=1)]
    """By what they are ranked (S002-17, §0.3)."""
    shows: tuple[Literal["postcode", "area_only", "care_kinds", "start"], ...] = (
        "area_only",
        "care_kinds",
        "start",
    )
    """What an offer tells before anybody is chosen: never who it is about (S002-19)."""
    postcode_min_inhabitants: Annotated[int, Field(ge=1)] | None = None
    """Where fewer people live than this, an offer names the area and not the postcode (S002-19, events)."""


class WhenAllRefuse(Piece):
    """When nobody can."""

    then: Name
    """What is done, such as `joint_talk` of the accountable persons (S001-10)."""
    by: Name
    """The contact that calls for it (S001-10)."""
    within: AnySpan
    """In how long (§0.3)."""


class HardToPlace(Piece):
    """When a client counts as hard to place."""

    refused_by: Annotated[int, Field(ge=1)] | None = None
    """After so many refusals (S001-20, §0.3)."""
    waited: AnySpan | None = None
    """After so long (S001-20, §0.3)."""


class Placement(Item):
    """Finding a place without a round of phone calls."""

    offer: Offer
    """How it is asked (S001-07)."""
    choose_by: Literal["client", "representative", "coordination_point"]
    """Who chooses: never against a stated wish (S002-17, §0.3)."""
    when_all_refuse: WhenAllRefuse
    """When nobody can (S001-10)."""
    hard_to_place: HardToPlace
    """When it counts as hard (S001-20)."""
    duty_to_take: Names = ()
    """The parties that take in turn whom nobody took (S001-08)."""
    bridging: Names = ()
    """What helps while waiting (S004-31)."""
    transfer_waiting: Strength = "advised"
    """Whether a person on a list may move to another party's (S004-32)."""


class TravelTime(Piece):
    """In how long somebody is there."""

    by: Name
    """The contact (S003-19)."""
    postcodes: tuple[Postcode4, ...] = ()
    """Where; none named is the whole area (S003-19)."""
    within: AnySpan
    """In how long (S003-19, §0.3)."""


class Availability(Item):
    """Directly available, in minutes."""

    acute_response: AnySpan
    """In how long a professional with the expertise is there for an acute signal (S003-12, §0.3)."""
    travel_times: tuple[TravelTime, ...] = ()
    """By contact and area (S003-19, §0.3)."""


class Task(Piece):
    """Something somebody does, and how it fits in."""

    task: Name
    """What (S004-10, checklist 9)."""
    party: Name | None = None
    """Which party does it: exactly one (S004-10, checklist 9)."""
    binding: Literal["binding", "intent"] = "binding"
    """How firm (S001-24)."""
    after: Names = ()
    """The tasks it comes after (checklist 10)."""
    informs: Names = ()
    """The parties that hear of it (checklist 10)."""
    works_with: Names = ()
    """The parties it is done with (checklist 10)."""


class ClientContactRole(Piece):
    """The one contact of the client."""

    assigned_by: Name
    """Who names it (S000-36)."""
    may_see_all_parts: bool = True
    """Knows the whole file and all who take part (S004-17)."""


class CoordinatorRole(Piece):
    """Coordinates; apart from who leads on a part, and not finally responsible."""

    assigned_by: Name
    """Who names the coordinator (S000-19, checklist 15)."""
    powers: Annotated[Names, Field(min_length=1)]
    """What the coordinator may do (S000-19, checklist 15)."""
    limits: Names = ()
    """What not (checklist 15)."""
    not_final_responsible: Literal[True]
    """Said so on purpose (S000-37)."""
    domains: Names = ()
    """Of which domains a coordinator may come, the social one too (S003-22)."""


class PartLeadsRole(Piece):
    """Who leads on the substance of a part."""

    one_per_part: Literal[True] = True
    """Exactly one (S000-33)."""
    assigned_by: Name
    """Who names them (S000-33)."""


class ReservedRole(Piece):
    """A role for some kinds of party or profession only."""

    kinds: Annotated[Names, Field(min_length=1)]
    """Medical: gp, psychiatrist, doctor for people with disabilities, street doctor (S000-20, S000-39)."""


class Roles(Item):
    """Five roles in a case are five slots."""

    client_contact: OrNot[ClientContactRole] | None = None
    """The client's contact (S000-36)."""
    coordinator: OrNot[CoordinatorRole] | None = None
    """The coordinator (S000-19)."""
    part_leads: OrNot[PartLeadsRole] | None = None
    """Leads per part (S000-33)."""
    medical_responsible: OrNot[ReservedRole] | None = None
    """The medical side (S000-39)."""
    process_owner: Literal["partnership"] | None = None
    """Who owns the process (S000-39)."""
    process_director: OrNot[ReservedRole] | None = None
    """A process director, where care measures or compulsion need one (S000-20)."""
    task_division: tuple[Task, ...] = ()
    """Who does what (S004-10, checklist 9 and 10)."""


class Involvement(Item):
    """The client and those near take part in the plan."""

    required_in: Annotated[Names, Field(min_length=1)]
    """In what (S000-35, checklist 14)."""
    reason_if_not: bool = True
    """Whether it is written down why not (checklist 14)."""


class ClientContactRule(Item):
    """That the client knows whom to ask."""

    assign_rule: Name
    """How the contact is chosen (S000-36, checklist 16)."""
    tell_within: AnySpan
    """In how long the client knows (S000-36, checklist 16)."""


class ClientOverview(Item):
    """What the client is told about who is who."""

    includes: Annotated[tuple[Literal["contact", "parts", "coordinator"], ...], Field(min_length=1)]
    """Who does which part, who coordinates (checklist 17 and 18)."""


class Direction(Item):
    """The client directs his own care as far as possible."""

    client_involvement: OrNot[Involvement] | None = None
    """Part in the plan (checklist 14)."""
    client_contact: OrNot[ClientContactRule] | None = None
    """Whom to ask (checklist 16)."""
    client_overview: OrNot[ClientOverview] | None = None
    """Who is who (checklist 17 and 18)."""


class MandatePart(Piece):
    """Who answers for a part, and what may be decided alone."""

    part: Name
    """The part (S000-33, checklist 11)."""
    responsible_role: Name
    """The role that answers for it (S000-33, checklist 11)."""
    final_responsible: Name
    """The role that answers in the end, or `none`: said either way (S000-33, checklist 11)."""
    may_decide: Names = ()
    """What may be decided alone (S004-20, checklist 12)."""
    recorded_in: Name | None = None
    """Where that is written down (checklist 12)."""


class HoldToAccount(Piece):
    """Who may call others to account."""

    role: Name
    """The role (S000-34, checklist 13)."""
    may: Annotated[tuple[Literal["address", "demand_activity"], ...], Field(min_length=1)]
    """What it may (S000-34, checklist 13)."""
    answer_within: AnySpan
    """In how long an answer is owed (S000-34, checklist 13)."""


class Mandates(Item):
    """Who may decide and demand."""

    parts: tuple[MandatePart, ...] = ()
    """By part (checklist 11 and 12)."""
    hold_to_account: tuple[HoldToAccount, ...] = ()
    """By role (checklist 13)."""


class FollowUp(Piece):
    """No meeting without a next date."""

    max_gap: AnyPeriod
    """The longest time to the next (S000-18, §0.3)."""


class Meeting(Piece):
    """A meeting that comes back."""

    kind: Literal["case_meeting", "network_meeting", "round"]
    """On one case, on the neighbourhood without persons, or along a list of clients (S004-35, S003-23)."""
    every: AnyPeriod
    """How often (S003-11, S003-21)."""
    agenda_closes: AnySpan | None = None
    """How long before it the agenda closes (S003-11)."""
    disciplines: dict[Name, Sentence] = {}
    """Who is invited, each with the reason why (S003-21)."""
    inputs: Names = ()
    """What has to be there beforehand, such as a photo or a wound report (S003-23)."""


class Mdo(Item):
    """Conferring on a case with several disciplines."""

    weighing_steps: Annotated[Names, Field(min_length=1)]
    """What is weighed before a case is brought in (S000-08)."""
    first_planned_by: Literal["signalling_party", "coordinator"]
    """Who plans the first and invites (S000-17)."""
    first_within: dict[Name, AnySpan] = {}
    """By level: in how long it is planned (S000-17, §0.3)."""
    requires: tuple[Literal["data_agreement"], ...] = ()
    """Without which an invitation is refused (S000-07)."""
    chair: Name = "coordinator"
    """The role that leads it (S000-19)."""
    modes: tuple[Literal["named", "anonymous", "smaller_circle"], ...] = ("named",)
    """Lesser means before disclosure (S000-62)."""
    follow_up: FollowUp
    """The next date (S000-18)."""
    meetings: tuple[Meeting, ...] = ()
    """Meetings that come back (S003-11, S003-21)."""


class Monitoring(Item):
    """Following the path."""

    monitors: Name
    """The role that monitors (S000-51, checklist 25)."""
    evaluates: Name
    """The role that evaluates (S000-51, checklist 25)."""
    keeps_contact: Name
    """The role that keeps contact (S000-51, checklist 25)."""
    moments: Names = ()
    """When (S000-51, checklist 25)."""
    plan_followed_by: Name | None = None
    """By which rule exactly one core party follows a plan, such as `largest_effort` (S004-21)."""


class Evaluation(Item):
    """Looking back on a case."""

    client_experience: Strength
    """Whether client and those near are asked (S000-50, checklist 26)."""
    sheet: Names = ()
    """What is looked at by part: done, documented, changed (S000-50)."""


class Silent(Piece):
    """When the watcher says nothing: that is no contact, not `all well`."""

    count: Annotated[int, Field(ge=1, le=20)]
    """So many times (S000-52)."""
    then: Name
    """What is done (S000-52)."""


class Aftercare(Item):
    """A finger on the pulse."""

    watcher: Annotated[Names, Field(min_length=1)]
    """Roles, or `relative` (S000-52, S000-53, checklist 27)."""
    rhythm: AnyPeriod
    """How often there is contact (S000-52, checklist 27)."""
    risk_analysis: Strength = "advised"
    """Whether one goes with it (S000-52, checklist 27)."""
    reports_to: Name | None = None
    """The role a watcher reports to (S000-52)."""
    relative_reports_to: Name | None = None
    """The role a relative reports to (S000-53, checklist 28)."""
    by: tuple[Literal["phone", "form"], ...] = ()
    """How (S000-53, checklist 28)."""
    silent: Silent
    """When nothing is heard (S000-52)."""
    ends_when: Name
    """When it ends (S000-52, checklist 27)."""


class Joining(Item):
    """How others join later."""

    conditions: Annotated[Names, Field(min_length=1)]
    """What has to be in place (S001-28, S002-16, §0.3)."""
    agree_by: Annotated[int, Field(ge=0)]
    """How many parties have to agree (§0.3)."""
    refusal_needs_reason: Literal[True] = True
    """Nobody is kept out without a reason (S002-18)."""


class Path(Item):
    """The best known way for a group of clients, filled in beforehand."""

    title: Sentence
    """What people call it (S004-22)."""
    contact: Name | None = None
    """Who is asked first: the receiver `path.contact` (S004-22)."""
    parties: Names
    """Who takes part (S004-22)."""
    effort: dict[Name, Sentence] = {}
    """What each puts in (S004-22)."""
    clarified_by: Name | None = None
    """The contact that asks once what is needed, for all to use (S004-19)."""
    ladder: Name | None = None
    """Who is next when nobody answers, unless the rule that sends here says so (S004-22)."""


class Goal(Piece):
    """What the partners want to reach."""

    measure: MeasureName
    """A measure of the catalogue (S004-10)."""
    target: Sentence
    """How much (S004-10)."""
    by: date | None = None
    """When (S004-10)."""


class Notice(Piece):
    """Who is told of what."""

    on: Event
    """The fact (S000-29, semantics 50)."""
    to: Names
    """`owed_by`, `owed_to`, `everyone_asked_before`, `circle`, `reporter`, `coordinator`, or contacts of this file
    (S000-29, semantics 50)."""
    bundle: AnySpan | None = None
    """How long a routine one may wait to be told together with others; what is owed, and what is not routine, never
    does (S000-29, semantics 50)."""


class Digest(Piece):
    """A letter with figures."""

    every: AnyPeriod
    """How often (S001-21)."""
    to: Names = ()
    """Contacts of this file (S001-21)."""


class Reporting(Item):
    """Figures, never persons."""

    small_numbers: Annotated[int, Field(ge=2, le=100)]
    """Groups smaller than this are not shown (semantics 52)."""
    resv_indicators: Names = ()
    """The only figures that go to the region (S004-34, §0.3)."""
    insurer_sees: Names = ()
    """What the insurer reads (S002-06)."""
    digest: Digest | None = None
    """A letter with figures (S001-21)."""
