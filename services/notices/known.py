"""What a fact adds to what the bell knows, and which notices it makes needless.

Facts come by several topics, in no order between them: where one stands among the others, its own order says.
"""

from __future__ import annotations

from collections.abc import Callable

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
from schemas.signals import (
    SignalAcknowledged,
    SignalClosed,
    SignalDeclined,
    SignalReassigned,
    SignalReported,
    SignalRouted,
    SignalWithdrawn,
)
from services.agreements.moments import milliseconds
from services.notices.heard import Heard
from services.notices.row import ENDED_MAX, Entity, Open, Row, is_before

#: Of a function at a moment: the parties that hear what it is asked, its own first.
StaffOf = Callable[[str, int], tuple[str, ...]]
#: These end what was owed: whoever is told of them is told that it is over.
ENDINGS = (ObligationDischarged, ObligationCancelled)


def learn(row: Row, entity: Entity, heard: Heard, staff_of: StaffOf) -> None:
    """Takes in what a fact says about its signal."""
    envelope, said = heard.envelope, heard.said
    entity["correlationid"] = envelope.correlationid or entity["correlationid"]
    entity["traceparent"] = envelope.traceparent or entity["traceparent"]
    entity["urgency"] = envelope.urgency or entity["urgency"]
    entity["priority"] = envelope.priority or entity["priority"]
    if said.subject == "deadlines":
        _learn_owed(row, entity, said, envelope.causationid)
    else:
        _learn_signal(row, entity, said, heard)
    if isinstance(said, ObligationEscalated | SignalReassigned):
        _ask(entity, said.to, heard.at_ms, staff_of)
    elif isinstance(said, SignalRouted):
        _ask(entity, said.contact, heard.at_ms, staff_of)


def _learn_signal(row: Row, entity: Entity, said: Said, heard: Heard) -> None:
    match said:
        case SignalReported():
            entity["reporter_party"] = said.reporter.party
        case SignalReassigned():
            entity["taken"] = None
            entity["gave"].append(said.by.contact)
        case SignalDeclined():
            leave(entity, said.by.contact)
        case SignalAcknowledged():
            entity["taken"] = {"by": said.by.contact, "order": heard.order}
            for gave in entity["gave"]:
                if gave != said.by.contact:
                    leave(entity, gave)
            entity["gave"] = []
            if said.by.contact not in row["holders"]:
                row["holders"].append(said.by.contact)
        case SignalClosed() | SignalWithdrawn():
            entity["over"] = heard.order


def _learn_owed(row: Row, entity: Entity, said: Said, cause: str) -> None:
    match said:
        case ObligationOpened():
            _open(row, entity, said, cause)
        case ObligationMoved() | ObligationPaused() | ObligationResumed():
            if said.obligation_id in entity["owed"]:
                entity["owed"][said.obligation_id]["due_ms"] = milliseconds(said.due_at)
        case ObligationDischarged() | ObligationCancelled():
            entity["owed"].pop(said.obligation_id, None)
            entity["ended"] = [*entity["ended"], said.obligation_id][-ENDED_MAX:]


def learn_role(row: Row, heard: Heard) -> None:
    """Takes in who fills which slot of the case."""
    role = getattr(heard.said, "role", None)
    if heard.name == "RoleTaken" and role is not None and heard.by is not None:
        row["roles"][str(role.value)] = heard.by
    elif heard.name == "RoleReleased" and role is not None:
        row["roles"].pop(str(role.value), None)


def _ask(entity: Entity, contact: str, at_ms: int, staff_of: StaffOf) -> None:
    """A function is asked, and its party hears of the signal from now on, and whoever staffs it with it then."""
    was_left = contact in entity["left"]
    if contact not in entity["asked"]:
        entity["asked"].append(contact)
    entity["asked_ms"][contact] = at_ms
    entity["left"] = [one for one in entity["left"] if one != contact]
    # What it was asked before it said no is over, for those who answered it then as well.
    before = () if was_left else heard_by(entity, contact)[1:]
    _, *others = staff_of(contact, at_ms)
    if others := list(dict.fromkeys([*before, *others])):
        entity.setdefault("staff", {})[contact] = others
    else:
        entity.get("staff", {}).pop(contact, None)


def leave(entity: Entity, contact: str) -> None:
    """A function said no, or gave away what another took: no more of it is told there, unless it is asked again."""
    if contact not in entity["left"]:
        entity["left"].append(contact)


def heard_by(entity: Entity, contact: str) -> tuple[str, ...]:
    """The parties that hear what a function is told of a signal: its own, and who staffed it when it was asked."""
    return (contact.partition("/")[0], *entity.get("staff", {}).get(contact, ()))


def hearing(entity: Entity) -> list[str]:
    """Who hears of a signal: whose functions were asked and have not left, who reported it, who was written to."""
    found = [party for one in entity["asked"] if one not in entity["left"] for party in heard_by(entity, one)]
    if entity["reporter_party"] is not None:
        found.append(entity["reporter_party"])
    return list(dict.fromkeys([*found, *entity["addressed"]]))


def is_moot(notice: Open, entity: Entity | None, said: object) -> bool:
    """Whether what a fact asks or warns of was answered already, by a fact told after it and read before it."""
    if entity is None or isinstance(said, ENDINGS):
        return False
    if notice["obligation_id"] is not None and notice["obligation_id"] in entity["ended"]:
        return True
    taken = entity["taken"]
    return notice["asks"] and (
        is_before(notice["order"], None if taken is None else taken["order"])
        or is_before(notice["order"], entity["over"])
    )


def needless(heard: Heard) -> Callable[[Open], bool] | None:
    """Which notices under way a fact makes needless; None when it is no such fact."""
    said, subject = heard.said, heard.envelope.subject
    if isinstance(said, ENDINGS):
        obligation_id = said.obligation_id
        return lambda one: one["obligation_id"] == obligation_id
    if isinstance(said, SignalAcknowledged | SignalWithdrawn | SignalClosed):
        # What was asked before it was taken was asked so that somebody takes it.
        return lambda one: one["asks"] and one["entity"] == subject and is_before(one["order"], heard.order)
    return None


def _open(row: Row, entity: Entity, said: ObligationOpened, opened_by: str) -> None:
    if said.obligation_id in entity["ended"]:
        return
    due_ms = milliseconds(said.due_at)
    entity["owed"][said.obligation_id] = {
        "owed_by": said.owed_by,
        "owed_to": said.owed_to,
        "due_ms": due_ms,
        "opened_by": opened_by,
    }
    for one in row["open"]:
        if one["fact_id"] == opened_by and one["asks"] and one["obligation_id"] is None:
            one["obligation_id"], one["due_ms"] = said.obligation_id, due_ms
