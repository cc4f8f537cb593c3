"""Parties and their functions: somebody to ask, somebody who answers for agreements kept, somebody to stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from services.agreements import model
from services.agreements.check.given import Given
from services.agreements.check.references import uses
from services.agreements.findings import Found, Path, Severity, found
from services.agreements.moments import moment

#: The four kinds every wijkverband has at least, by the kinds of party that count as one (S004-01).
CORE_KINDS: Mapping[str, frozenset[str]] = {
    "gp": frozenset({"gp"}),
    "home_care": frozenset({"home_care"}),
    "pharmacy": frozenset({"pharmacy"}),
    "social_work": frozenset({"social_work", "municipality", "welfare", "social_domain"}),
}
COORDINATION_POINT = "coordination_point"


def contacts(given: Given) -> Iterator[Found]:
    """Every function can be reached, and whoever stands in for it is somebody else who is able to."""
    for path, party, contact in given.placed_contacts():
        if not contact.channels:
            yield found((*path, "channels"), "contact_without_channel", name=contact.id)
        for key in ("deputy", "stand_ins", "overflow"):
            named = getattr(contact, key)
            if contact.id in ((named,) if key == "deputy" else named):
                code = "deputy_of_itself" if key == "deputy" else "stands_in_for_itself"
                yield found((*path, key), code, name=contact.id)
        if contact.kind == "group" and contact.claim is None:
            yield found((*path, "kind"), "group_without_claim", name=contact.id)
        if contact.kind != "group" and contact.claim is not None:
            yield found((*path, "claim"), "claim_without_group", "warning", name=contact.id)
        needed = set(contact.expertise or party.expertise)
        for n, other in enumerate(contact.stand_ins):
            missing = needed - _expertise(given, other)
            if other in given.contacts and missing and other != contact.id:
                words = {"name": other, "contact": contact.id, "missing": ", ".join(sorted(missing))}
                yield found((*path, "stand_ins", n), "stand_in_without_expertise", "warning", **words)
        for n, other in enumerate(contact.overflow):
            if other != contact.id and other in given.contacts and given.party_of[other] is party:
                yield found((*path, "overflow", n), "overflow_at_home", "warning", name=other, party=party.id)
    yield from _deputy_cycles(given)


def _expertise(given: Given, contact: str) -> set[str]:
    if contact not in given.contacts:
        return set()
    return {*given.contacts[contact].expertise, *given.party_of[contact].expertise}


def _deputy_cycles(given: Given) -> Iterator[Found]:
    """Deputies of each other: told once for each circle, at its first contact in the file."""
    told: set[str] = set()
    for path, _, contact in given.placed_contacts():
        circle: list[str] = []
        name: str | None = contact.id
        while name in given.contacts and name not in circle and name not in told:
            circle.append(name)
            name = given.contacts[name].deputy
        if name == contact.id and len(circle) > 1:
            told.update(circle)
            yield found((*path, "deputy"), "deputy_cycle", names=" → ".join((*circle, contact.id)))


def parties(given: Given) -> Iterator[Found]:
    """Every party has a contact, an accountable person and a contact for signals, of its own (S001-22, S000-26)."""
    for path, party in given.parties():
        own = {contact.id: n for n, contact in enumerate(party.contacts)}
        if not own:
            yield found(path, "party_without_contact", name=party.id)
        for key, code in (
            ("accountable_person", "party_without_accountable_person"),
            ("signal_contact", "party_without_signal_contact"),
        ):
            named = getattr(party, key)
            if named is None:
                yield found(path, code, name=party.id)
            elif named in given.contacts and named not in own:
                words = {"name": named, "party": party.id, "other": given.party_of[named].id}
                yield found((*path, key), "contact_of_another_party", **words)
        signal = party.signal_contact
        if signal in own and given.contacts[signal].sits_in_partnership is None:
            at: Path = (*path, "contacts", own[signal])
            yield found(at, "seat_unsaid", "warning", name=signal, party=party.id)
        if party.joins and party.leaves and party.leaves <= party.joins:
            yield found((*path, "leaves"), "leaves_before_joining", name=party.id)


def core_kinds(given: Given) -> Iterator[Found]:
    """The four core kinds of a wijkverband."""
    core = {party.kind for party in given.agreement.parties if party.ring == "core"}
    for name, kinds in CORE_KINDS.items():
        if not core & kinds:
            yield found(("parties",), "core_kind_missing", "warning", name=name, all=", ".join(CORE_KINDS))


def partnership(given: Given) -> Iterator[Found]:
    """Somebody keeps the partnership going (S004-23), and somebody takes the initiative (S002-10)."""
    held = given.agreement.partnership
    if isinstance(held, model.NotApplicable):
        return
    path: Path = ("partnership",) if held is not None else ()
    if held is None or not held.coordinator:
        yield found(path, "no_partnership_coordinator")
    if held is None or held.initiator is None:
        yield found(path, "no_partnership_initiator", "warning")


def leaving(given: Given) -> Iterator[Found]:
    """A party that leaves hands over first: a warning while it is here, an error once it has gone (S004-11)."""
    agreement = given.agreement
    today = moment(given.at_ms).astimezone(ZoneInfo(agreement.timezone)).date()
    leaves: Mapping[str, date] = {party.id: party.leaves for party in agreement.parties if party.leaves}
    if not leaves:
        return
    root = agreement.routing.receiver
    if root in given.party_of and given.party_of[root].id in leaves:
        party = given.party_of[root].id
        yield found(("routing", "receiver"), "root_leaves", name=root, party=party, day=leaves[party])
    index = {n: party.id for n, party in enumerate(agreement.parties)}
    for path, names, name in uses(given):
        if names.thing == "contact" and name in given.party_of:
            party = given.party_of[name].id
        elif names.thing == "party":
            party = name
        else:
            continue
        # What a party says of itself goes with it, and that it signed stays true.
        is_its_own = path[0] == "parties" and index[int(path[1])] == party
        if party not in leaves or is_its_own or path[0] == "meta" or path == ("routing", "receiver"):
            continue
        severity: Severity = "error" if leaves[party] <= today else "warning"
        yield found(path, "leaves_with_open_duties", severity, name=name, party=party, day=leaves[party])
