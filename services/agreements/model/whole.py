"""The agreement as signed: one YAML file, closed to keys it does not know. Names are joined up in terms.py."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.agreements.fields import Name
from services.agreements.model.care import (
    Aftercare,
    Availability,
    Capacity,
    Direction,
    Evaluation,
    Goal,
    Handover,
    Joining,
    Mandates,
    Mdo,
    Monitoring,
    Notice,
    Path,
    Placement,
    Referral,
    Reporting,
    Roles,
)
from services.agreements.model.duties import Escalation, Intake, Obligation, Routing, Signals
from services.agreements.model.frame import Area, Contacts, Hours, Meta, Neighbour, Partnership, Urgency
from services.agreements.model.parties import Channel, Party
from services.agreements.model.pieces import OrNot, Piece
from services.agreements.model.sharing import Feedback, Information, Records


class Agreement(Piece):
    """What a partnership signed. Parts that may be left out are answered by `not_applicable: <why>` as well."""

    meta: Meta
    """Whose agreement, which version, from when (S004-09)."""
    area: Area
    """Where this partnership answers (S004-05)."""
    timezone: str
    """The zone all its times are in, such as `Europe/Amsterdam` (semantics 8)."""
    neighbours: tuple[Neighbour, ...] = ()
    """Partnerships next door: the receiver `neighbour.entry` (S000-27)."""
    channels: Annotated[dict[Name, Channel], Field(min_length=1)]
    """The ways to reach somebody, and whether client data may go there (S002-20)."""
    calendars: dict[Name, Hours]
    """Hours and days off, by name (§0.3)."""
    urgency: Urgency
    """The levels of urgency (§0.3)."""
    parties: Annotated[tuple[Party, ...], Field(min_length=1)]
    """Who takes part (S000-23)."""
    contacts: OrNot[Contacts] | None = None
    """How the list of contacts is kept true (§0.3)."""
    partnership: OrNot[Partnership] | None = None
    """Who keeps the partnership going (S004-23)."""
    signals: Signals
    """Where worries go (S000-25)."""
    intake: tuple[Intake, ...] = ()
    """Who does the first intake: the receiver `intake.contact` (S004-16)."""
    routing: Routing
    """Who is asked (S001-04)."""
    obligations: tuple[Obligation, ...]
    """What is owed after which fact, and how fast (§0.3)."""
    escalation: Escalation | None = None
    """What happens when nobody answers, and when an agreement is not kept (S004-18)."""
    feedback: OrNot[Feedback] | None = None
    """Who hears back (S000-57)."""
    referral: OrNot[Referral] | None = None
    """Calling somebody in (S000-44)."""
    handover: OrNot[Handover] | None = None
    """Responsibility from one to another (S000-40)."""
    capacity: OrNot[Capacity] | None = None
    """Who has room (S001-01)."""
    placement: OrNot[Placement] | None = None
    """Finding a place (S001-07)."""
    availability: OrNot[Availability] | None = None
    """Directly available, in minutes (S003-12)."""
    roles: OrNot[Roles] | None = None
    """Five slots (S000-37)."""
    direction: OrNot[Direction] | None = None
    """The client directs (S000-35)."""
    mandates: OrNot[Mandates] | None = None
    """Who may decide and demand (S000-34)."""
    mdo: OrNot[Mdo] | None = None
    """Conferring on a case (S000-07)."""
    information: OrNot[Information] | None = None
    """What is shared on what ground (S000-13)."""
    records: OrNot[Records] | None = None
    """What is written down where (S000-14)."""
    monitoring: OrNot[Monitoring] | None = None
    """Following the path (S000-51)."""
    evaluation: OrNot[Evaluation] | None = None
    """Looking back on a case (S000-50)."""
    aftercare: OrNot[Aftercare] | None = None
    """A finger on the pulse (S000-52)."""
    joining: OrNot[Joining] | None = None
    """How others join later (S002-16)."""
    paths: dict[Name, Path] = {}
    """The best known way, by target group (S004-22)."""
    goals: tuple[Goal, ...] = ()
    """What the partners want to reach (S004-10)."""
    notices: tuple[Notice, ...] = ()
    """Who is told of what (S000-29)."""
    reporting: OrNot[Reporting] | None = None
    """Figures, never persons (S004-34)."""
