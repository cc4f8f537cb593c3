"""Coordination: who answers for a case, who fills which of its slots, and what it holds about the client's world.

The envelope's subject of these facts is the case itself.
"""

from __future__ import annotations

from typing import ClassVar

from schemas.base import Code, ContactRef, EventId, Id, Kind, OpenEnum, Said, TypeName
from schemas.signals import Actor, Refusal


class Role(OpenEnum):
    """The slots of a case that routing goes by; never merged into one owner (semantics 47)."""

    CLIENT_CONTACT = "client_contact"
    COORDINATOR = "coordinator"
    UNKNOWN = "unknown"


class _Command(Said):
    subject: ClassVar[str] = "coordination"
    kind: ClassVar[Kind] = "command"


class _Fact(Said):
    subject: ClassVar[str] = "coordination"
    kind: ClassVar[Kind] = "fact"


class TakeRole(_Command):
    """A function of the circle takes a slot of the case: nobody is given one without a yes (semantics 45)."""

    by: Actor
    role: Role


class ReleaseRole(_Command):
    """A slot is empty again: said by who had it, or by who answers for the case."""

    by: Actor
    role: Role


class DescribeCase(_Command):
    """What the case holds: the client's own GP practice and target group, as the agreement names them.

    What is left out stays as it was (S003-24, S004-22).
    """

    by: Actor
    practice: Code | None = None
    target_group: Code | None = None


class JoinCase(_Command):
    """Two cases proved to be one person's: sent by the register to the lane of each. No case is ever re-keyed; what is
    new is told in `leads_to`."""

    other: Id
    leads_to: Id


class RoleTaken(_Fact):
    """This function fills the slot: new signals of the case go there first, where the agreement says so (S003-24)."""

    by: Actor
    role: Role
    agreement_version: int


class RoleReleased(_Fact):
    """The slot is empty; `held_by` had it."""

    by: Actor
    role: Role
    held_by: ContactRef
    agreement_version: int


class CaseDescribed(_Fact):
    """All that the case holds about the client's world from now on."""

    by: Actor
    practice: Code | None = None
    target_group: Code | None = None
    agreement_version: int


class CaseJoined(_Fact):
    """This case and `other` are one person's. What lies in each stays there and is answered there; what is new is told
    in `leads_to`, which is one of the two or the case they both lead to."""

    other: Id
    leads_to: Id
    agreement_version: int


class ResponsibilityTaken(_Fact):
    """This function answers for the case from now on, and `before` does no more (S000-40, semantics 45, 48).

    Until the first of these it is the coordination point of the agreement.
    """

    by: Actor
    before: ContactRef
    agreement_version: int


class CoordinationRefused(_Fact):
    """A command about the case itself that changed nothing, by its id and type, with a reason code."""

    command_id: EventId
    command: TypeName
    reason: Refusal
