"""Plays a story: what comes in stands in its file, and every fact that follows is told below it.

    # a remark                                     is kept as it is
    with OLD => NEW                                before anything: the agreement with other words in one place
    > 2026-11-30 11:20 ReportSignal a urgency=…    a command about signal `a`; a moment by the clock on the wall
    > 2026-11-30 17:00 absent linde/linde-nurse until=2026-12-07T08:00        a fact of the directory
    > 2026-11-30 17:00 successor linde/linde-nurse by=linde/linde-duty         likewise
    < 2026-11-30 14:06 NoticeDelivered a to=praktijk-lok/lok-desk text_for=gp  what the bell tells of a notice
    ~ 2026-12-01 08:00                             time passes
    ! 2026-11-28 22:17                             the worker is down until then, and starts again
    ? owed                                         what is owed now; `? case`: who answers for it and has which role
    ? sees kolk                                    which signals a party sees; outside the circle there is no case
    never FeedbackGiven to=reporter form=written   no such fact was told so far

What the second ladder makes of missed items follows by itself; it is answered by the name of its party:

    > 2026-12-02 09:00 AnswerCollaboration linde by=linde/linde-manager outcome=improvement_agreed

A command comes from the same system as all others unless `from=` says otherwise. Lists are written with commas. What
is split off from `a` is called `a.1`, an action `action:1` in the order they were recorded. A reference to content need
not be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from schemas.base import Said
from schemas.collaboration import ItemMissed, ItemWithdrawn
from schemas.notices import NoticeFailed
from schemas.registry import TYPES
from services.agreements import directory_changes as changes
from services.agreements.directory_changes import nothing_told
from services.agreements.moments import moment
from services.cli.lines import Wall, sentence
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import CASE, Fact, World, ms, wall
from tests.cli.told import told_of
from tests.collaboration.world import World as PartnersWorld

ZONE = ZoneInfo("Europe/Amsterdam")
SAID = "    "
REF = "vault:abcdefgh"
COMMANDS = {model.__name__: model for model in TYPES.values() if model.kind == "command"}
FACTS = {model.__name__: model for model in TYPES.values() if model.kind == "fact"}
_ITEMS: dict[str, type[ItemMissed | ItemWithdrawn]] = {
    f".{kind.__name__}.": kind for kind in (ItemMissed, ItemWithdrawn)
}


class Broken(AssertionError):
    """A promise of the story that was not kept, or a line that nobody can read."""


class Play:
    """One story on its way: the world, and the names that the file has for what is in it."""

    def __init__(self) -> None:
        self._world: World | None = None
        self._swaps: list[tuple[str, str]] = []
        self._ids: dict[str, str] = {}
        self._actions: list[str] = []
        self._heard = self._items = self._words = self._partners_heard = 0
        self._partners: PartnersWorld | None = None

    def lines(self, text: str) -> Iterator[str]:
        """The story as it is told now."""
        for line in text.splitlines():
            if line.startswith(SAID):
                continue
            mark, _, rest = line.partition(" ")
            if mark in {">", "<"}:
                # What is due before it is told before it.
                self._at(rest).run_until("T".join(rest.split()[:2]))
                yield from self._told()
            yield line
            self._play(mark, rest)
            if mark == "?":
                yield from self._asked(rest)
            yield from self._told()

    def _play(self, mark: str, rest: str) -> None:
        match mark:
            case "" | "#" | "?":
                return
            case "with":
                old, _, new = rest.partition(" => ")
                self._swaps.append((old, new))
            case ">":
                self._take(rest)
            case "<":
                self._word(rest)
            case "~":
                self._at(rest).run_until(rest.replace(" ", "T"))
            case "!":
                self._at(rest).sleep_until(rest.replace(" ", "T"))
                self._at(rest).run_until(rest.replace(" ", "T"))
            case "never":
                self._never(*rest.split())
            case _:
                raise Broken(f"nobody can read {mark!r}")

    # -- what comes in -----------------------------------------------------------------------------

    def _at(self, rest: str) -> World:
        """The world, which begins with the first moment of the story."""
        if self._world is None:
            agreement, template = (file.read_text(encoding="utf-8") for file in (VLIER, TEMPLATE))
            for old, new in self._swaps:
                if old not in agreement + template:
                    raise Broken(f"the agreement does not say {old!r}")
                agreement, template = agreement.replace(old, new), template.replace(old, new)
            at = "T".join(rest.split()[:2])
            self._world = World(at=at)
            self._world.publish(agreement, template)
            self._partners = PartnersWorld(at=at, book=self._world.book)
        return self._world

    def _take(self, rest: str) -> None:
        world = self._at(rest)
        day, time, name, about, *said = rest.split()
        at = f"{day}T{time}"
        fields = dict(one.split("=", 1) for one in said)
        if name == "absent":
            until_ms = ms(fields["until"]) if "until" in fields else None
            world.describe(changes.absent(nothing_told(about), ms(at), until_ms, "leave", ms(at)), at)
            return
        if name == "successor":
            world.describe(changes.succeeded(nothing_told(about), fields["by"], None, ms(at)), at)
            return
        if name == "AnswerCollaboration":
            self._answer(about, fields)
            return
        model = COMMANDS[name]
        source = fields.pop("from", "")
        data = {field: self._value(model, field, text) for field, text in fields.items()}
        if "findings_ref" in model.model_fields:
            data.setdefault("findings_ref", REF)
        if "chars" in data:
            data.setdefault("content_ref", REF)
        if source:
            data["source"] = f"urn:nld:oin:00000001234567890000:systeem:{source}"
        world.ask(model, at, signal=self._ids.setdefault(about, self._id(about)), **data)

    def _word(self, rest: str) -> None:
        """What the bell tells of the text it brought, unless the line says of which other fact."""
        day, time, name, about, *said = rest.split()
        model, self._words = FACTS[name], self._words + 1
        told = dict(one.split("=", 1) for one in said)
        data: dict[str, Any] = {
            "notice_id": "n-12345678",
            "of": "FeedbackGiven",
            "channel": "webhook",
            **told,
        }
        if model is NoticeFailed:
            data |= {"attempt": 1, "is_permanent": told.get("is_permanent") == "true"}
        world = self._at(rest)
        world.word(model, self._words, signal=self._ids[about], **data)
        world.run_until(f"{day}T{time}")

    def _answer(self, party: str, fields: dict[str, str]) -> None:
        assert self._world is not None and self._partners is not None
        self._partners.run_until(self._world.clock_ms)
        self._partners.answer(fields["by"], party, outcome=fields["outcome"])

    def _id(self, name: str) -> str:
        return CASE if name == "case" else f"sig-{name * 12}"[:16]

    def _value(self, model: type[BaseModel], field: str, text: str) -> Any:
        found: Any
        match field:
            case "by":
                found = {"contact": text}
            case "reporter":
                kind, _, party = text.partition("/")
                found = {"kind": kind, **({"party": party} if party else {})}
            case "parts":
                found = [self._part(one) for one in text.split(";")]
            case "action_id":
                found = self._actions[int(text.partition(":")[2]) - 1]
            case "due_at" | "until":
                found = moment(ms(text)).isoformat()
            case "chars":
                found = int(text)
            case _ if "tuple[" in str(model.model_fields[field].annotation):
                found = text.split(",") if text else []
            case _:
                found = {"true": True, "false": False}.get(text, text)
        return found

    def _part(self, text: str) -> dict[str, Any]:
        """`social:loneliness:routine`: its types, its concern, its urgency."""
        types, concern, urgency = text.split(":")
        return {
            "types": types.split(","),
            "concern": concern.split(",") if concern else [],
            "urgency": urgency,
        }

    # -- what is told ------------------------------------------------------------------------------

    def _told(self) -> Iterator[str]:
        if self._world is None:
            return
        for fact in self._world.facts[self._heard :]:
            self._name(fact)
            said: Said = FACTS[fact.name].model_validate(fact.data)
            at = moment(fact.at_ms).astimezone(ZONE)
            names = {held: name for name, held in self._ids.items()}
            about = names.get(fact.envelope.subject, "case")
            told = f"{SAID}{wall(fact.at_ms):<13}{about:<5}{sentence(said, Wall(ZONE, at))}"
            yield told.rstrip()
        self._heard = len(self._world.facts)
        yield from self._told_of_parties(self._world, self._partners)

    def _told_of_parties(self, world: World, partners: PartnersWorld | None) -> Iterator[str]:
        """What the second ladder hears, and what it makes of it: nothing in it leads to a case."""
        assert partners is not None
        for emit, at_ms in list(zip(world.missed, world.missed_ms, strict=True))[self._items :]:
            partners.run_until(at_ms)
            partners.hear([emit])
            assert not any(held.encode() in emit.value + emit.key for held in (CASE, *self._ids.values()))
            kind = dict(emit.headers)["ce_type"].decode()
            for name, item in _ITEMS.items():
                if name in kind:
                    found = item.model_validate_json(emit.value)
                    party = emit.key.decode()
                    yield f"{SAID}{'':13}{'':5}=> {party}, without the case: {item.__name__} {found.item}"
        self._items = len(world.missed)
        partners.run_until(world.clock_ms)
        for fact in partners.facts[self._partners_heard :]:
            said = FACTS[fact.name].model_validate(fact.data)
            assert not any(held in str(fact.data) for held in (CASE, *self._ids.values()))
            of = fact.party.partition("/")[2]
            told = sentence(said, Wall(ZONE, moment(fact.at_ms).astimezone(ZONE)))
            yield f"{SAID}{wall(fact.at_ms):<13}{of}: {told}"
        self._partners_heard = len(partners.facts)

    def _name(self, fact: Fact) -> None:
        """What is born and recorded gets a name in the order in which it is told."""
        if fact.name == "SignalSplit":
            parent = next(name for name, held in self._ids.items() if held == fact.envelope.subject)
            for n, born in enumerate(fact.data["into"], 1):
                self._ids[f"{parent}.{n}"] = born
        if fact.name == "ActionRecorded" and fact.data["action_id"]:
            self._actions.append(fact.data["action_id"])

    def _asked(self, what: str) -> Iterator[str]:
        assert self._world is not None
        case = self._world.case()
        if what == "case":
            yield f"{SAID}{case['responsible']} answers for the case"
            for role, contact in case["roles"].items():
                yield f"{SAID}{role} {contact}"
            return
        names = {held: name for name, held in self._ids.items()}
        if what.startswith("sees "):
            party = what.removeprefix("sees ")
            told = told_of(self._world).seen_by(party)
            seen = "no case" if told is None else ", ".join(names[one.id] for one in told.case.signals)
            yield f"{SAID}{party} sees {seen}"
            return
        owed = sorted(case["obligations"], key=lambda one: one["due_ms"])
        for one in owed:
            late = "" if one["breached_ms"] is None else ", late"
            asked = f", asked {one['asked'][-1]}" if one["level"] else ""
            yield (
                f"{SAID}{names[one['entity']]}: {one['owed_by']} owes {one['name']} by "
                f"{moment(one['due_ms']).astimezone(ZONE):%a %d %b %H:%M}{late}{asked}"
            )
        if not owed:
            yield f"{SAID}nothing"

    # -- what must not be --------------------------------------------------------------------------

    def _never(self, name: str, *said: str) -> None:
        if name not in FACTS:
            raise Broken(f"no fact is called {name}")
        wanted = dict(one.split("=", 1) for one in said)
        for path in wanted:
            if not _exists(FACTS[name], path.split(".")):
                raise Broken(f"{name} has no field {path}")
        of_cases = () if self._world is None else self._world.facts
        of_parties = () if self._partners is None else self._partners.facts
        for fact in (*of_cases, *of_parties):
            if fact.name == name and all(_holds(fact.data, path, text) for path, text in wanted.items()):
                raise Broken(f"{wall(fact.at_ms)} {name} {fact.data} was told, and never should")


def _exists(model: type[BaseModel], path: list[str]) -> bool:
    """Whether facts of this kind have such a field: a promise about one that is misspelt would be kept by all."""
    field = model.model_fields.get(path[0])
    if field is None:
        return False
    inner = [
        one
        for one in (field.annotation, *get_args(field.annotation))
        if isinstance(one, type) and issubclass(one, BaseModel)
    ]
    return not path[1:] or any(_exists(one, path[1:]) for one in inner)


def _holds(data: Any, path: str, text: str) -> bool:
    """Whether what stands at a path is this, or one of several."""
    for part in path.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    found = data if isinstance(data, list) else [data]
    return any(str(one).lower() == text.lower() for one in found)


def told(file: Path) -> str:
    """A story's file as it would be written now."""
    return "".join(f"{line}\n" for line in Play().lines(file.read_text(encoding="utf-8")))
