"""`seinhuis case`: what happened to a case, what is still owed in it, and who is asked next."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, NamedTuple, get_args
from zoneinfo import ZoneInfo

import orjson
import typer

from schemas.base import Id, Said
from schemas.coordination import CoordinationRefused
from schemas.deadlines import ObligationBreached
from schemas.signals import CommandRefused
from services.agreements.local_moments import iso_moment
from services.agreements.moments import moment
from services.agreements.staff import staff_of
from services.agreements.terms import Terms
from services.cli.asked import KAFKA, FormatOption, KafkaOption, PartyOption, clock, run, security
from services.cli.books import asked_zone, read_books, zone_of
from services.cli.errors import CliError, UsedWrongly
from services.cli.facts import kept_facts
from services.cli.forecast import Books, Next, next_asking
from services.cli.lines import Wall, client_told, sentence, words
from services.cli.owed import Owed
from services.cli.owed_lines import ladder_line, owed_data, owed_line
from services.cli.page import show, terminal_width, wrapped
from services.cli.timeline import SignalNow, Timeline, lines, timeline
from services.signals import lifecycle
from services.signals.seeing import Seen, visible_signals
from topics.catalogue import COORDINATION_EVENTS, DEADLINES_EVENTS, FACTS_KEPT_DAYS, SIGNALS_EVENTS

TOPICS = (SIGNALS_EVENTS.name, COORDINATION_EVENTS.name, DEADLINES_EVENTS.name)
_CASEID = re.compile(str(get_args(Id)[1].pattern))
_STATES = {
    lifecycle.REPORTED: "nobody has taken it yet",
    lifecycle.ROUTED: "nobody has taken it yet",
    lifecycle.ACKNOWLEDGED: "taken, and not understood yet",
    lifecycle.INTERPRETED: "understood, and nothing is decided yet",
    lifecycle.LEFT_AS_IT_IS: "left as it is, for a reason",
    lifecycle.ACTED_ON: "acted on, and whether it helped is not known yet",
    lifecycle.EFFECT_CHECKED: "acted on, and the effect is checked",
    lifecycle.CLOSED: "closed",
    lifecycle.WITHDRAWN: "taken back by its reporter",
}
#: What stands before the time of what went wrong, for who looks for it in a long story.
_MARKS: Mapping[type[Said], str] = {ObligationBreached: "!", CommandRefused: "x", CoordinationRefused: "x"}
_NOTHING = "nothing came of what was asked about it"
_ENDED = {lifecycle.CLOSED, lifecycle.WITHDRAWN}


class Told(NamedTuple):
    """A case with all it takes to tell it: by which clock, and by which agreements and directory."""

    case: Timeline
    zone: ZoneInfo
    books: Books

    def next_of(self, owed: Owed) -> Next | None:
        """Who is asked next for what is owed."""
        expertise = next((one.expertise for one in self.case.signals if one.id == owed.entity), ())
        return next_asking(owed, expertise, self.books)

    def numbers(self) -> dict[str, str]:
        """What stands before a line to say which signal it is about: nothing where there is but one."""
        entities = dict.fromkeys(entry.envelope.subject for entry in self.case.entries)
        entities.pop(self.case.caseid, None)
        return {
            entity: f"[{n}] " if entities.keys() != {entity} else "" for n, entity in enumerate(entities, 1)
        }

    def seen_by(self, party: str) -> Told | None:
        """What a party of the case is told of it; None for one outside its circle, who learns not even that there is a
        case. What was taken back is seen with nothing else, whatever was recorded of it."""
        case = self.case
        terms = self.books.agreements.in_force(case.partnership, case.at_ms)
        if terms is None:
            return None
        signals = (Seen(one.id, one.types, frozenset(self._parties(one, terms))) for one in case.signals)
        grounds = [one.id for one in case.signals if one.grounds and one.state != lifecycle.WITHDRAWN]
        seen = visible_signals(signals, party, case.at_ms, terms, grounds)
        visible = [entity for entity, found in seen.items() if found.is_allowed]
        return self._replace(case=case.part_of(visible)) if visible else None

    def _parties(self, signal: SignalNow, terms: Terms) -> Iterator[str]:
        """Whose functions were asked for a signal, and who staffed them then."""
        for contact, asked_ms in signal.asked_ms.items():
            yield from staff_of(contact, asked_ms, terms, self.books.directory)

    @property
    def wall(self) -> Wall:
        """The clock on the wall, at the moment of the asking."""
        return Wall(self.zone, moment(self.case.at_ms).astimezone(self.zone))


def case(
    caseid: Annotated[str, typer.Argument(metavar="CASEID", help="As every fact of the case carries it.")],
    zone: Annotated[
        str | None,
        typer.Option(
            "--zone", help="The clock the times are shown by. [the partnership's]", show_default=False
        ),
    ] = None,
    party: PartyOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Tell what happened to a case: who was asked, when and by which rule, what was due, done or missed, who took it.

    Also which levels of a ladder were passed over, which commands were refused and why, and who answers for the case;
    then what is owed now, and who is asked next and when. `!` stands before what was missed, `x` before what was
    refused. It reads what the topics keep: the last hundred days.

    For operators: whoever may read the topics may see it. It shows functions, codes and references, no content and no
    person. With `--as` it is what a party may be shown: the signals it was asked for, and others only inside the circle
    and on a ground; to who is outside the circle there is no case.

    Exit codes: 0 found, 1 nothing is known of this case, 2 used wrongly, 3 no broker answers.

    Examples:

        seinhuis case c-7f3a91b2

        seinhuis case c-7f3a91b2 --as linde

        seinhuis case c-7f3a91b2 --format json
    """
    if not _CASEID.fullmatch(caseid):
        raise UsedWrongly(f"{caseid!r} is no case; a CASEID is 8 to 64 letters, digits, - and _")
    asked = None if zone is None else asked_zone(zone)
    told: Told | None = run(_read(caseid, asked, kafka))
    if told is not None and party is not None:
        told = told.seen_by(party)
    if told is None:
        raise _nothing_known(caseid, kafka)
    if output == "json":
        show([orjson.dumps(_data(told)).decode()])
    else:
        show(told_lines(told, terminal_width()))


