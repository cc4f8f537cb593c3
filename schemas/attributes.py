"""What each attribute of the envelope may hold: the rule for who writes, and the text of the documents."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from schemas.base import Code, EventId, Id, Part, Said

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def _moment_text(value: object) -> object:
    """Refuses what pydantic would take for a moment though it is none on the wire: a number, a bare date."""
    if isinstance(value, str) and not _RFC_3339.fullmatch(value):
        raise ValueError("must be a moment with its zone, like 2026-11-23T07:00:00+01:00")
    return value


#: A moment as an attribute: RFC 3339 text.
MomentText = Annotated[AwareDatetime, BeforeValidator(_moment_text)]

#: A party's system by its Dutch organisation number, or a process of ours.
Source = Annotated[
    str,
    StringConstraints(
        pattern=r"^urn:(nld:oin:[0-9]{20}:systeem|seinhuis):[a-z0-9][a-z0-9_.-]{0,63}$",
    ),
]
TypeUrn = Annotated[
    str, StringConstraints(pattern=r"^nl\.seinhuis\.[a-z]{3,32}\.[A-Z][A-Za-z]{2,63}\.v[1-9][0-9]{0,2}$")
]
#: The entity an event is about: an id of ours, `partnership/version` of an agreement, or `party/contact`.
Entity = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,128}$")]
#: A party of a partnership: the key of its lane.
PartyKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}/[a-z0-9][a-z0-9_.-]{0,63}$")]
Traceparent = Annotated[str, StringConstraints(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
#: FHIR's request priority, to which an agreement maps each of its urgency levels.
Priority = Literal["routine", "urgent", "asap", "stat"]

_CASE = "The case it belongs to: allotted at random by Seinhuis, the key of every case topic."


class Attributes(Part):
    """The attributes of one event of ours. Closed, as everything is that is written."""

    specversion: Literal["1.0"] = Field(description="The version of CloudEvents.")
    id: EventId = Field(description="Of a fact `process-partition-sequence`, without gaps.")
    source: Source = Field(description="Who says it: a party's system by its OIN, or a process of Seinhuis.")
    type: TypeUrn = Field(description="`nl.seinhuis.<subject>.<Name>.v<major>`.")
    subject: Entity | None = Field(default=None, description="The entity it is about.")
    time: MomentText | None = Field(
        default=None, description="When it happened, in the provider's word; drives nothing."
    )
    recordedtime: MomentText = Field(description="When Seinhuis took it in; what every deadline counts from.")
    partnership: Code | None = Field(default=None, description="Whose agreement applies.")
    caseid: Id | None = Field(default=None, description=_CASE)
    partitionkey: Id | None = Field(
        default=None, description="The same as `caseid`, where CloudEvents puts a key."
    )
    causationid: EventId | None = Field(default=None, description="The id of the event that led to this one.")
    correlationid: EventId | None = Field(default=None, description="What belongs to one conversation.")
    urgency: Code | None = Field(default=None, description="The level of the agreement.")
    priority: Priority | None = Field(default=None, description="The FHIR code of that level.")
    traceparent: Traceparent | None = Field(default=None, description="W3C trace context.")
    datacontenttype: Literal["application/json"] = Field(
        default="application/json", description="On Kafka the header `content-type`."
    )


class CommandAttributes(Attributes):
    """What a command must say besides: which entity, which case, whose agreement."""

    subject: Id = Field(description="The entity it is about.")
    partnership: Code = Field(description="Whose agreement applies.")
    caseid: Id = Field(description=_CASE)


class PartyAttributes(Attributes):
    """What is said of a party and of no case: whatever could lead to a case has no place here."""

    subject: PartyKey = Field(
        description="The party in its partnership, `partnership/party`: the record's key."
    )
    partnership: Code = Field(description="Whose agreement applies.")
    caseid: None = None
    partitionkey: None = None
    causationid: None = None
    correlationid: None = None
    urgency: None = None
    priority: None = None
    traceparent: None = None


class NoticeCommandAttributes(Attributes):
    """What the bell says to itself: in the lane of a contact, or in the lane in which a notice was decided."""

    subject: Entity = Field(
        description="The key of the lane: a case, `party/contact` or `partnership/party`."
    )
    partnership: Code = Field(description="Whose agreement applies.")
    causationid: None = None
    correlationid: None = None
    traceparent: None = None


def attributes_of(model: type[Said]) -> type[Attributes]:
    """What the envelope of a message may hold."""
    if model.subject == "collaboration":
        return PartyAttributes
    if (model.subject, model.kind) == ("notices", "command"):
        return NoticeCommandAttributes
    return CommandAttributes if model.kind == "command" else Attributes
