"""Every field that names something of the file, in one table: what it names, and which words it may hold instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Literal, NamedTuple, get_args

from schemas.signals import ReporterKind
from services.agreements import model as m
from services.agreements.check.facts import FACTS
from services.agreements.check.given import Given
from services.agreements.check.texts import texts
from services.agreements.findings import Found, Path, Severity, found
from services.agreements.measures import MEASURES
from services.agreements.model import words
from services.agreements.model.pieces import Item, Piece
from services.agreements.parts import EVENT
from services.agreements.times import WORKING, Span

Thing = Literal[
    "contact", "party", "calendar", "urgency", "ladder", "channel", "kind", "role", "expertise", "task",
    "measure", "target_group", "practice", "fact", "obligation",
]  # fmt: skip
THINGS: tuple[Thing, ...] = get_args(Thing)


class Names(NamedTuple):
    """What a field names. An unknown name is an error, or a warning where the software can do without it."""

    thing: Thing
    #: Words of the field with a meaning of their own.
    or_one_of: frozenset[str] = frozenset()
    severity: Severity = "error"
    #: Whether `event.FIELD` may stand there too; obligations.py looks that field up.
    or_event: bool = False


CONTACT, PARTY, CALENDAR, LEVEL = Names("contact"), Names("party"), Names("calendar"), Names("urgency")
LADDER, ROLE, FACT = Names("ladder"), Names("role"), Names("fact")
#: A kind of party is an open list: what nobody here is yet may join later.
KIND = Names("kind", severity="warning")
GROUP = Names("target_group", severity="warning")
#: Who hears back without being a party.
HEARERS = frozenset({"reporter", "client", "representative", "relative", *ReporterKind}) - {"unknown"}
#: Roles of a case that need no agreement to exist.
ROLES_OF_A_CASE = frozenset(
    {
        "client", "representative", "relative", "informal_carer", "reporter", "referrer", "professional",
        "signalling_party", "giver", "taker", "partnership", "chair", "initiator", "process_guide",
    }
)  # fmt: skip
#: Professions the documents name; like the roles above they need no agreement to exist.
PROFESSIONS = frozenset(
    {
        "district_nurse", "gp", "pharmacist", "social_worker", "psychiatrist", "street_doctor", "transfer_nurse",
        "doctor_for_people_with_disabilities", "wound_nurse", "social_arranger", "community_police_officer",
    }
)  # fmt: skip
#: Who leads on a part, by its name: `part_lead_nursing`.
PART_LEAD = "part_lead"
#: The roles of a case that exist once the partners agreed on them, by their key under `roles`.
ROLE_OF_SLOT: Mapping[str, str] = {
    "client_contact": "client_contact",
    "coordinator": "coordinator",
    "part_leads": PART_LEAD,
    "medical_responsible": "medical_responsible",
    "process_owner": "process_owner",
    "process_director": "process_director",
}
TOLD = frozenset({"owed_by", "owed_to", "everyone_asked_before", "circle", "reporter", "coordinator"})

#: What the value of a field names, each of it when there are several.
VALUES: Mapping[tuple[type[Piece], str], Names] = {
    (Item, "measure"): Names("measure", frozenset({words.NONE})),
    (m.Signature, "party"): Names("party", severity="warning"),
    (m.Neighbour, "entry"): CONTACT,
    (m.Level, "calendar"): CALENDAR,
    (m.Theme, "owner"): CONTACT,
    (m.Theme, "board_owner"): CONTACT,
    (m.Bottlenecks, "kept_by"): CONTACT,
    (m.Bottlenecks, "forward_to"): PARTY,
    (m.Entry, "contact"): CONTACT,
    (m.Partnership, "coordinator"): CONTACT,
    (m.Partnership, "initiator"): CONTACT,
    (m.Partnership, "chair"): CONTACT,
    (m.Partnership, "process_guide"): CONTACT,
    (m.Contact, "staffed_by"): PARTY,
    (m.Contact, "channels"): Names("channel"),
    (m.Contact, "reachable"): Names("calendar", frozenset({words.ALWAYS})),
    (m.Contact, "deputy"): CONTACT,
    (m.Contact, "stand_ins"): CONTACT,
    (m.Contact, "overflow"): CONTACT,
    (m.Party, "accountable_person"): CONTACT,
    (m.Party, "signal_contact"): CONTACT,
    (m.Signals, "entry"): CONTACT,
    (m.Signals, "acute_expertise"): Names("expertise"),
    (m.Window, "inside"): CALENDAR,
    (m.Window, "outside"): CALENDAR,
    (m.Match, "urgency"): LEVEL,
    (m.Match, "reporting_kind"): Names("kind"),
    (m.Match, "practice"): Names("practice"),
    (m.Match, "target_group"): GROUP,
    (m.Rule, "receiver"): Names("contact", words.RECEIVER_WORDS),
    (m.Rule, "ladder"): LADDER,
    (m.Routing, "receiver"): CONTACT,
    (m.Routing, "ladder"): LADDER,
    (m.Intake, "by"): CONTACT,
    (m.Intake, "target_group"): GROUP,
    (m.Trigger, "event"): FACT,
    (m.Obligation, "opened_by"): FACT,
    (m.Obligation, "discharged_by"): FACT,
    (m.Obligation, "next_level_on"): FACT,
    (m.Asking, "who"): Names("contact", or_event=True),
    (m.Obligation, "paused_by"): FACT,
    (m.Obligation, "resumed_by"): FACT,
    (m.Obligation, "cancelled_by"): FACT,
    (m.Obligation, "owed_by"): Names("contact", or_event=True),
    (m.Obligation, "owed_to"): Names("kind", HEARERS, severity="warning", or_event=True),
    (m.Obligation, "ladder"): Names("ladder", or_event=True),
    (m.Rung, "to"): Names("contact", words.RUNG_WORDS),
    (m.CollaborationRung, "to"): Names("party", words.COLLABORATION_WORDS),
    (m.ClientPreferences, "receivers"): Names("kind", HEARERS, severity="warning"),
    (m.Consent, "asked_by"): ROLE,
    (m.Ground, "deciders"): ROLE,
    (m.Requests, "who_may_ask"): ROLE,
    (m.PhoneWhen, "urgency"): LEVEL,
    (m.EmergencyAccess, "roles"): ROLE,
    (m.FeedbackRule, "to"): Names("kind", HEARERS, severity="warning"),
    (m.FeedbackRule, "clocks"): Names("obligation"),
    (m.Referral, "entry"): CONTACT,
    (m.Referral, "plannable_entry"): CONTACT,
    (m.Referral, "changes_entry"): Names("contact", frozenset({words.CASE_CONTACT, words.CASE_COORDINATOR})),
    (m.Referral, "joint_assessment"): PARTY,
    (m.Capacity, "waiting_shared_with"): PARTY,
    (m.Placement, "duty_to_take"): PARTY,
    (m.WhenAllRefuse, "by"): CONTACT,
    (m.TravelTime, "by"): CONTACT,
    (m.Task, "party"): PARTY,
    (m.Task, "after"): Names("task"),
    (m.Task, "informs"): PARTY,
    (m.Task, "works_with"): PARTY,
    (m.MandatePart, "responsible_role"): ROLE,
    (m.MandatePart, "final_responsible"): Names("role", frozenset({words.NONE})),
    (m.HoldToAccount, "role"): ROLE,
    (m.Mdo, "chair"): ROLE,
    (m.Monitoring, "monitors"): ROLE,
    (m.Monitoring, "evaluates"): ROLE,
    (m.Monitoring, "keeps_contact"): ROLE,
    (m.Aftercare, "watcher"): ROLE,
    (m.Aftercare, "reports_to"): ROLE,
    (m.Aftercare, "relative_reports_to"): ROLE,
    (m.Path, "contact"): CONTACT,
    (m.Path, "clarified_by"): CONTACT,
    (m.Path, "parties"): PARTY,
    (m.Path, "ladder"): LADDER,
    (m.Goal, "measure"): Names("measure"),
    (m.Notice, "on"): FACT,
    (m.Notice, "to"): Names("contact", TOLD),
    (m.Digest, "to"): CONTACT,
}

#: What the keys of a field name.
KEYS: Mapping[tuple[type[Piece], str], Names] = {
    (m.Signals, "effect_check_after"): LEVEL,
    (m.Obligation, "within"): LEVEL,
    (m.Rung, "after"): LEVEL,
    (m.Rung, "repeat_every"): LEVEL,
    (m.Access, "kinds"): KIND,
    (m.Requests, "answer_within"): LEVEL,
    (m.Handover, "confirm_within"): LEVEL,
    (m.Handover, "due_within"): LEVEL,
    (m.Handover, "channels"): LEVEL,
    (m.Offer, "answer_within"): LEVEL,
    (m.Mdo, "first_within"): LEVEL,
    (m.Path, "effort"): PARTY,
}


class Use(NamedTuple):
    """A name where it is used."""

    path: Path
    names: Names
    name: str


def uses(given: Given) -> Iterator[Use]:
    """Every name the file uses for something it defines elsewhere."""
    for path, piece in given.pieces:
        for field, value in piece.__dict__.items():
            if not value:
                continue
            at: Path = (*path, field)
            names = _VALUES_OF.get((type(piece), field)) or _named(type(piece), field)
            if names is not None:
                for where, name in texts(value, at):
                    if name not in names.or_one_of and not (names.or_event and name.startswith(EVENT)):
                        yield Use(where, names, name)
            keys = KEYS.get((type(piece), field))
            if keys is not None and isinstance(value, dict):
                for key in value:
                    yield Use((*at, key), keys, key)


#: The table by the class that is met: a field of `Item` is one of each of its kinds.
_VALUES_OF: dict[tuple[type[Piece], str], Names] = dict(VALUES)


def _named(kind: type[Piece], field: str) -> Names | None:
    for parent in kind.__mro__[1:]:
        if issubclass(parent, Piece) and (parent, field) in VALUES:
            return _VALUES_OF.setdefault((kind, field), VALUES[parent, field])
    return None


def defined(given: Given) -> Mapping[Thing, Collection[str]]:
    """What the file defines, by kind of thing."""
    agreement = given.agreement
    kinds = {party.kind for party in agreement.parties}
    contacts = given.contacts.values()
    roles = agreement.roles if isinstance(agreement.roles, m.Roles) else m.Roles()
    slots = {
        role
        for slot, role in ROLE_OF_SLOT.items()
        if getattr(roles, slot) is not None and not isinstance(getattr(roles, slot), m.NotApplicable)
    }
    return {
        "contact": given.contacts,
        "party": {party.id for party in agreement.parties},
        "calendar": agreement.calendars,
        "urgency": agreement.urgency.levels,
        "ladder": agreement.escalation.operational if agreement.escalation else (),
        "channel": agreement.channels,
        "kind": kinds,
        "role": kinds | slots | ROLES_OF_A_CASE | PROFESSIONS | _leads(agreement, slots),
        "expertise": {
            *(one for party in agreement.parties for one in party.expertise),
            *(one for contact in contacts for one in contact.expertise),
        },
        "task": {task.task for task in roles.task_division},
        "measure": MEASURES,
        "target_group": agreement.paths,
        "practice": {one for contact in contacts for one in contact.for_practice},
        "fact": FACTS,
        "obligation": {one.name for one in agreement.obligations},
    }  # fmt: skip


def _leads(agreement: m.Agreement, slots: set[str]) -> set[str]:
    """The lead of each part that the mandates name."""
    if PART_LEAD not in slots or not isinstance(agreement.mandates, m.Mandates):
        return set()
    said = {part.responsible_role for part in agreement.mandates.parts}
    return {role for role in said if role.startswith(f"{PART_LEAD}_")}


def unknown_names(given: Given) -> Iterator[Found]:
    """Names of things that are not there."""
    known = defined(given)
    for path, names, name in uses(given):
        if name not in known[names.thing]:
            near = get_close_matches(name, known[names.thing], n=4, cutoff=0.0)
            yield found(
                path, f"unknown_{names.thing}", names.severity, name=name, near=", ".join(near) or "-"
            )


def spans(given: Given) -> Iterator[Found]:
    """Lengths of time that go by a calendar: it must be there, and not for a level that runs day and night."""
    always = given.levels_always()
    calendars = given.agreement.calendars
    for path, piece in given.pieces:
        for field, value in piece.__dict__.items():
            several = value if isinstance(value, dict) else {"": value}
            for key, span in several.items():
                if not isinstance(span, Span) or span.calendar is None:
                    continue
                at: Path = (*path, field, key) if key else (*path, field)
                if key in always and (type(piece), field) in KEYS and span.counting in WORKING:
                    yield found(at, "always_by_calendar", name=key)
                elif span.calendar not in calendars:
                    near = get_close_matches(span.calendar, calendars, n=4, cutoff=0.0)
                    yield found(at, "unknown_calendar", name=span.calendar, near=", ".join(near) or "-")
