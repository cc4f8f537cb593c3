"""The door: what happened there before, or instead of, a command. No word of what was said, and nobody's name."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import ActorRef, Code, ContactRef, ContentRef, EventId, Id, Kind, OpenEnum, Said, TypeName


class ReadPurpose(OpenEnum):
    """What content was fetched for."""

    PULL = "pull"
    DELIVERY = "delivery"
    UNKNOWN = "unknown"


class ReadGround(OpenEnum):
    """Why this party may read it: by whom the signal was routed, passed on or given to, or who wrote it (S000-13).

    `staffs`: its people answered the function that was asked. `calls`: it is to phone somebody about it; `told`: it was
    told of it and not asked; neither reads words for that.
    """

    ROUTED = "routed"
    ESCALATED = "escalated"
    REASSIGNED = "reassigned"
    ADDRESSED = "addressed"
    AUTHOR = "author"
    STAFFS = "staffs"
    CALLS = "calls"
    TOLD = "told"
    UNKNOWN = "unknown"


class DoorRefusal(OpenEnum):
    """Why an event did not pass the door. A closed, documented list (semantics 36)."""

    NOT_A_CLOUDEVENT = "not_a_cloudevent"
    TYPE_UNKNOWN = "type_unknown"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    SOURCE_NOT_OURS = "source_not_ours"
    PARTNERSHIP_UNKNOWN = "partnership_unknown"
    CONTACT_NOT_OURS = "contact_not_ours"
    SUBJECT_UNKNOWN = "subject_unknown"
    DATA_INVALID = "data_invalid"
    IDENTIFIER_NOT_ALLOWED = "identifier_not_allowed"
    CONTENT_NOT_ALLOWED = "content_not_allowed"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"


class _Fact(Said):
    subject: ClassVar[str] = "gateway"
    kind: ClassVar[Kind] = "fact"


class ContentRead(_Fact):
    """Somebody is about to read content: told before the first byte leaves, or none does (NEN 7513, semantics 34)."""

    content_ref: ContentRef
    party: Code
    contact: ContactRef | None = None
    actor_ref: ActorRef | None = None
    purpose: ReadPurpose
    ground: ReadGround
    entity: Id | None = None


class EventRefused(_Fact):
    """An event that did not pass the door: from whom, as a hash of its source, and why.

    `command` is its kind where it is one of ours, and `field` the part of it that was wrong.
    """

    source_ref: Id
    reason: DoorRefusal
    command: TypeName | None = None
    field: Code | None = None
    partnership: Code | None = None
    event_ref: EventId | None = None