def _nothing_known(caseid: str, kafka: str) -> CliError:
    """The same words where there is nothing and where there is nothing for who asks."""
    return CliError(
        f"nothing is known of {caseid} at {kafka}; facts are kept for {FACTS_KEPT_DAYS} days, and a command of "
        "which there is no fact yet is not told here"
    )


async def _read(caseid: str, asked: ZoneInfo | None, kafka: str) -> Told | None:
    unread: Counter[str] = Counter()
    reading = kept_facts(kafka, TOPICS, unread, security=security(), key=caseid.encode())
    facts = [(envelope, said) async for envelope, said, _ in reading]
    for reason, count in sorted(unread.items()):
        print(f"{count} records of this case were passed over: {reason}", file=sys.stderr)
    found = timeline(facts, clock().now_ms())
    if found is None:
        return None
    books = await read_books(kafka, {found.partnership, *(one.partnership for one in found.owed)}, security())
    return Told(found, zone_of(found.partnership, books, asked), books)


def told_lines(told: Told, width: int | None) -> Iterator[str]:
    """The whole case for people, in lines of this width."""
    case, wall = told.case, told.wall
    at = f"{wall.at:%a %d %b %Y %H:%M %Z}"
    yield wrapped("", f"{case.caseid} of {case.partnership}, as it stands on {at}", width)
    yield ""
    for line in _case_lines(told):
        yield wrapped("  ", line, width)
    numbers = told.numbers()
    signals = {one.id: one for one in case.signals}
    for entity, number in numbers.items():
        text = _signal_line(signals[entity], told) if entity in signals else _NOTHING
        yield wrapped(f"  {number}{entity}  ", text, width)
    yield ""
    yield from _happened(told, width)
    yield ""
    yield "Owed now" if case.owed else "Nothing is owed now"
    for owed in case.owed:
        before = f"  {numbers.get(owed.entity, '')}"
        yield wrapped(before, owed_line(owed, wall, case.at_ms), width)
        yield wrapped(" " * (len(before) + 2), ladder_line(owed, told.next_of(owed), wall, case.at_ms), width)


