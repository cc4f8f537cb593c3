"""One fact, one readable line: who is asked and why, what is due when, what was missed, who took it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import NamedTuple

from schemas.agreements import AgreementPublished
from schemas.base import Said
from schemas.collaboration import (
    AnswerRefused,
    CollaborationSettled,
    ItemCount,
    ItemsCounted,
    ItemUncounted,
    PartyAnswered,
    RungReached,
)
from schemas.coordination import (
    CaseDescribed,
    CaseJoined,
    CoordinationRefused,
    ResponsibilityTaken,
    RoleReleased,
    RoleTaken,
)
from schemas.deadlines import (
    EscalationCause,
    Inputs,
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationMoved,
    ObligationOpened,
    ObligationPaused,
    ObligationResumed,
    ObligationWarned,
    Skipped,
)
from schemas.directory import ContactDescribed
from schemas.envelope import Envelope
from schemas.gateway import ContentRead, EventRefused
from schemas.notices import (
    NoticeAccepted,
    NoticeAttempted,
    NoticeDelivered,
    NoticeFailed,
    NoticeIssued,
    NoticeQueued,
    NoticeRead,
    NoticeSuppressed,
)
from schemas.signals import (
    ActionEnded,
    ActionRecorded,
    CallLogged,
    CommandRefused,
    EffectChecked,
    FeedbackGiven,
    GroundRecorded,
    GroundWithdrawn,
    PracticeUnknown,
    RouteReason,
    SignalAcknowledged,
    SignalClosed,
    SignalDeclined,
    SignalInterpreted,
    SignalReassigned,
    SignalRepeated,
    SignalReported,
    SignalRouted,
    SignalSplit,
    SignalUrgencyChanged,
    SignalWithdrawn,
    WaitRecorded,
)
from services.agreements import times

_WHY_ROUTED = {
    RouteReason.NO_RULE_MATCHED: "no rule matched",
    RouteReason.REASSIGNED: "it was given to it",
    RouteReason.RULE_ERROR: "a rule failed",
    RouteReason.DECISION_FAILED: "the decision failed",
    RouteReason.UNKNOWN: "for a reason this version does not know",
}

#: Of a term that is shorter, the moment says enough.
DAY_S = 86_400


class Line(NamedTuple):
    """A fact as people read it; `priority` gives the colour, `about` is the entity."""

    at: str
    urgency: str
    priority: str
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.at}  {self.urgency or '-':<8}  {self.about}  {self.text}"


def line_of(envelope: Envelope, fact: Said, zone: tzinfo) -> Line | None:
    """The line of a fact, in the clock time of this zone; nothing for what is not told."""
    at = told_at(envelope, zone)
    text = sentence(fact, Wall(zone, at))
    if text is None:
        return None
    urgency = envelope.urgency or getattr(fact, "urgency", "")
    about = envelope.subject or getattr(fact, "obligation_id", "")
    return Line(f"{at:%a %d %b %H:%M:%S}" if at else "-", urgency, envelope.priority, about, text)


def told_at(envelope: Envelope, zone: tzinfo) -> datetime | None:
    """When a fact was told, by the clock of this zone."""
    said_at = envelope.recordedtime or envelope.time
    return datetime.fromisoformat(said_at).astimezone(zone) if said_at else None


class Wall(NamedTuple):
    """The clock on the wall of who reads, and what it shows at the moment something is told."""

    zone: tzinfo
    at: datetime | None

    def __call__(self, moment: datetime) -> str:
        """The hour when it is the same day, else the day too."""
        here = moment.astimezone(self.zone)
        is_today = self.at is not None and here.date() == self.at.date()
        return f"{here:%H:%M}" if is_today else f"{here:%a %d %b %H:%M}"


def sentence(fact: Said, clock: Wall) -> str | None:
    """What a fact says, in one sentence; nothing for what is not told."""
    return (
        _of_a_signal(fact, clock)
        or _of_a_case(fact)
        or _of_a_deadline(fact, clock)
        or _of_the_partners(fact, clock)
        or _of_the_edges(fact, clock)
    )


def _of_a_signal(fact: Said, clock: Wall) -> str | None:  # noqa: PLR0911, PLR0912 - one line a fact
    match fact:
        case SignalReported():
            party = f" of {fact.reporter.party}" if fact.reporter.party else ""
            seen = ", ".join(words(word) for word in (*fact.types, *fact.concern)) or "nothing named"
            part = ", split off from another signal" if fact.split_from else ""
            return f"reported by {words(fact.reporter.kind)}{party}{part}: {seen}" + client_told(
                fact.client_informed
            )
        case SignalRouted(reason=RouteReason.RULE_MATCHED):
            return f"asked {fact.contact} by rule {fact.rule} (agreement v{fact.agreement_version})"
        case SignalRouted():
            why = _WHY_ROUTED[fact.reason]
            return f"asked {fact.contact} because {why} (agreement v{fact.agreement_version})"
        case SignalAcknowledged():
            return f"taken by {fact.by.contact}"
        case SignalDeclined():
            return f"declined by {fact.by.contact}: {words(fact.reason)}"
        case CallLogged():
            return f"{fact.by.contact} called {fact.to}: {words(fact.outcome)}"
        case SignalReassigned():
            return f"{fact.by.contact} gave it to {fact.to}: {words(fact.reason)}"
        case SignalInterpreted():
            told = (
                f", for {', '.join(words(kind) for kind in fact.findings_for)}" if fact.findings_for else ""
            )
            action = ", action expected" if fact.expects_action else ""
            seen = "".join(f", {words(word)}" for word in (*fact.types, *fact.concern))
            return f"understood by {fact.by.contact} as {words(fact.urgency)}{seen}{told}{action}"
        case SignalSplit():
            more = (
                "one more goes its own way"
                if len(fact.into) == 1
                else f"{len(fact.into)} more go their own way"
            )
            return f"split by {fact.by.contact}: {more}"
        case PracticeUnknown():
            return "which GP practice the client has is not known: it is to be found out"
        case WaitRecorded():
            return f"{fact.by.contact} waits until {clock(fact.until)}: {words(fact.reason)}"
        case ActionEnded():
            return f"action ended by {fact.by.contact}: {words(fact.outcome)}"
        case SignalUrgencyChanged():
            why = f": {words(fact.reason)}" if fact.reason else ""
            return f"{words(fact.before)} became {words(fact.urgency)} by {fact.by.contact}{why}"
        case ActionRecorded(action="no_action"):
            why = f": {words(fact.reason)}" if fact.reason else ""
            return f"left as it is by {fact.by.contact}{why}"
        case ActionRecorded():
            owner = f" by {fact.owner}" if fact.owner else ""
            until = f", ready by {clock(fact.due_at)}" if fact.due_at else ""
            return f"to be done{owner}: {words(fact.action)}{until}"
        case FeedbackGiven():
            to = f" ({fact.receiver})" if fact.receiver else ""
            told = f"feedback by {fact.by.contact} to {words(fact.to)}{to}"
            purpose = f" for {words(fact.purpose)}" if fact.purpose else ""
            ground = f", on {words(fact.ground)}{purpose}" if fact.ground else purpose
            return f"{told}, {words(fact.form)}: {words(fact.outcome)}{ground}"
        case EffectChecked():
            return f"effect checked by {fact.by.contact}: {words(fact.outcome)}"
        case SignalClosed():
            return f"closed by {fact.by.contact}: {words(fact.reason)}"
        case GroundRecorded():
            why = f"{words(fact.ground)}, purpose {words(fact.purpose)}"
            return f"{fact.by.contact} records why the circle may see it: {why}"
        case GroundWithdrawn():
            why = f"{words(fact.ground)}, purpose {words(fact.purpose)}"
            return f"{fact.by.contact} withdraws why the circle might see it: {why}"
        case SignalRepeated():
            return f"signal number {fact.count} of this case: {words(fact.then)}"
        case SignalWithdrawn():
            return f"taken back by {words(fact.reporter.kind)}: {words(fact.reason)}"
        case CommandRefused():
            return f"refused {fact.command}: {words(fact.reason)}"
        case _:
            return None


def _of_a_case(fact: Said) -> str | None:  # noqa: PLR0911 - one line a fact
    match fact:
        case ResponsibilityTaken():
            return f"{fact.by.contact} answers for the case; until now {fact.before} did"
        case RoleTaken():
            return f"{words(fact.role)} of the case is {fact.by.contact}"
        case RoleReleased():
            return f"{words(fact.role)} of the case is {fact.held_by} no more, said by {fact.by.contact}"
        case CaseJoined():
            lead = "what is new is told here" if fact.leads_to != fact.other else "what is new is told there"
            return f"one person with another case: {lead}"
        case CaseDescribed():
            practice = f"GP practice {fact.practice}" if fact.practice else "GP practice not known"
            group = f", {words(fact.target_group)}" if fact.target_group else ""
            return f"of the client {fact.by.contact} tells: {practice}{group}"
        case CoordinationRefused():
            return f"refused {fact.command}: {words(fact.reason)}"
        case _:
            return None


def _of_a_deadline(fact: Said, clock: Wall) -> str | None:  # noqa: PLR0911 - one line a fact
    match fact:
        case ObligationOpened():
            return (
                f"{fact.name}: {fact.owed_by} owes an answer by {clock(fact.due_at)}{_reckoned(fact.inputs)}"
            )
        case ObligationWarned():
            return f"{fact.name}: {fact.percent} % of the time is gone, {fact.owed_by} owes it by {clock(fact.due_at)}"
        case ObligationBreached():
            return (
                f"{fact.name}: missed by {fact.owed_by}, was due {clock(fact.due_at)}{_late(fact.late_by_s)}"
            )
        case ObligationEscalated():
            is_again = fact.cause is EscalationCause.REPEATED
            asked = "is asked again" if is_again else f"is asked ({words(fact.cause)})"
            coming = "again" if is_again else "next level"
            then = f"; {coming} at {clock(fact.next_at)}" if fact.next_at else ""
            level = f"{fact.name}: level {fact.level}, {fact.to} {asked}"
            return level + passed_over(fact.skipped) + then + _late(fact.late_by_s)
        case ObligationDischarged():
            who = f" by {fact.by}" if fact.by else ""
            back = "; the breach told before is withdrawn" if fact.withdraws_breach else ""
            on_time = "in time" if fact.on_time else "too late"
            group = f"; that was all of {words(fact.group)}" if fact.group and fact.group_is_met else ""
            return f"{fact.name}: answered{who} after {length(fact.took_s)}, {on_time}{back}{group}"
        case ObligationPaused():
            until = clock(fact.until)
            return f"{fact.name}: its clock stands still until {until}, due {clock(fact.due_at)} ({words(fact.reason)})"
        case ObligationResumed():
            return f"{fact.name}: its clock runs on, due {clock(fact.due_at)} ({words(fact.cause)})"
        case ObligationMoved():
            why = f" ({words(fact.reason)})" if fact.reason else ""
            was = "" if fact.due_at == fact.due_before else f", it was {clock(fact.due_before)}"
            return f"{fact.name}: {words(fact.urgency)} now, due {clock(fact.due_at)}{was}{why}"
        case ObligationCancelled():
            return f"{fact.name}: no longer owed ({words(fact.because)})"
        case _:
            return None


def _of_the_partners(fact: Said, clock: Wall) -> str | None:  # noqa: PLR0911 - one line a fact
    match fact:
        case ItemsCounted():
            return f"agreements not kept: {_counted(fact.items)}; {fact.in_window} in the agreed window"
        case ItemUncounted():
            return f"{fact.item} of {fact.missed_on} was kept after all and does not count"
        case RungReached():
            asked = f"{', '.join(fact.to)} {'are' if fact.to[1:] else 'is'} asked what is done about it"
            about = f"rung {fact.rung}, {asked} ({words(fact.cause)}): {_counted(fact.items)}"
            answer = f", answer by {clock(fact.answer_due_at)}"
            return about + answer + passed_over(fact.skipped) + _late(fact.late_by_s)
        case PartyAnswered():
            return f"rung {fact.rung} answered by {fact.by.contact}: {words(fact.outcome)}"
        case CollaborationSettled():
            return f"settled on rung {fact.rung}: {words(fact.because)}"
        case AnswerRefused():
            return f"refused an answer: {words(fact.reason)}"
        case AgreementPublished():
            start = clock(fact.valid_from)
            return f"agreement {fact.partnership} version {fact.agreement_version} in force from {start}"
        case ContactDescribed():
            return f"{fact.contact} in the directory: {words(fact.because)}"
        case _:
            return None


def _of_the_edges(fact: Said, clock: Wall) -> str | None:  # noqa: PLR0911 - one line a fact
    match fact:
        case ContentRead():
            return f"content is about to be read by {fact.contact or fact.party}: {words(fact.purpose)}"
        case EventRefused():
            return f"refused at the door: {words(fact.reason)}"
        case NoticeQueued():
            due = f", due {clock(fact.due_at)}" if fact.due_at else ""
            return f"{fact.to} is to be told of {fact.of}, {words(fact.form)} by {words(fact.channel)}{due}"
        case NoticeAttempted():
            return f"telling {fact.to} by {words(fact.channel)}, attempt {fact.attempt}"
        case NoticeAccepted():
            return f"{words(fact.channel)} takes it to {fact.to}"
        case NoticeDelivered():
            return f"it arrived at {fact.to} by {words(fact.channel)}"
        case NoticeRead():
            return f"{fact.to} opened it"
        case NoticeFailed():
            more = "nobody is left to try" if fact.is_permanent else "it is tried again"
            return f"{fact.to} was not told of {fact.of}: {words(fact.reason)}; {more}"
        case NoticeSuppressed():
            return f"{fact.to} is not told: {words(fact.reason)}"
        case NoticeIssued():
            return _issued(fact, clock)
        case _:
            return None


def _issued(fact: NoticeIssued, clock: Wall) -> str:
    """What a party is told, with whom it is for, until when, and whom to phone."""
    told = [f"told of {fact.of}"]
    told += [f"{one.contact} is {words(one.news)}" for one in fact.contacts or ()]
    if fact.valid_from is not None:
        told.append(f"version {fact.agreement_version} in force from {clock(fact.valid_from)}")
    if fact.about is not None:
        told.append(f"about {fact.about}")
    if fact.acts_as is not None:
        told.append(f"{fact.acts_as} is asked")
    if fact.taken_by is not None:
        told.append(f"taken by {fact.taken_by}")
    if fact.due_at is not None:
        told.append(f"due {clock(fact.due_at)}")
    if fact.phone is not None:
        told.append(f"phone {fact.phone}")
    return ", ".join(told)


def words(code: str) -> str:
    """A code as people read it."""
    return code.replace("_", " ")


def _reckoned(inputs: Inputs) -> str:
    """How a term of days was counted, which is what people differ about: a day of 24 hours is another than one of the
    calendar when the clock changes (S000-59)."""
    amount = inputs.amount
    match inputs.counting:
        case times.CALENDAR_DAYS:
            return f" ({amount:g} day{'' if amount == 1 else 's'} by the calendar)"
        case times.WORKING_DAYS:
            return f" ({amount:g} working day{'' if amount == 1 else 's'}, {words(inputs.calendar or '')})"
        case times.WORKING_HOURS:
            return f" ({amount / 3600:g} working hours, {words(inputs.calendar or '')})"
        case times.ELAPSED if amount >= DAY_S:
            return f" ({amount / 3600:g} hours)"
        case _:
            return ""


def client_told(client_informed: bool | None) -> str:
    """What stands behind a signal of which the client does not know yet; nothing when it does, or nobody said so."""
    return "; client not yet informed" if client_informed is False else ""


def _counted(items: Iterable[ItemCount]) -> str:
    return ", ".join(f"{one.item} {one.count} times" if one.count > 1 else one.item for one in items)


def passed_over(levels: Iterable[Skipped]) -> str:
    """The levels of a ladder that were not asked, and why; nothing when there are none."""
    return "".join(
        f"; passed over level {level.level}, {level.to} ({words(level.reason)})" for level in levels
    )


def _late(late_by_s: float) -> str:
    return f"; told {length(late_by_s)} late" if late_by_s >= 1 else ""


def length(seconds: float) -> str:
    """A length of time in its two largest units: `2 h 5 min`."""
    left = int(seconds)
    named: list[str] = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            named.append(f"{count} {name}")
    return " ".join(named[:2]) or "0 s"
