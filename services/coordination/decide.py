"""What a command about the case itself comes to: its slots as they are then, and the fact; or a refusal and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from schemas.base import Said
from schemas.coordination import (
    CaseDescribed,
    CaseJoined,
    DescribeCase,
    JoinCase,
    ReleaseRole,
    ResponsibilityTaken,
    Role,
    RoleReleased,
    RoleTaken,
    TakeRole,
)
from schemas.signals import Actor, Refusal
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.terms import Terms


class Standing(NamedTuple):
    """The case as it stands: who answers for it, its slots, what it holds of the client, everybody who was ever asked
    about it, the moment, the agreement in force and the directory. `is_new`: nothing was said of it before."""

    responsible: str
    roles: Mapping[str, str]
    client: Mapping[str, str]
    asked: Collection[str]
    now_ms: int
    agreement: Terms
    is_new: bool = False
    directory: Directory = AS_SIGNED

    def meant(self, ref: str) -> str:
        """The function itself, or whoever has come in its place (S002-15)."""
        return self.directory.meant(ref, self.now_ms)


class Settled(NamedTuple):
    """The slots and what is held of the client from now on, and the fact. With a refusal nothing has changed."""

    roles: Mapping[str, str]
    client: Mapping[str, str]
    facts: tuple[Said, ...] = ()
    refusal: Refusal | None = None


def take_role(asks: TakeRole, at: Standing) -> Settled:
    """A function of the circle takes a slot itself; one that is taken has to be released first (semantics 45, 47)."""
    by, role = asks.by.contact, asks.role
    refusal = Refusal.UNKNOWN_ENTITY if at.is_new else _outside(at, by)
    if refusal is None and role is Role.UNKNOWN:
        refusal = Refusal.NOT_ALLOWED_NOW
    if refusal is None and role.value in at.roles:
        is_theirs = by in {at.roles[role.value], at.meant(at.roles[role.value])}
        refusal = Refusal.NOT_ALLOWED_NOW if is_theirs else Refusal.ALREADY_TAKEN
    if refusal is not None:
        return _refused(at, refusal)
    fact = RoleTaken(by=asks.by, role=role, agreement_version=at.agreement.version)
    return Settled({**at.roles, role.value: by}, at.client, (fact,))


def release_role(asks: ReleaseRole, at: Standing) -> Settled:
    """A slot is given up by who has it; whoever answers for the case may say it of a function that is gone."""
    by, held_by = asks.by.contact, at.roles.get(asks.role.value)
    if held_by is None:
        return _refused(at, Refusal.NOT_ALLOWED_NOW)
    may = (held_by, at.responsible, at.agreement.coordination_point)
    if by not in {*may, *(at.meant(one) for one in may)}:
        return _refused(at, Refusal.NOT_THE_HOLDER)
    fact = RoleReleased(by=asks.by, role=asks.role, held_by=held_by, agreement_version=at.agreement.version)
    left = {role: who for role, who in at.roles.items() if role != asks.role.value}
    return Settled(left, at.client, (fact,))


def describe(asks: DescribeCase, at: Standing) -> Settled:
    """Somebody of the circle found out what the case did not hold yet, or holds no more. A case may begin with it, so
    that its first signal goes by it."""
    refusal = _outside(at, asks.by.contact)
    if refusal is not None:
        return _refused(at, refusal)
    said = {"practice": asks.practice, "target_group": asks.target_group}
    client = {**at.client, **{name: value for name, value in said.items() if value is not None}}
    fact = CaseDescribed(
        by=asks.by,
        practice=client.get("practice"),
        target_group=client.get("target_group"),
        agreement_version=at.agreement.version,
    )
    return Settled(at.roles, client, (fact,))


def join(asks: JoinCase, at: Standing) -> Settled:
    """The register says that another case is about the same person: told, and nothing is moved."""
    if at.is_new:
        return _refused(at, Refusal.UNKNOWN_ENTITY)
    version = at.agreement.version
    fact = CaseJoined(other=asks.other, leads_to=asks.leads_to, agreement_version=version)
    return Settled(at.roles, at.client, (fact,))


def responsible_after(  # noqa: PLR0913 - who took what of which case
    by: Actor, signal: str, lead: str | None, is_lead_over: bool, responsible: str, agreement: Terms
) -> ResponsibilityTaken | None:
    """Who answers for the case when somebody took one of its signals; None when that is as it was (semantics 45, 48).

    `lead` is the signal by which it is answered for now. Whoever takes the first signal of a case answers for the case;
    given away, the giver does until the other has said yes; and whoever takes another signal does only when that one
    is over.
    """
    if lead is not None and lead != signal and not is_lead_over:
        return None
    if by.contact == responsible:
        return None
    return ResponsibilityTaken(by=by, before=responsible, agreement_version=agreement.version)


def _outside(at: Standing, by: str) -> Refusal | None:
    """The circle: the parties that were ever asked about the case, and who answers for it (S000-15)."""
    contact = at.agreement.contacts.get(by)
    if contact is None or not contact.takes_part(at.now_ms):
        return Refusal.UNKNOWN_CONTACT
    if at.is_new:
        return None
    circle = {one.partition("/")[0] for one in (*at.asked, at.responsible, *at.roles.values())}
    return None if contact.party in circle else Refusal.NEVER_ASKED


def _refused(at: Standing, reason: Refusal) -> Settled:
    return Settled(at.roles, at.client, refusal=reason)
