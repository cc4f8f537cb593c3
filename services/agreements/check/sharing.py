"""Sharing: nobody is sent what it may not see, over a way that may not carry it, or on a ground nobody decides on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.agreements import model
from services.agreements.check.given import Given
from services.agreements.check.reach import Asks
from services.agreements.check.routing import reached
from services.agreements.check.walk import Walk, meant
from services.agreements.findings import Found, Path, found

#: Which forms a feedback has that are spoken.
SPOKEN = frozenset({"oral", "phone", "video_call"})


def receivers(walk: Walk) -> Iterator[Found]:
    """Whoever a rule names is there for the types it sends, and may see at least that there is something."""
    given = walk.given
    any_type: dict[str, list[str]] = {}
    for rule in reached(given):
        for ref in sorted(meant(rule.receiver, given, walk.terms.refs)):
            contact = walk.terms.contacts[ref]
            if not contact.takes_part(given.at_ms):
                continue
            if not walk.may_see(ref, "thin").is_allowed:
                words: dict[str, Any] = {
                    "name": ref,
                    "rule": rule.name,
                    "kind": contact.kind,
                    "ring": contact.ring,
                }
                yield found(rule.path, "receiver_may_not_see", **words)
            # A word of the tree stands for whoever knows the client: that is worth more than a type.
            elif rule.receiver in given.contacts and contact.types is not None:
                foreign = _foreign(rule.asks, contact.types)
                if foreign:
                    words = {
                        "name": rule.receiver,
                        "rule": rule.name,
                        "types": ", ".join(sorted(contact.types)),
                    }
                    yield found(rule.path, "receiver_of_other_types", foreign=", ".join(foreign), **words)
                elif foreign is None:
                    any_type.setdefault(rule.receiver, []).append(rule.name)
    for path, _, held in given.placed_contacts():
        if held.id in any_type:
            words = {"name": held.id, "rules": ", ".join(any_type[held.id]), "types": ", ".join(held.types)}
            yield found((*path, "types"), "receiver_of_some_types", "warning", **words)


def _foreign(asks: Asks, types: frozenset[str]) -> list[str] | None:
    """Types that a rule sends and a contact is not there for; None when the rule asks for no type at all."""
    if asks.every_type & types or any(words <= types for words in asks.types):
        return []
    if not asks.types and not asks.every_type:
        return None
    return sorted({*asks.every_type, *(one for words in asks.types for one in words)} - types)


def feedback(given: Given) -> Iterator[Found]:
    """Feedback can be given in the form that was agreed: on paper over a way that carries client data, or by a talk."""
    agreement = given.agreement
    if not isinstance(agreement.feedback, model.Feedback):
        return
    for n, rule in enumerate(agreement.feedback.rules):
        for m, kind in enumerate(rule.to):
            held = [c for party in agreement.parties if party.kind == kind for c in party.contacts]
            if not held or rule.strength == "off":
                continue
            ways = [agreement.channels[one] for c in held for one in c.channels if one in agreement.channels]
            at: Path = ("feedback", "rules", n, "to", m)
            if rule.form == "written" and not any(
                way.form == "written" and way.carries_client_data for way in ways
            ):
                yield found(at, "feedback_without_channel", kind=kind)
            forms = [rule.form]
            if rule.also_by_phone_when is not None and rule.also_by_phone_when.strength != "off":
                forms.append("phone")
            spoken = [form for form in forms if form in SPOKEN]
            if spoken and not any(way.form == "oral" for way in ways):
                yield found(at, "feedback_without_talk", kind=kind, form=spoken[0])


def findings_seen(walk: Walk) -> Iterator[Found]:
    """Whoever hears back in writing may see the findings."""
    agreement = walk.given.agreement
    if not isinstance(agreement.feedback, model.Feedback):
        return
    for n, rule in enumerate(agreement.feedback.rules):
        for m, kind in enumerate(rule.to):
            held = [contact for contact in walk.terms.contacts.values() if contact.kind == kind]
            if rule.form != "written" or rule.strength == "off" or not held:
                continue
            if not any(walk.may_see(c.ref, "findings").is_allowed for c in held):
                yield found(("feedback", "rules", n, "to", m), "findings_not_seen", kind=kind)


def identifiers(given: Given) -> Iterator[Found]:
    """A public number of a client goes round only where the partners say in which written agreement they allow that."""
    information = given.agreement.information
    if not isinstance(information, model.Information):
        return
    if information.identifiers and not isinstance(information.data_agreement, model.DataAgreement):
        yield found(("information", "identifiers"), "identifier_without_agreement")


def grounds(given: Given) -> Iterator[Found]:
    """Sharing without consent is decided on by somebody, and written down with what it needs."""
    information = given.agreement.information
    without = information.without_consent if isinstance(information, model.Information) else None
    if not isinstance(without, model.WithoutConsent):
        return
    for name, ground in without.grounds.items():
        path: Path = ("information", "without_consent", "grounds", name)
        if not ground.deciders:
            yield found(path, "ground_without_decider", name=name, least=without.deciders_min)
        if not ground.needs:
            yield found(path, "ground_without_needs", name=name)
