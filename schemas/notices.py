"""The bell: who was told of what, by which way, and how far that came. Each step is its own fact (semantics 30)."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import (
    Code,
    ContactRef,
    ContentRef,
    EventId,
    Id,
    Kind,
    Moment,
    OpenEnum,
    Part,
    Said,
    TypeName,
)
from schemas.directory import AddressRef


class NoticeForm(OpenEnum):
    """A text that we send, or a task for a person: a talk is nothing a machine can do (S000-61)."""

    WRITTEN = "written"
    ORAL = "oral"
    UNKNOWN = "unknown"


class FailReason(OpenEnum):
    """Why an attempt came to nothing. A closed, documented list (semantics 36)."""

    NO_CHANNEL = "no_channel"
    NO_ADDRESS = "no_address"
    ADDRESS_REFUSED = "address_refused"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    TLS_FAILED = "tls_failed"
    REJECTED = "rejected"
    OVERLOADED = "overloaded"
    SERVER_FAILED = "server_failed"
    CONTENT_NOT_ALLOWED = "content_not_allowed"
    CONTENT_NOT_READABLE = "content_not_readable"
    OWN_SIDE = "own_side"
    UNKNOWN = "unknown"


class SuppressReason(OpenEnum):
    """Why a notice was not sent; never one of an acute matter (semantics 32)."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"
    DISCHARGED = "discharged"
    UNKNOWN = "unknown"


class _Fact(Said):
    subject: ClassVar[str] = "notices"
    kind: ClassVar[Kind] = "fact"


class NoticeQueued(_Fact):
    """Somebody is to be told of a fact, by a way of reaching them that holds now (S000-29, semantics 50).

    An oral one is a task for a person, done by a `LogCall`: by `caller`, or in the own party of `to` where nobody is
    named. `phone` is the function that answers questions about it; `asks` says whether an answer is waited for, or
    somebody is only told. `staff`: the other parties whose people answer `to` by its rota, or share it as a group; they
    hear of it in their own streams (S002-08, S002-09).
    """

    notice_id: EventId
    of: TypeName
    entity: Id | None = None
    obligation_id: EventId | None = None
    to: ContactRef
    asks: bool = False
    channel: Code
    form: NoticeForm
    address_ref: AddressRef | None = None
    phone: ContactRef | None = None
    caller: ContactRef | None = None
    staff: tuple[Code, ...] = ()
    content_ref: ContentRef | None = None
    due_at: Moment | None = None
    bundled: bool = False


class NoticeAttempted(_Fact):
    """It is being sent, for the `attempt`-th time by this channel; a repeat carries the same key (semantics 31)."""

    notice_id: EventId
    to: ContactRef
    channel: Code
    attempt: int


class NoticeAccepted(_Fact):
    """The provider took it; that is not delivered (semantics 30)."""

    notice_id: EventId
    of: TypeName
    to: ContactRef
    channel: Code
    attempt: int


class NoticeDelivered(_Fact):
    """It arrived where it was sent to, by the receiver's own word. `text_for`: a written text arrived with it, for this
    kind of party or for the `reporter` (semantics 43)."""

    notice_id: EventId
    of: TypeName
    to: ContactRef
    channel: Code
    text_for: Code | None = None


class NoticeRead(_Fact):
    """It was opened. Only an acknowledgement stops a ladder (semantics 30). `text_for`: the written text that it led to
    was, as in `NoticeDelivered`."""

    notice_id: EventId
    of: TypeName
    to: ContactRef
    channel: Code
    text_for: Code | None = None


class NoticeFailed(_Fact):
    """An attempt came to nothing. `is_permanent`: no way of reaching them is left, and the ladder moves on at once."""

    notice_id: EventId
    of: TypeName
    entity: Id | None = None
    to: ContactRef
    channel: Code | None = None
    attempt: int
    reason: FailReason
    is_permanent: bool
    next_channel: Code | None = None
    retry_at: Moment | None = None


class NoticeSuppressed(_Fact):
    """Not sent, and why; a silence suppresses delivery, never a deadline (semantics 32)."""

    notice_id: EventId
    of: TypeName
    entity: Id | None = None
    to: ContactRef
    reason: SuppressReason
    until: Moment | None = None


class BundleNotice(Said):
    """A routine notice for the bundle of its contact; the lane of that contact sends it (acute never comes here).

    `about` is what it is about by the name its party has for it; no case stands here.
    """

    subject: ClassVar[str] = "notices"
    kind: ClassVar[Kind] = "command"

    notice_id: EventId
    of: TypeName
    to: ContactRef
    channel: Code
    urgency: Code
    about: Id | None = None
    bundle_until: Moment


class ReplayNotice(Said):
    """A notice that came to nothing is sent again with the key it had, in the lane that decided it (semantics 33)."""

    subject: ClassVar[str] = "notices"
    kind: ClassVar[Kind] = "command"

    notice_id: EventId


class News(OpenEnum):
    """What is new about a contact of a partner (S004-12)."""

    NEW = "new"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"


class ContactNews(Part):
    """A function of a partner, and what is new about it; how it is reached, the agreement and the directory say."""

    contact: ContactRef
    news: News


class NoticeIssued(Said):
    """One thin notice in a party's own stream: what kind of fact, how urgent, due when, and whom to phone.

    Its envelope carries the party's own aliases as `subject` and `caseid` and an id of its own, so that parties cannot
    join their streams. Content is pulled, by `content` of the signal it is about. `acts_as` is the function of the
    party from which an answer is waited for; an oral one is for a person, who tells `to` by phone.

    What is told of no case says what it is about: `contacts` of partners; an agreement by its version and start; the
    `about` party that did not keep what was agreed.
    """

    subject: ClassVar[str] = "deliveries"
    kind: ClassVar[Kind] = "fact"

    of: TypeName
    to: ContactRef | None = None
    form: NoticeForm = NoticeForm.WRITTEN
    urgency: Code
    due_at: Moment | None = None
    phone: ContactRef | None = None
    acts_as: ContactRef | None = None
    taken_by: ContactRef | None = None
    contacts: tuple[ContactNews, ...] | None = None
    agreement_version: int | None = None
    valid_from: Moment | None = None
    about: Code | None = None
