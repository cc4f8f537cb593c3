"""One step of the bell under way: a fact is taken in, what it makes needless is stopped, who is to hear is told."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import orjson

from schemas.agreements import AgreementPublished
from schemas.base import Said
from schemas.collaboration import RungReached
from schemas.directory import ContactDescribed
from schemas.gateway import ContentRead, ReadPurpose
from schemas.notices import (
    BundleNotice,
    FailReason,
    NoticeAccepted,
    NoticeAttempted,
    NoticeDelivered,
    NoticeFailed,
    NoticeForm,
    NoticeIssued,
    NoticeQueued,
    NoticeRead,
    NoticeSuppressed,
    ReplayNotice,
    SuppressReason,
)
from schemas.signals import CallLogged, CallOutcome, FeedbackGiven
from services.agreements.book import AgreementBook
from services.agreements.directory import Directory
from services.agreements.moments import moment
from services.agreements.staff import staff_of
from services.agreements.terms import RANK_OF_PRIORITY, Terms
from services.agreements.times import after
from services.notices import bundle, issued, reach
from services.notices.announce import Announced, announced
from services.notices.heard import Heard
from services.notices.issued import Stamp
from services.notices.known import heard_by, hearing, is_moot, learn, learn_role, needless
from services.notices.outcome import RETRIED, Outcome, read_outcome
from services.notices.outgoing import issued_of, outgoing, stamp_of
from services.notices.row import (
    TOLD_MAX,
    Entity,
    Notice,
    Open,
    Row,
    forget,
    hearers,
    is_before,
    keep_calls,
    no_entity,
    notice_of,
    wake_of,
    write_row,
)
from services.notices.tell import Telling
from services.notices.who import Receiver, Situation, is_written, phone_for, receivers
from services.runtime.job import KEEP_ROW, TAKEN_BACK, Effect, Emit, PassedOver, Step, Turn, take_back

#: Facts that nobody is told of: they answer who asked.
_NOT_TOLD = frozenset({"CommandRefused", "CoordinationRefused", "AnswerRefused", "EventRefused"})
RANKS = dict(RANK_OF_PRIORITY)
#: So soon it is looked whether a silence still holds.
LOOK_AGAIN_MS = 300_000
#: Calls of one case that wait to be made; more than these nobody makes.
CALLS_MAX = 50
#: What has no urgency of its own is no hurry.
NO_HURRY = "routine"


class UnknownPartnership(LookupError):
    """No agreement of this partnership is in force."""


class BellStep:
    """One step under way: the row as it changes, what was told, and what is to be sent."""

    def __init__(  # noqa: PLR0913 - all that a step may know, once
        self,
        book: AgreementBook,
        directory: Directory,
        alias_key: bytes,
        row: Row,
        *,
        key: str,
        caseid: str,
        turn: Turn,
    ) -> None:
        self._book = book
        self._directory = directory
        self._alias_key = alias_key
        self._row = row
        self._key = key
        self._caseid = caseid
        self._now_ms = turn.now_ms
        self._telling = Telling(turn, key.encode(), caseid)
        self._others: list[Emit] = []
        self._effects: list[Effect] = []

    # -- what comes in -------------------------------------------------------------------------------

    def hear(self, heard: Heard) -> Step:
        """The whole step of a record."""
        match heard.said:
            case BundleNotice():
                self._row["open"] = bundle.put(self._row["open"], heard, heard.said)
            case ReplayNotice():
                self._replay(heard.said.notice_id)
            case ContentRead():
                self._opened(heard.said)
            case ContactDescribed() | AgreementPublished():
                self._announce(heard)
            case _:
                self._fact(heard)
        return self._done()

    def wake_up(self) -> Step:
        """The whole step of a timer: whatever waited for this moment is sent."""
        for one in list(self._row["open"]):
            if one["at_ms"] is not None and one["at_ms"] <= self._now_ms:
                one["at_ms"] = None
                self._go_on(one)
        return self._done()

    def end(self, effect_id: str, outcome: bytes) -> Step:
        """The whole step of an attempt that ended."""
        one = next((found for found in self._row["open"] if found["effect"] == effect_id), None)
        if one is None:
            return Step(KEEP_ROW)
        one["effect"] = None
        if outcome == TAKEN_BACK:
            self._suppress(one, SuppressReason.DISCHARGED)
            return self._done()
        came = read_outcome(outcome)
        if came.is_accepted:
            self._close(one)
            said = _names(one)
            self._tell(NoticeAccepted(**said, attempt=one["attempt"]), one)
            if came.is_delivered:
                self._tell(NoticeDelivered(**said, text_for=self._arrived_for(one)), one)
            self._accepted(one)
        else:
            self._fail(one, came)
        return self._done()

    # -- a fact --------------------------------------------------------------------------------------

    def _fact(self, heard: Heard) -> None:
        if heard.name in _NOT_TOLD:
            raise PassedOver("not_told")
        terms = self._book.in_force(heard.envelope.partnership, self._now_ms)
        if terms is None:
            raise PassedOver("unknown_partnership")
        entity = self._entity(heard)
        asked_ms = {} if entity is None else dict(entity["asked_ms"])
        if entity is None:
            learn_role(self._row, heard)
        else:
            learn(self._row, entity, heard, lambda ref, at_ms: staff_of(ref, at_ms, terms, self._directory))
        if isinstance(heard.said, CallLogged):
            self._called(heard, heard.said)
        self._stop(needless(heard))
        at = Situation(heard, entity, self._row, terms, self._now_ms)
        told: list[Open] = []
        for receiver in receivers(at):
            if receiver.asks and asked_ms.get(receiver.contact) == heard.at_ms:
                self._join(heard, receiver.contact)
                continue
            told += self._queue(self._new(receiver, at), receiver, at)
        self._deliver(told)
        if entity is not None:
            self._issue(told, at, entity)

    def _announce(self, heard: Heard) -> None:
        """Partners are told of each other's contacts, and of a new version; each when it can be reached."""
        told: list[Open] = []
        for each in announced(heard, self._row, self._book, self._now_ms):
            told += self._announced(each, heard)
        self._deliver(told)

    def _announced(self, each: Announced, heard: Heard) -> list[Open]:
        receiver = Receiver(each.to)
        at = Situation(heard, None, self._row, each.terms, self._now_ms)
        one = self._new(receiver, at)
        one["more"] = each.more
        if each.from_ms <= self._now_ms:
            return self._queue(one, receiver, at)
        if any(found["id"] == one["id"] for found in self._row["open"]):
            return []
        one["at_ms"] = each.from_ms
        self._row["open"].append(one)
        return [one]

    def _opened(self, said: ContentRead) -> None:
        """A text was pulled: whoever was told of it by a notice has opened that (semantics 30)."""
        entity = self._row["entities"].get(said.entity or "")
        if entity is None or said.purpose is not ReadPurpose.PULL:
            raise PassedOver("not_told")
        for one in self._row["open"]:
            if _is_opened(one, said):
                one["is_read"] = True
        told = entity.get("told", [])
        for before in told:
            if _is_opened(before, said):
                self._read(before)
        entity["told"] = [before for before in told if not _is_opened(before, said)]

    def _accepted(self, one: Open) -> None:
        """Remembers what leads to a text until it is opened; says so, where that was quicker than its acceptance."""
        entity = self._row["entities"].get(one["entity"] or "")
        if one.get("is_read"):
            self._read(one)
        elif entity is not None and (one["asks"] or one["content_ref"] is not None):
            entity["told"] = [*entity.get("told", []), notice_of(one)][-TOLD_MAX:]

    def _arrived_for(self, one: Notice) -> str | None:
        """For whom the text is that was on board; a link to it is no text."""
        terms = self._book.in_force(one["partnership"], self._now_ms)
        by = None if terms is None else reach.way(one["channel"], terms)
        return one.get("text_for") if by is not None and by.carries_client_data else None

    def _read(self, one: Notice) -> None:
        self._tell(NoticeRead(**_names(one), text_for=one.get("text_for")), one)

    def _deliver(self, told: Sequence[Open]) -> None:
        """Into the streams of the parties of these."""
        for one in told:
            for party in hearers(one):
                self._put(stamp_of(one, party, self._caseid), issued_of(one))

    def _staff(self, to: str, at: Situation) -> list[str]:
        """The parties besides its own that hear what a function is told. What is about a party is for its own alone,
        and what goes on after it said no; who was asked hears how it goes on with whoever staffed it then."""
        if at.entity is None or to in at.entity["left"]:
            return []
        if to in at.entity["asked"]:
            return list(heard_by(at.entity, to))[1:]
        return list(staff_of(to, at.heard.at_ms, at.terms, self._directory))[1:]

    def _entity(self, heard: Heard) -> Entity | None:
        """The signal a fact is about; None where it is about a party, or about the case as a whole."""
        subject = heard.envelope.subject
        if not self._caseid or subject in {"", self._caseid}:
            return None
        return self._row["entities"].setdefault(subject, no_entity(heard.envelope.partnership))

    def _join(self, heard: Heard, contact: str) -> None:
        """Two facts of one step ask the same function: it is told once, of the obligation as well."""
        for one in self._row["open"]:
            is_same = one["asks"] and one["to"] == contact and one["order"][0] == heard.at_ms
            if is_same and one["entity"] == heard.envelope.subject and one["obligation_id"] is None:
                one["obligation_id"] = getattr(heard.said, "obligation_id", None)

    def _queue(self, one: Open, receiver: Receiver, at: Situation) -> list[Open]:
        heard, entity, terms = at.heard, at.entity, at.terms
        to = one["to"]
        contact = terms.contacts.get(to)
        if contact is None or not contact.takes_part(self._now_ms):
            if receiver.asks:
                self._give_up(one, FailReason.NO_CHANNEL)
            return []
        if any(found["id"] == one["id"] for found in self._row["open"]):
            return []  # the fact was read before
        if is_moot(one, entity, heard.said):
            self._suppress(one, SuppressReason.DISCHARGED)
            return []
        if one["content_ref"] is not None and entity is not None:
            entity["addressed"] = list(dict.fromkeys([*entity["addressed"], *hearers(one)]))
        if self._is_held(one, terms):
            self._row["open"].append(one)
            return []
        if self._bundled(one, receiver, at):
            return [one]
        self._row["open"].append(one)
        self._begin(one, terms)
        return [one]

    def _new(self, receiver: Receiver, at: Situation) -> Open:
        heard, entity = at.heard, at.entity
        to = self._directory.meant(receiver.contact, self._now_ms)
        name = hashlib.sha256(f"{heard.envelope.id}|{to}".encode()).hexdigest()[:32]
        taken = None if entity is None else entity["taken"]
        made: Open = {
            "id": f"n-{name}",
            "of": heard.name,
            "fact_id": heard.envelope.id,
            "place": heard.place,
            "entity": None if entity is None else heard.envelope.subject,
            "partnership": at.terms.partnership,
            "urgency": heard.envelope.urgency or (entity["urgency"] if entity else "") or NO_HURRY,
            "priority": heard.envelope.priority or (entity["priority"] if entity else "") or NO_HURRY,
            "to": to,
            "asks": receiver.asks,
            "obligation_id": reach.obligation_of(at),
            "phone": phone_for(to, entity, at.terms, self._now_ms),
            "taken_by": None if taken is None else taken["by"],
            "due_ms": reach.due_ms(at),
            "content_ref": getattr(heard.said, "content_ref", None)
            if is_written(heard.said) and not receiver.asks
            else None,
            "order": heard.order,
            "channel": "",
            "ways": [],
            "patience_ms": reach.patience_ms(at),
            "until_ms": 0,
            "attempt": 0,
            "sent": 0,
            "at_ms": None,
            "effect": None,
            "is_moot": False,
        }
        if staff := self._staff(to, at):
            made["staff"] = staff
        if isinstance(heard.said, FeedbackGiven) and made["content_ref"] is not None:
            made["text_for"] = heard.said.to
        if isinstance(heard.said, RungReached):
            # All that is told of one ladder has one name, and says which party it is about.
            made["about"] = heard.said.collaboration_id
            made["more"] = {"about": heard.envelope.subject.rpartition("/")[2]}
        return made

    def _is_held(self, one: Open, terms: Terms) -> bool:
        """Whether a silence of this moment holds it up (semantics 32), whenever that began. It is looked again when the
        silence is to end, and before that too: one may be lifted early, be made longer, or have no end yet."""
        silence = None if self._is_always(one, terms) else self._directory.silence(one["to"], self._now_ms)
        if silence is None:
            one.pop("is_held", None)
            return False
        until_ms = silence.window.until_ms
        soon_ms = self._now_ms + LOOK_AGAIN_MS
        one["at_ms"] = soon_ms if until_ms is None else min(until_ms, soon_ms)
        if not one.get("is_held"):
            one["is_held"] = True
            self._tell(_suppressed(one, SuppressReason(silence.reason), until_ms), one)
        return True

    def _bundled(self, one: Open, receiver: Receiver, at: Situation) -> bool:
        """Hands a routine notice over to the lane of its contact. What is owed is told at once, and alone."""
        if receiver.bundle is None or one["asks"] or one["obligation_id"] or one["content_ref"]:
            return False
        if one["priority"] != NO_HURRY or self._is_always(one, at.terms):
            return False
        contact = at.terms.contacts[one["to"]]
        found = reach.ways(contact, one["urgency"], self._now_ms, at.terms, self._directory)
        if not found or found[0].is_oral:
            return False
        until_ms = after(receiver.bundle, self._now_ms, at.terms.clock)
        one["channel"] = found[0].channel
        self._tell(self._queued(one, NoticeForm.WRITTEN, is_bundled=True), one)
        self._others.append(bundle.command(one, until_ms, self._caseid, self._alias_key, self._now_ms))
        return True

    # -- sending -------------------------------------------------------------------------------------

    def _begin(self, one: Open, terms: Terms) -> None:
        """Finds by which ways it goes now, and goes the first."""
        contact = terms.contacts.get(one["to"])
        found: Sequence[reach.Way] = ()
        if contact is not None:
            found = reach.ways(contact, one["urgency"], self._now_ms, terms, self._directory)
        if one["content_ref"] is not None:
            found = reach.written_first(tuple(found))
        if not found:
            self._give_up(one, FailReason.NO_CHANNEL)
            return
        one["ways"] = [by.channel for by in found[1:]]
        one["patience_ms"] //= len(found)
        self._take_way(one, found[0].channel, terms)

    def _take_way(self, one: Open, channel: str, terms: Terms) -> None:
        by = reach.way(channel, terms)
        one["channel"], one["attempt"] = channel, 0
        one["until_ms"] = self._now_ms + one["patience_ms"]
        if by is None or by.is_oral:
            self._hand_to_a_person(one, terms)
            return
        self._tell(self._queued(one, NoticeForm.WRITTEN), one)
        self._send(one, by, terms)

    def _send(self, one: Open, by: reach.Way, terms: Terms) -> None:
        one["attempt"] += 1
        one["sent"] += 1
        one["effect"] = effect_id = f"{one['id']}.{one['sent']}"
        said = {"notice_id": one["id"], "to": one["to"], "channel": one["channel"]}
        self._tell(NoticeAttempted(**said, attempt=one["attempt"]), one)
        payload = outgoing(one, by, self._caseid, terms, self._alias_key, self._now_ms)
        self._effects.append(Effect(effect_id, payload))

    def _go_on(self, one: Open) -> None:
        """What waited is sent now: again, or for the first time after a silence or in its bundle."""
        terms = self._terms(one)
        if self._is_held(one, terms):
            return
        by = reach.way(one["channel"], terms) if one["channel"] else None
        if by is None:
            self._begin(one, terms)
        elif one["attempt"] == 0 and "items" in one:
            self._take_way(one, one["channel"], terms)
        else:
            self._send(one, by, terms)

    def _fail(self, one: Open, came: Outcome) -> None:
        """Again by the same way while its time lasts, else by the next one, else not at all (semantics 33)."""
        if one["is_moot"]:
            self._suppress(one, SuppressReason.DISCHARGED)
            return
        wait_ms = max(reach.back_off_ms(one["attempt"]), came.retry_after_ms)
        if came.reason in RETRIED and self._now_ms + wait_ms <= one["until_ms"]:
            one["at_ms"] = self._now_ms + wait_ms
            self._tell(self._failed(one, came.reason, retry_at_ms=one["at_ms"]), one)
        elif one["ways"]:
            channel, *one["ways"] = one["ways"]
            self._tell(self._failed(one, came.reason, next_channel=channel), one)
            self._take_way(one, channel, self._terms(one))
        else:
            self._give_up(one, came.reason)

    def _give_up(self, one: Open, reason: FailReason) -> None:
        """No way of reaching them is left: said so for the ladder to move on, kept so that it can be sent again."""
        self._close(one)
        self._tell(self._failed(one, reason, is_permanent=True), one)
        self._row["failed"] = [found for found in self._row["failed"] if found["id"] != one["id"]]
        self._row["failed"].append(one)
        self._others.append(_dead_letter(one, self._now_ms))

    def _replay(self, notice_id: str) -> None:
        """Sends again what came to nothing, with the key it had; not what has been answered since."""
        one = next((found for found in self._row["failed"] if found["id"] == notice_id), None)
        if one is None:
            raise PassedOver("notice_not_failed")
        self._row["failed"].remove(one)
        entity = self._row["entities"].get(one["entity"] or "")
        if is_moot(one, entity, None):
            self._suppress(one, SuppressReason.DISCHARGED)
            return
        one["patience_ms"], one["attempt"] = reach.PATIENCE_ELSE_MS, 0
        if "items" not in one:
            one["channel"] = ""  # by whichever way it is reached now
        self._row["open"].append(one)
        self._go_on(one)

    def _stop(self, is_needless: object) -> None:
        """What was answered is not sent any more; what is under way ends as it ends."""
        if not callable(is_needless):
            return
        for one in list(self._row["open"]):
            if is_needless(one):
                one["is_moot"] = True
                if one["effect"] is None:
                    self._suppress(one, SuppressReason.DISCHARGED)
                else:
                    self._effects.append(take_back(one["effect"]))

    # -- telling -------------------------------------------------------------------------------------

    def _tell(self, fact: Said, one: Notice) -> None:
        self._telling.tell(fact, one, self._row["entities"].get(one["entity"] or ""))

    def _queued(
        self, one: Open, form: NoticeForm, is_bundled: bool = False, caller: str | None = None
    ) -> NoticeQueued:
        due_ms = one["due_ms"]
        return NoticeQueued(
            notice_id=one["id"],
            of=one["of"],
            entity=one["entity"],
            obligation_id=one["obligation_id"],
            to=one["to"],
            asks=one["asks"],
            channel=one["channel"],
            form=form,
            phone=one["phone"],
            caller=caller,
            staff=tuple(one.get("staff", ())),
            content_ref=one["content_ref"],
            due_at=None if due_ms is None else moment(due_ms),
            bundled=is_bundled,
        )

    def _failed(
        self,
        one: Open,
        reason: FailReason,
        *,
        is_permanent: bool = False,
        next_channel: str | None = None,
        retry_at_ms: int | None = None,
    ) -> NoticeFailed:
        return NoticeFailed(
            notice_id=one["id"],
            of=one["of"],
            entity=one["entity"],
            to=one["to"],
            channel=one["channel"] or None,
            attempt=one["attempt"],
            reason=reason,
            is_permanent=is_permanent,
            next_channel=next_channel,
            retry_at=None if retry_at_ms is None else moment(retry_at_ms),
        )

    def _suppress(self, one: Open, reason: SuppressReason) -> None:
        self._close(one)
        self._tell(_suppressed(one, reason), one)

    def _issue(self, told: Sequence[Open], at: Situation, entity: Entity) -> None:
        """Into the streams of parties: the fact itself, to whoever hears of the signal and has no notice of it."""
        heard = at.heard
        if is_before(entity["over"] or heard.order, heard.order):
            return
        reached = {party for one in told for party in hearers(one)}
        due_ms = reach.due_ms(at)
        for party in hearing(entity):
            if party in reached or not at.terms.takes_part(party, self._now_ms):
                continue
            urgency = heard.envelope.urgency or entity["urgency"] or NO_HURRY
            priority = heard.envelope.priority or entity["priority"] or NO_HURRY
            stamp = Stamp(
                party,
                heard.envelope.partnership,
                self._caseid,
                heard.envelope.subject,
                heard.envelope.id,
                urgency,
                priority,
            )
            taken = entity["taken"]
            fact = NoticeIssued(
                of=heard.name,
                urgency=urgency,
                due_at=None if due_ms is None else moment(due_ms),
                phone=phone_for(f"{party}/-", entity, at.terms, self._now_ms),
                taken_by=None if taken is None else taken["by"],
            )
            self._put(stamp, fact)

    def _hand_to_a_person(self, one: Open, terms: Terms) -> None:
        """A call is made by somebody at the coordination point; who is to be called finds it in the own stream too. It
        waits for that call, and takes the place of an earlier one that was not made."""
        point = terms.coordination_point.partition("/")[0]
        is_elsewhere = point != one["to"].partition("/")[0]
        self._tell(
            self._queued(one, NoticeForm.ORAL, caller=terms.coordination_point if is_elsewhere else None), one
        )
        if is_elsewhere:
            self._put(stamp_of(one, point, self._caseid), issued_of(one, NoticeForm.ORAL))
        self._close(one)
        if one["entity"] is not None:
            keep_calls(self._row, lambda call: not _is_same_call(call, one))
            self._row["calls"] = [*self._row.get("calls", ()), one][-CALLS_MAX:]

    def _called(self, heard: Heard, said: CallLogged) -> None:
        """Somebody was phoned about a signal: that was every call that was to be made to them about it. What was
        answered meanwhile, by this call perhaps, may have been read before it: a call waits until it is logged."""

        def is_it(one: Open) -> bool:
            is_theirs = said.to in {one["to"], self._directory.meant(one["to"], self._now_ms)}
            return one["entity"] == heard.envelope.subject and is_theirs

        entity = self._row["entities"].get(heard.envelope.subject)
        made = [one for one in self._row.get("calls", ()) if is_it(one)]
        keep_calls(self._row, lambda one: not is_it(one))
        for one in made:
            if said.outcome is not CallOutcome.NOT_REACHED:
                self._tell(NoticeDelivered(**_names(one)), one)
            elif is_moot(one, entity, None):
                self._suppress(one, SuppressReason.DISCHARGED)
            elif one["ways"]:
                channel, *one["ways"] = one["ways"]
                self._tell(self._failed(one, FailReason.UNREACHABLE, next_channel=channel), one)
                self._row["open"].append(one)
                self._take_way(one, channel, self._terms(one))
            else:
                self._give_up(one, FailReason.UNREACHABLE)

    def _put(self, stamp: Stamp, fact: NoticeIssued) -> None:
        self._others.append(issued.record(self._alias_key, stamp, fact, self._now_ms))

    # -- the row -------------------------------------------------------------------------------------

    def _terms(self, one: Open) -> Terms:
        found = self._book.in_force(one["partnership"], self._now_ms)
        if found is None:
            raise UnknownPartnership(one["partnership"])
        return found

    def _is_always(self, one: Open, terms: Terms) -> bool:
        return terms.level(one["urgency"]).is_always or one["priority"] == "stat"

    def _close(self, one: Open) -> None:
        self._row["open"] = [found for found in self._row["open"] if found["id"] != one["id"]]

    def _done(self) -> Step:
        forget(self._row, self._now_ms)
        row = write_row(self._row)
        # What is numbered comes first.
        emits = [*self._telling.emits, *self._others]
        return Step(row, emits, None if row is None else wake_of(self._row, RANKS), self._effects)


