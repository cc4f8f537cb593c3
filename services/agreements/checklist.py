"""The 28 questions of the field's checklist, and what the documents ask beside them, answered from an agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from services.agreements import model
from services.agreements.findings import Found, Path, found
from services.agreements.load import Draft
from services.agreements.model.pieces import Piece

State = Literal["yes", "no", "not_applicable"]
#: The fact by which somebody hears back.
TOLD = "FeedbackGiven"
#: Who may keep a finger on the pulse without being a professional.
RELATIVE = "relative"
ANNUAL_EVALUATIONS = 2


class Answer(NamedTuple):
    """What the file says to a question."""

    #: 1 to 28, or a letter for what the documents ask beside them.
    number: str
    state: State
    #: The keys that answer it; of a `no`, those that are missing.
    keys: tuple[str, ...]
    #: Where it is answered; of a `no`, where the first missing key would go.
    path: Path
    line: int
    #: The template it is answered in, when it is not the file itself.
    source: str = ""
    #: Why it is not applicable: the partners' own words, or a code of ours.
    reason: str = ""
    #: Whether each case answers the rest (`seinhuis case`).
    is_by_case: bool = False


class Question(NamedTuple):
    """A question, and what a file must say to answer it."""

    number: str
    group: str
    #: Keys that must each be there and hold something.
    keys: tuple[str, ...]
    is_by_case: bool = False
    #: What is missing in spite of the keys, when they alone do not answer it.
    more: Callable[[model.Agreement], tuple[str, ...]] | None = None
    #: Why it may be passed over though nobody said so.
    unasked: Callable[[model.Agreement], str] | None = None


def answers(draft: Draft) -> tuple[Answer, ...]:
    """The answer to every question, in their order; none when the file cannot be read."""
    return (
        tuple(_answer(question, draft, draft.agreement) for question in QUESTIONS) if draft.agreement else ()
    )


def unanswered(given: tuple[Answer, ...]) -> Iterator[Found]:
    """The 28 that are answered with no, as errors: for who requires the whole checklist."""
    for answer in given:
        if answer.state == "no" and answer.number.isdigit():
            yield found(answer.path, "question_unanswered", number=answer.number, keys=", ".join(answer.keys))


def _answer(question: Question, draft: Draft, agreement: model.Agreement) -> Answer:
    looked = [(key, *_look(agreement, key)) for key in question.keys]
    missing = tuple(key for key, state, _, _ in looked if state == "no")
    reasons = [reason for _, state, _, reason in looked if state == "not_applicable"]
    if question.more is not None and not missing and len(reasons) < len(looked):
        missing = question.more(agreement)
    unasked = question.unasked(agreement) if question.unasked is not None else ""

    def told(state: State, keys: tuple[str, ...], path: Path, reason: str = "") -> Answer:
        place = draft.placed(Found(path, ""))
        return Answer(
            question.number, state, keys, path, place.line, place.source, reason, question.is_by_case
        )

    if unasked:
        return told("not_applicable", question.keys, looked[0][2], unasked)
    if missing:
        path = next((path for key, _, path, _ in looked if key in missing), looked[-1][2] if looked else ())
        return told("no", missing, path)
    if reasons and len(reasons) == len(looked):
        return told("not_applicable", question.keys, looked[0][2], reasons[0])
    path = next(path for _, state, path, _ in looked if state == "yes")
    return told("yes", question.keys, path)


def _look(agreement: model.Agreement, key: str) -> tuple[State, Path, str]:
    """Whether a key holds something, where, and the reason when the partners do without it.

    `[]` in a key is every item of a list, and of a list there must be at least one; `[?]` asks for one of them.
    """
    return _walk(agreement, key.split("."), ())


def _walk(value: object, names: list[str], path: Path) -> tuple[State, Path, str]:
    if isinstance(value, model.NotApplicable):
        return "not_applicable", path, value.not_applicable
    if not names:
        return ("yes" if _holds(value) else "no"), path, ""
    name, _, several = names[0].partition("[")
    if isinstance(value, Piece):
        value = getattr(value, name)
    elif isinstance(value, dict):
        value = value.get(name)
    path = (*path, name)
    if not _holds(value):
        return "no", path, ""
    if not several:
        return _walk(value, names[1:], path)
    rows: list[tuple[str | int, object]] = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value if isinstance(value, tuple) else ()))
    )
    found_there = [_walk(one, names[1:], (*path, n)) for n, one in rows]
    if several == "?]":
        return next((row for row in found_there if row[0] == "yes"), ("no", path, ""))
    return next((row for row in found_there if row[0] == "no"), found_there[0])


def _holds(value: object) -> bool:
    """Something was said; `off` is a way of saying nothing."""
    return value is not None and value not in ((), {}, "", "off")


def _levels(agreement: model.Agreement) -> set[str]:
    return set(agreement.urgency.levels)


def _speed(agreement: model.Agreement) -> tuple[str, ...]:
    """A time for every level to hear back in, and for a handover."""
    told = {
        level
        for duty in agreement.obligations
        if any((by if isinstance(by, str) else by.event) == TOLD for by in duty.discharged_by)
        for level in duty.within
    }
    missing = []
    if isinstance(agreement.feedback, model.Feedback) and _levels(agreement) - told:
        missing.append("obligations[?].within")
    handover = agreement.handover
    if isinstance(handover, model.Handover) and _levels(agreement) - set(handover.due_within):
        missing.append("handover.due_within")
    return tuple(missing)


def _short(agreement: model.Agreement) -> tuple[str, ...]:
    feedback = agreement.feedback
    if not isinstance(feedback, model.Feedback):
        return ()
    content = feedback.content
    is_short = (content and content.max_chars) or any(rule.max_chars for rule in feedback.rules)
    return () if is_short else ("feedback.content.max_chars",)


def _expertise(agreement: model.Agreement) -> tuple[str, ...]:
    """Of every party of the core, what it is able to judge and to do; a contact may say it for its party."""
    missing = []
    for party in agreement.parties:
        if party.ring == "core":
            if not party.expertise and not any(contact.expertise for contact in party.contacts):
                missing.append(f"parties.{party.id}.expertise")
            if not party.competences:
                missing.append(f"parties.{party.id}.competences")
    return tuple(missing)


def _told_of(what: str) -> Callable[[model.Agreement], tuple[str, ...]]:
    def missing(agreement: model.Agreement) -> tuple[str, ...]:
        direction = agreement.direction
        overview = direction.client_overview if isinstance(direction, model.Direction) else None
        is_told = isinstance(overview, model.ClientOverview) and what in overview.includes
        return () if is_told else (f"direction.client_overview.includes: [{what}]",)

    return missing


def _recorded_by(side: str) -> Callable[[model.Agreement], tuple[str, ...]]:
    def missing(agreement: model.Agreement) -> tuple[str, ...]:
        handover = agreement.handover
        is_recorded = isinstance(handover, model.Handover) and side in handover.confirmations
        return () if is_recorded else (f"handover.confirmations: [{side}]",)

    return missing


def _channels(agreement: model.Agreement) -> tuple[str, ...]:
    handover = agreement.handover
    if isinstance(handover, model.Handover) and _levels(agreement) - set(handover.channels):
        return tuple(
            f"handover.channels.{one}" for one in sorted(_levels(agreement) - set(handover.channels))
        )
    return ()


def _no_relative(agreement: model.Agreement) -> str:
    """Nobody to report when no relative keeps a finger on the pulse."""
    aftercare = agreement.aftercare
    is_watched = isinstance(aftercare, model.Aftercare) and RELATIVE not in aftercare.watcher
    return "no_relative_watches" if is_watched else ""


def _both_ladders(agreement: model.Agreement) -> tuple[str, ...]:
    return () if agreement.escalation and agreement.escalation.operational else ("escalation.operational",)


def _twice_a_year(agreement: model.Agreement) -> tuple[str, ...]:
    return () if agreement.meta.review.per_year >= ANNUAL_EVALUATIONS else ("meta.review.per_year: 2",)


def _both_rings(agreement: model.Agreement) -> tuple[str, ...]:
    return () if any(party.ring == "core" for party in agreement.parties) else ("parties[].ring: core",)


def _seats(agreement: model.Agreement) -> tuple[str, ...]:
    return tuple(
        f"parties.{party.id}.contacts.{contact.id}.sits_in_partnership"
        for party in agreement.parties
        for contact in party.contacts
        if contact.id == party.signal_contact and contact.sits_in_partnership is None
    )


_INFO, _ROLES, _MANDATE, _DIRECTION, _HANDOVER, _CARE, _BESIDE = (
    "information", "roles", "mandate", "direction", "handover", "aftercare", "beside",
)  # fmt: skip
_FORM = "feedback.rules[].form"

QUESTIONS: tuple[Question, ...] = (
    Question("1", _INFO, (
        "information.client_preferences.ask_before", "information.client_preferences.kinds",
        "information.client_preferences.receivers",
    ), is_by_case=True),
    Question("2", _INFO, (
        "information.consent.ask_before", "information.consent.asked_by", "information.consent.valid_for",
        "information.without_consent.grounds[].needs", "information.without_consent.grounds[].deciders",
    ), is_by_case=True),
    Question("3", _INFO, ("information.requests.who_may_ask", "information.requests.answer_within"), is_by_case=True),
    Question("4", _INFO, ("feedback.rules[].to", _FORM)),
    Question("5", _INFO, ("feedback.rules", "handover.due_within"), more=_speed),
    Question("6", _INFO, ("feedback.content.required_fields", "handover.forms[].required"), more=_short),
    Question("7", _INFO, (
        "records.dossier_of_record", "records.note_required_on", "records.access_for_partners",
    ), is_by_case=True),
    Question("8", _ROLES, ("parties",), more=_expertise),
    Question("9", _ROLES, ("roles.task_division[].party",), is_by_case=True),
    Question("10", _ROLES, (
        "roles.task_division[?].after", "roles.task_division[?].informs", "roles.task_division[?].works_with",
    )),
    Question("11", _MANDATE, (
        "mandates.parts[].responsible_role", "mandates.parts[].final_responsible",
    ), is_by_case=True),
    Question("12", _MANDATE, ("mandates.parts[?].may_decide", "mandates.parts[?].recorded_in")),
    Question("13", _MANDATE, ("mandates.hold_to_account[].may",), is_by_case=True),
    Question("14", _DIRECTION, ("direction.client_involvement.required_in",), is_by_case=True),
    Question("15", _DIRECTION, (
        "roles.coordinator.assigned_by", "roles.coordinator.powers", "roles.coordinator.limits",
    )),
    Question("16", _DIRECTION, (
        "direction.client_contact.assign_rule", "direction.client_contact.tell_within",
    ), is_by_case=True),
    Question("17", _DIRECTION, ("direction.client_overview",), is_by_case=True, more=_told_of("parts")),
    Question("18", _DIRECTION, ("direction.client_overview",), is_by_case=True, more=_told_of("coordinator")),
    Question("19", _HANDOVER, ("handover.moments", "referral.modes"), is_by_case=True),
    Question("20", _HANDOVER, ("handover.client_involvement.ask",), is_by_case=True),
    Question("21", _HANDOVER, ("handover.channels",), more=_channels),
    Question("22", _HANDOVER, ("handover.forms[].required", "handover.missed_care_codes")),
    Question("23", _HANDOVER, ("handover",), is_by_case=True, more=_recorded_by("taker_dossier")),
    Question("24", _HANDOVER, ("handover",), is_by_case=True, more=_recorded_by("giver_dossier")),
    Question("25", _CARE, (
        "monitoring.monitors", "monitoring.evaluates", "monitoring.keeps_contact", "monitoring.moments",
    ), is_by_case=True),
    Question("26", _CARE, ("evaluation.client_experience",), is_by_case=True),
    Question("27", _CARE, (
        "aftercare.watcher", "aftercare.rhythm", "aftercare.risk_analysis", "aftercare.ends_when",
    ), is_by_case=True),
    Question("28", _CARE, ("aftercare.relative_reports_to", "aftercare.by"), is_by_case=True, unasked=_no_relative),
    Question("a", _BESIDE, ("signals.entry", "parties[].signal_contact"), more=_seats),
    Question("b", _BESIDE, ("mdo.weighing_steps",)),
    Question("c", _BESIDE, ("mdo.first_planned_by",)),
    Question("d", _BESIDE, ("information.data_agreement.ref", "information.data_agreement.retrievable_at")),
    Question("e", _BESIDE, ("parties[].ring",), more=_both_rings),
    Question("f", _BESIDE, ("escalation.operational", "escalation.collaboration"), more=_both_ladders),
    Question("g", _BESIDE, ("joining.conditions", "meta.term", "meta.notice_period")),
    Question("h", _BESIDE, ("meta.review.per_year",), more=_twice_a_year),
    Question("i", _BESIDE, ("parties[].accountable_person",)),
    Question("j", _BESIDE, ("parties[].contacts[].reachable", "parties[].contacts[].channels")),
    Question("k", _BESIDE, ("channels",)),
    Question("l", _BESIDE, ("area.postcodes",)),
    Question("m", _BESIDE, ("meta.inherits",)),
)  # fmt: skip
