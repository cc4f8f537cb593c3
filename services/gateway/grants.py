"""Who may pull what of a signal, as it follows from what was told of it: asked, passed on, given, addressed, written.

A grant begins when a function is asked and ends

- when that function declines: it said no, and nothing is asked of it any more; asked again, it begins again;
- when another function takes what it gave away: until then it still has the signal (semantics 45);
- when the signal is withdrawn, at once; its author keeps what it wrote as long as after a closing;
- some days after the signal was closed.

Who staffs a function with its party is let in by the notice that says so, as of the fact that asked the function.

Facts of two topics may be read in another order than they were decided, so every word here is compared by its
number in the case's lane, never by when it came in: whatever the order, the same facts give the same grants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from schemas.base import Said
from schemas.deadlines import (
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationMoved,
    ObligationOpened,
    ObligationPaused,
    ObligationResumed,
)
from schemas.gateway import ReadGround
from schemas.notices import NoticeQueued
from schemas.signals import (
    FeedbackGiven,
    SignalAcknowledged,
    SignalClosed,
    SignalDeclined,
    SignalReassigned,
    SignalReported,
    SignalRouted,
    SignalUrgencyChanged,
    SignalWithdrawn,
)
from services.agreements.moments import milliseconds
from services.signals.lifecycle import ABSENT, after

#: All of the signal's content, where a grant names no reference.
ALL = ""
#: None of it: who is to phone about a signal, or is told of it, may name it and see how it stands.
NO_WORDS = "-"
#: No function but the party as a whole: its author is whoever wrote it.
NOBODY = ""
#: Fields that hold a reference to content, in whatever fact.
REF_FIELDS = ("content_ref", "findings_ref", "wishes_ref", "reason_ref")


class Heard(NamedTuple):
    """A fact and what its envelope says of it; `number` is its place in the lane of its case."""

    fact: Said
    entity: str
    caseid: str
    partnership: str
    urgency: str
    number: int
    at_ms: int


GrantKey = tuple[str, str, ReadGround, str]


class Grant(NamedTuple):
    """Why a function of a party may pull, and since when. `asked` is the number of the fact that asked it last."""

    party: str
    contact: str
    ground: ReadGround
    content_ref: str
    since_ms: int
    asked: int

    @property
    def key(self) -> GrantKey:
        """One grant a function, ground and text."""
        return self.party, self.contact, self.ground, self.content_ref


class Stance(NamedTuple):
    """What a function said to being asked: the number with which it gave the signal away, and with which it is out."""

    gave: int = 0
    left: int = 0
    left_ms: int = 0


class Due(NamedTuple):
    """An answer that is owed on a signal."""

    obligation_id: str
    name: str
    owed_by: str
    due_ms: int


class Known(NamedTuple):
    """A signal as the door knows it. `wrote` says which party wrote each reference; None is somebody without one."""

    entity: str
    caseid: str
    partnership: str
    urgency: str
    state: str = ABSENT
    taken_by: str | None = None
    reporter_party: str | None = None
    #: When access ends: for whoever was asked, and for its author.
    ends_ms: int | None = None
    author_ends_ms: int | None = None
    grants: Mapping[GrantKey, Grant] = {}
    stances: Mapping[str, Stance] = {}
    wrote: Mapping[str, str | None] = {}
    dues: Mapping[str, Due] = {}
    #: The number with which whoever had it gave it away last: from there on it is asked as of a new one.
    handed: int = 0

    def asking_began(self, contact: str) -> int:
        """Before which number what a function was asked is over: it said no or gave it away, or whoever had it did."""
        stance = self.stances.get(contact, Stance())
        return max(self.handed, stance.gave, stance.left)

    def ended_ms(self, grant: Grant) -> int | None:
        """The moment from which a grant holds no more; None while nobody knows one."""
        is_staff = grant.ground is ReadGround.STAFFS
        stance = self.stances.get(_of_staff(grant.contact) if is_staff else grant.contact)
        if stance is not None and stance.left > grant.asked and grant.content_ref == ALL:
            return stance.left_ms
        if stance is not None and stance.left and grant.ground is ReadGround.TOLD:
            return stance.left_ms  # asked again, it has what it is asked
        return self.author_ends_ms if grant.ground is ReadGround.AUTHOR else self.ends_ms


def party_of(contact: str) -> str:
    """The party of a function."""
    return contact.partition("/")[0]


def ground_to_read(grants: Iterable[Grant], ref: str, wrote: str | None) -> ReadGround | None:
    """Of one party's grants that hold now, the first that reaches this reference; None when none does."""
    found = {
        grant.ground
        for grant in grants
        if (grant.ground is ReadGround.AUTHOR and wrote == grant.party)
        or (grant.ground is not ReadGround.AUTHOR and grant.content_ref in {ALL, ref})
    }
    return next((ground for ground in ReadGround if ground in found), None)