def _names(one: Notice) -> dict[str, str]:
    """How every receipt names the notice it is of."""
    return {"notice_id": one["id"], "of": one["of"], "to": one["to"], "channel": one["channel"]}


def _is_same_call(one: Open, other: Open) -> bool:
    """Whether both are that this function is to be called about this, and answers or is only told."""
    return (one["to"], one["entity"], one["asks"], one["obligation_id"]) == (
        other["to"],
        other["entity"],
        other["asks"],
        other["obligation_id"],
    )


def _suppressed(one: Open, reason: SuppressReason, until_ms: int | None = None) -> NoticeSuppressed:
    return NoticeSuppressed(
        notice_id=one["id"],
        of=one["of"],
        entity=one["entity"],
        to=one["to"],
        reason=reason,
        until=None if until_ms is None else moment(until_ms),
    )


def _is_opened(one: Notice, said: ContentRead) -> bool:
    """Whether a notice led its receiver to this text: to that of the signal it asks for, or to the one it brings. Who
    staffs another's function says which one reads."""
    is_theirs = (
        one["to"] == said.contact if said.contact is not None else one["to"].startswith(f"{said.party}/")
    )
    return (
        one["entity"] == said.entity and is_theirs and (one["asks"] or one["content_ref"] == said.content_ref)
    )


def _dead_letter(one: Open, now_ms: int) -> Emit:
    """A notice that reached nobody, by the place of its fact and its own key: never what it says, never to whom."""
    topic, partition, offset = one["place"]
    letter = {
        "v": 1,
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "reason": "notice_failed",
        "notice_id": one["id"],
        "at_ms": now_ms,
        "by": "notices",
    }
    key = hashlib.sha256(one["id"].encode()).hexdigest()[:32].encode()
    return Emit(
        f"{topic}.dead", key, orjson.dumps(letter), [("content-type", b"application/json")], numbered=False
    )
