"""Obligations: facts that can open and end them, a time for every level, warnings in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from services.agreements import model
from services.agreements.check.facts import FACTS, NOT_OF_A_CASE, can_hold, functions_of, moments_of
from services.agreements.check.given import Given
from services.agreements.check.references import HEARERS
from services.agreements.fields import Scalar
from services.agreements.findings import Found, Path, found
from services.agreements.model.words import NONE
from services.agreements.parts import EVENT

#: Fields of facts that hold the kind of party somebody is, and those that hold a level.
_KIND_FIELDS = frozenset({"findings_for", "to"})
_LEVEL = "urgency"
#: The fact that somebody is asked, and who that is.
_ROUTED, _ASKED = "SignalRouted", f"{EVENT}contact"
#: Somebody was told; the words by which the bell says that a text arrived, and that a notice reached nobody.
_FEEDBACK, _RECEIPTS, _FAILED = "FeedbackGiven", frozenset({"NoticeDelivered", "NoticeRead"}), "NoticeFailed"
_SENT, _WRITTEN, _ARRIVED = "sent", "written", frozenset({"delivered", "read"})
#: What a fact says that stops a clock: why, and until when (semantics 11).
PAUSES = ("reason", "until")


def obligations(given: Given) -> Iterator[Found]:
    """What is owed after which fact."""
    for n, duty in enumerate(given.agreement.obligations):
        path: Path = ("obligations", n)
        opener = _event(duty.opened_by)
        yield from _triggers(given, duty, path)
        if opener == "ObligationOpened":
            yield found((*path, "opened_by"), "opens_itself", name=duty.name)
        if opener in NOT_OF_A_CASE:
            yield found((*path, "opened_by"), "not_of_a_case", fact=opener)
        if opener in FACTS:
            functions = functions_of(opener)
            for key, value, known in (
                ("owed_by", duty.owed_by, functions),
                ("owed_to", duty.owed_to, functions | _KIND_FIELDS & FACTS[opener].model_fields.keys()),
                ("ladder", duty.ladder, {"ladder"} & FACTS[opener].model_fields.keys()),
                ("due", duty.due, moments_of(opener)),
            ):
                if value is not None and value.startswith(EVENT):
                    yield from _field((*path, key), opener, value.removeprefix(EVENT), known)
        yield from _times(given, duty, path)
        if list(duty.warn_at) != sorted(set(duty.warn_at)) or not all(0 < p < 100 for p in duty.warn_at):
            yield found((*path, "warn_at"), "warnings_out_of_order", given=", ".join(map(str, duty.warn_at)))
        for m, trigger in enumerate(duty.paused_by):
            fields = set(FACTS[_event(trigger)].model_fields if _event(trigger) in FACTS else PAUSES)
            if missing := [field for field in PAUSES if field not in fields]:
                fact, told = _event(trigger), ", ".join(missing)
                yield found(
                    (*path, "paused_by", m), "pause_without_end", name=duty.name, fact=fact, missing=told
                )


def told_by_letter(given: Given) -> Iterator[Found]:
    """Sent is not informed: whom Seinhuis writes to has heard when the bell says so, and not when it was asked to."""
    for n, duty in enumerate(given.agreement.obligations):
        heard = {_event(one) for one in duty.discharged_by}
        for m, trigger in enumerate(duty.discharged_by):
            if _event(trigger) != _FEEDBACK:
                continue
            where = {} if isinstance(trigger, str) else dict(trigger.where)
            path: Path = ("obligations", n, "discharged_by", m)
            if _SENT in where.get("outcome", (_SENT,)):
                yield found(path, "sent_is_not_informed", "warning", name=duty.name)
            is_by_letter = _WRITTEN in where.get("form", (_WRITTEN,)) and not _ARRIVED.isdisjoint(
                where.get("outcome", _ARRIVED)
            )
            if is_by_letter and heard.isdisjoint(_RECEIPTS):
                yield found(path, "letter_never_arrives", "warning", name=duty.name)


def unreached(given: Given) -> Iterator[Found]:
    """Whoever is asked and cannot be reached by any way: nobody needs to wait for the answer."""
    for n, duty in enumerate(given.agreement.obligations):
        is_asking = _event(duty.opened_by) == _ROUTED and duty.owed_by == _ASKED
        if is_asking and _FAILED not in {_event(one) for one in duty.next_level_on}:
            yield found(("obligations", n), "failure_not_heard", "warning", name=duty.name)


def routed(given: Given) -> Iterator[Found]:
    """Silence escalates only where somebody owes an answer: whoever is asked, at every level, whatever else holds."""
    owed: set[str] = set()
    for duty in given.agreement.obligations:
        where = {} if isinstance(duty.opened_by, str) else dict(duty.opened_by.where)
        if _event(duty.opened_by) == _ROUTED and duty.owed_by == _ASKED and where.keys() <= {_LEVEL}:
            owed.update(map(str, where.get(_LEVEL, given.agreement.urgency.levels)))
    for level in given.agreement.urgency.levels:
        if level not in owed:
            yield found(("obligations",), "routed_and_not_owed", level=level)


def _times(given: Given, duty: model.Obligation, path: Path) -> Iterator[Found]:
    asked = None if isinstance(duty.opened_by, str) else dict(duty.opened_by.where).get(_LEVEL)
    for level in given.agreement.urgency.levels:
        if level not in duty.within and (asked is None or level in asked):
            yield found((*path, "within"), "urgency_without_time", level=level, name=duty.name)


def _triggers(given: Given, duty: model.Obligation, path: Path) -> Iterator[Found]:
    yield from _trigger(given, (*path, "opened_by"), duty.opened_by)
    for key in ("discharged_by", "next_level_on", "asked_of", "paused_by", "resumed_by", "cancelled_by"):
        for n, trigger in enumerate(getattr(duty, key)):
            yield from _trigger(given, (*path, key, n), trigger)
            yield from _same((*path, key, n), trigger, _event(duty.opened_by))
    for n, asking in enumerate(duty.asked_of):
        if asking.event in FACTS:
            functions = functions_of(asking.event)
            who = asking.who.removeprefix(EVENT)
            yield from _field((*path, "asked_of", n, "who"), asking.event, who, functions)


def _same(path: Path, trigger: str | model.Trigger, opener: str) -> Iterator[Found]:
    """Fields that are to be the same in both facts, and stand in one of them only."""
    if isinstance(trigger, str):
        return
    for field in trigger.same:
        for fact in (trigger.event, opener):
            if fact in FACTS:
                yield from _field((*path, "same"), fact, field)


def _event(trigger: str | model.Trigger) -> str:
    return trigger if isinstance(trigger, str) else trigger.event


def _trigger(given: Given, path: Path, trigger: str | model.Trigger) -> Iterator[Found]:
    """A condition that no fact of this name can meet: then nothing is ever opened or ended by it."""
    if isinstance(trigger, str) or trigger.event not in FACTS:
        return
    for field, values in trigger.where:
        at: Path = (*path, "where", field)
        missing = list(_field(at, trigger.event, field))
        yield from missing
        for value in () if missing else values:
            yield from _value(given, at, trigger.event, field, value)


def _field(path: Path, fact: str, field: str, known: Collection[str] | None = None) -> Iterator[Found]:
    """A field that the fact has not, or that holds nothing of the kind that is asked for here."""
    if field in (FACTS[fact].model_fields if known is None else known):
        return
    if field in FACTS[fact].model_fields:
        yield found(path, "wrong_field", fact=fact, name=field, known=", ".join(sorted(known or ())) or NONE)
    else:
        fields = known or FACTS[fact].model_fields
        yield found(path, "unknown_field", fact=fact, name=field, known=", ".join(sorted(fields)))


def _value(given: Given, path: Path, fact: str, field: str, value: Scalar) -> Iterator[Found]:
    agreement = given.agreement
    if field == _LEVEL:
        if value not in agreement.urgency.levels:
            yield found(path, "unknown_urgency", name=value, near=", ".join(agreement.urgency.levels))
    elif not can_hold(fact, field, value, isinstance(value, bool)):
        yield found(path, "impossible_value", fact=fact, field=field, value=value)
    elif field in _KIND_FIELDS:
        kinds = {party.kind for party in agreement.parties}
        if value not in kinds | HEARERS:
            yield found(path, "unknown_kind", "warning", name=value, near=", ".join(sorted(kinds)))