def hear(known: Known | None, heard: Heard, keep_ms: int) -> Known:
    """The signal after one more fact. `keep_ms`: how long after a closing it may still be read."""
    fact = heard.fact
    one = known or Known(heard.entity, heard.caseid, heard.partnership, heard.urgency)
    one = _owed(one, fact)
    one = _lived(one, heard, keep_ms)
    one = _asked(one, heard)
    one = _addressed(one, heard)
    return _written(one, heard)


# -- the signal itself -------------------------------------------------------------------------------


def _lived(one: Known, heard: Heard, keep_ms: int) -> Known:
    """State, holder and urgency; these are told on one topic, in order."""
    fact = heard.fact
    with suppress(KeyError):  # told of it without moving it, or by a version that knows more
        one = one._replace(state=after(one.state, fact))
    match fact:
        case SignalReported():
            one = one._replace(urgency=fact.urgency, reporter_party=fact.reporter.party)
        case SignalUrgencyChanged():
            one = one._replace(urgency=fact.urgency)
        case SignalAcknowledged():
            one = one._replace(taken_by=fact.by.contact)
        case SignalReassigned() if one.taken_by is not None:
            one = one._replace(taken_by=None, handed=heard.number)
        case SignalClosed():
            ends_ms = heard.at_ms + keep_ms
            one = one._replace(ends_ms=ends_ms, author_ends_ms=ends_ms)
        case SignalWithdrawn():
            one = one._replace(ends_ms=heard.at_ms, author_ends_ms=heard.at_ms + keep_ms)
    return one


def _owed(one: Known, fact: Said) -> Known:
    """What is due; these are told on one topic, in order."""
    match fact:
        case ObligationOpened() | ObligationMoved() | ObligationPaused() | ObligationResumed():
            due = Due(fact.obligation_id, fact.name, fact.owed_by, milliseconds(fact.due_at))
            return one._replace(dues={**one.dues, due.obligation_id: due})
        case ObligationDischarged() | ObligationCancelled():
            return one._replace(
                dues={known: due for known, due in one.dues.items() if known != fact.obligation_id}
            )
    return one


# -- who may read ------------------------------------------------------------------------------------


def _asked(one: Known, heard: Heard) -> Known:
    """Whom a fact lets in because it asks them, and whom it lets out."""
    fact, number = heard.fact, heard.number
    match fact:
        case SignalReported() if fact.reporter.party is not None:
            one = _granted(one, heard, fact.reporter.party, NOBODY, ReadGround.AUTHOR)
        case SignalRouted():
            one = _function(one, heard, fact.contact, ReadGround.ROUTED)
        case ObligationEscalated():
            one = _function(one, heard, fact.to, ReadGround.ESCALATED)
        case SignalReassigned():
            one = _stands(one, fact.by.contact, gave=number)
            one = _function(one, heard, fact.to, ReadGround.REASSIGNED)
        case SignalAcknowledged():
            one = _taken(one, heard, fact.by.contact)
        case SignalDeclined():
            one = _stands(one, fact.by.contact, left=number, left_ms=heard.at_ms)
    return one