def _happened(told: Told, width: int | None) -> Iterator[str]:
    """A line a fact, under the day on which it was told; the time stands before the first of a moment."""
    numbers = told.numbers()
    for day, of_day in groupby(lines(told.case.entries), lambda line: _at(line.entry.at_ms, told).date()):
        yield f"{day:%a %d %b %Y}"
        before = ""
        for entry, again, last_ms in of_day:
            at = _at(entry.at_ms, told)
            time = f"{at:%H:%M:%S}"
            text = sentence(entry.fact, Wall(told.zone, at)) or entry.envelope.type
            if again:
                text += f"; and so on, {again} more until {Wall(told.zone, at)(moment(last_ms))}"
            number = numbers.get(entry.envelope.subject, "")
            mark = _MARKS.get(type(entry.fact), " ")
            yield wrapped(f"{mark} {time if time != before else '':8}  {number}", text, width)
            before = time


def _case_lines(told: Told) -> Iterator[str]:
    """Who answers for the case, who has which slot, and what it holds of the client."""
    now, who = told.case.now, _responsible(told)
    if now.responsible_ms is not None:
        yield f"{who} answers for the case since {told.wall(moment(now.responsible_ms))}"
    elif who is not None:
        yield f"{who} answers for the case, for nobody has taken it yet"
    for role, contact in now.roles:
        yield f"{words(role)}: {contact}"
    if now.practice is not None:
        yield f"GP practice: {now.practice}"
    if now.target_group is not None:
        yield f"target group: {words(now.target_group)}"


def _signal_line(signal: SignalNow, told: Told) -> str:
    text = f"{signal.urgency}; {_STATES[signal.state]}"
    if signal.state in _ENDED:
        return text
    if signal.taken_by is not None:
        since = "" if signal.taken_ms is None else f" since {told.wall(moment(signal.taken_ms))}"
        text += f"; {signal.taken_by} has it{since}"
    elif signal.asked:
        text += f"; of {len(signal.asked)} asked the last is {signal.asked[-1]}"
    return text + client_told(signal.client_informed)


def _responsible(told: Told) -> str | None:
    terms = told.books.agreements.in_force(told.case.partnership, told.case.at_ms)
    return told.case.now.responsible or (None if terms is None else terms.coordination_point)


def _at(at_ms: int, told: Told) -> datetime:
    return moment(at_ms).astimezone(told.zone)


def _data(told: Told) -> dict[str, Any]:
    case, zone = told.case, told.zone
    return {
        "case": case.caseid,
        "partnership": case.partnership,
        "zone": zone.key,
        "at": iso_moment(case.at_ms, zone),
        "responsible": _responsible(told),
        "roles": dict(case.now.roles),
        "practice": case.now.practice,
        "target_group": case.now.target_group,
        "signals": [
            {
                "signal": one.id,
                "state": one.state,
                "urgency": one.urgency,
                "client_informed": one.client_informed,
                "split_from": one.split_from,
                "grounds": [
                    {"ground": ground, "purpose": purpose} for ground, purpose in sorted(one.grounds)
                ],
                "asked": list(one.asked),
                "taken_by": one.taken_by,
                "taken_at": None if one.taken_ms is None else iso_moment(one.taken_ms, zone),
            }
            for one in case.signals
        ],
        "facts": [
            {
                "at": iso_moment(entry.at_ms, zone),
                "fact": type(entry.fact).__name__,
                "id": entry.envelope.id,
                "because_of": entry.envelope.causationid,
                "entity": entry.envelope.subject,
                "says": sentence(entry.fact, Wall(zone, _at(entry.at_ms, told))),
                "data": entry.fact.model_dump(mode="json"),
            }
            for entry in case.entries
        ],
        "owed": [owed_data(one, told.next_of(one), zone, case.at_ms) for one in case.owed],
    }