def _addressed(one: Known, heard: Heard) -> Known:
    """Whom a fact lets in because something is written or told to them, they are to call somebody, or they staff who is
    asked: of these the bell says who they are."""
    match heard.fact:
        case FeedbackGiven(content_ref=str(ref), receiver=str(receiver)):
            one = _function(one, heard, receiver, ReadGround.ADDRESSED, ref)
        case FeedbackGiven(content_ref=str(ref), to="reporter") if one.reporter_party is not None:
            one = _granted(one, heard, one.reporter_party, NOBODY, ReadGround.ADDRESSED, ref)
        case NoticeQueued(to=to, asks=asks, content_ref=ref, caller=caller, staff=staff):
            if asks:
                parties, ground, reads = staff, ReadGround.STAFFS, ALL
            elif ref is not None:
                parties, ground, reads = (party_of(to), *staff), ReadGround.ADDRESSED, ref
            else:
                parties, ground, reads = (party_of(to), *staff), ReadGround.TOLD, NO_WORDS
            for party in parties:
                one = _granted(one, heard, party, to, ground, reads)
            if caller is not None:
                one = _function(one, heard, caller, ReadGround.CALLS, NO_WORDS)
    return one


def _function(one: Known, heard: Heard, contact: str, ground: ReadGround, ref: str = ALL) -> Known:
    """A grant of a function, for its own party."""
    return _granted(one, heard, party_of(contact), contact, ground, ref)


def _granted(  # noqa: PLR0913 - each is a part of the grant
    one: Known, heard: Heard, party: str, contact: str, ground: ReadGround, ref: str = ALL
) -> Known:
    grant = Grant(party, contact, ground, ref, heard.at_ms, heard.number)
    before = one.grants.get(grant.key, grant)
    grant = grant._replace(
        asked=max(before.asked, grant.asked), since_ms=min(before.since_ms, grant.since_ms)
    )
    return one._replace(grants={**one.grants, grant.key: grant})


def _taken(one: Known, heard: Heard, by: str) -> Known:
    """Whoever took it may read it, whatever it said before; whoever gave it away has it no more."""
    if not any(grant.contact == by and grant.content_ref == ALL for grant in one.grants.values()):
        # Asked by the ladder, of which the other topic tells.
        one = _function(one, heard, by, ReadGround.ESCALATED)
    one = one._replace(stances={**one.stances, by: Stance()})
    for contact, stance in one.stances.items():
        if contact != by and stance.gave > stance.left:
            one = _stands(one, contact, left=stance.gave, left_ms=heard.at_ms)
    return one


def _stands(one: Known, contact: str, *, gave: int = 0, left: int = 0, left_ms: int = 0) -> Known:
    before = one.stances.get(contact, Stance())
    stances = {contact: Stance(max(before.gave, gave), left or before.left, left_ms or before.left_ms)}
    if left > one.stances.get(_of_staff(contact), Stance()).left:
        stances[_of_staff(contact)] = Stance(left=left, left_ms=left_ms)
    return one._replace(stances={**one.stances, **stances})


def _of_staff(contact: str) -> str:
    """Under which name, that no function has, stands until when those who staffed it were asked. What the function
    itself says later does not let them in again: others may answer it by then."""
    return f"{contact} staff"


def _written(one: Known, heard: Heard) -> Known:
    """Each reference with the party that wrote it."""
    fact = heard.fact
    if fact.subject != "signals":
        return one
    refs = [ref for name in REF_FIELDS if isinstance(ref := getattr(fact, name, None), str)]
    by = getattr(fact, "by", None)
    party = party_of(by.contact) if by is not None else one.reporter_party
    return one._replace(wrote={**one.wrote, **dict.fromkeys(refs, party)}) if refs else one
