"""Any agreement that can be decided with, and what is decided with it: signals, cases, moments, directories.

Agreements are drawn as the text has them and read by the model, so that whatever a file may say is drawn here too:
rules within rules, `continue`, every word for a receiver or a rung, parties that join and leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from hypothesis import strategies as st

from schemas.signals import About, Concern, Reporter, ReporterKind, SignalType
from services.agreements.directory import Directory, Reach, Successor, Window
from services.agreements.model import Agreement
from services.agreements.model.words import RECEIVER_WORDS, RUNG_WORDS
from services.agreements.moments import milliseconds
from services.agreements.routable import CaseView
from services.agreements.terms import Terms, terms

DAY_MS = 86_400_000
FIRST_MS = milliseconds(datetime.fromisoformat("2026-10-01T00:00+02:00"))
LAST_MS = milliseconds(datetime.fromisoformat("2027-04-15T00:00+02:00"))
#: The days on which parties join and leave, with both clock changes among them.
DAYS = [date(2026, 10, 1) + timedelta(days=days) for days in (0, 24, 25, 60, 92, 177, 178)]

LEVELS = ("acute", "urgent", "routine")
CALENDARS = ("office", "evening", "weekend")
EXPERTISE = ("nursing", "psychiatry", "wounds")
KINDS = ("home_care", "gp", "police")
TYPES = [one.value for one in SignalType if one is not SignalType.UNKNOWN]
CONCERNS = [one.value for one in Concern if one is not Concern.UNKNOWN]
POSTCODES = ("9901", "9902", "9903", "9911")
PRACTICES = ("practice-a", "practice-b")
GROUPS = ("frail-elderly", "after-hospital")
LADDERS = ("standard", "short")
#: Rules, by how deep: mostly some, so that there is a tree to walk.
HOW_MANY = ((3, 2, 4, 5, 1, 0), (0, 1, 2), (0, 1), (0,))
SIGHTS = ("thin", "content", "findings", "care_plan", "identity")
#: In minutes, so that they may stand at any level.
WAITS = {level: "PT15M" for level in LEVELS}
WEEKS: tuple[dict[str, str], ...] = (
    {"mon-fri": "08:30-17:00"},
    {"mon-sun": "18:00-23:00"},
    {"fri": "22:00-07:00", "sat-sun": "08:00-20:00"},
    {"mon-sun": "00:00-24:00"},
)


A_PROFESSIONAL = Reporter(kind=ReporterKind.PROFESSIONAL)


@dataclass(frozen=True)
class ASignal:
    """A signal as a line of a file of test cases would have it."""

    urgency: str = "urgent"
    types: tuple[str, ...] = ()
    concern: tuple[str, ...] = ()
    about: str = "client"
    postcode: str | None = "9901"
    reporter: Reporter = A_PROFESSIONAL


def some(words: Sequence[str], most: int = 2) -> st.SearchStrategy[list[str]]:
    """A few of these words, or none."""
    return st.lists(st.sampled_from(words), max_size=most, unique=True)


moments = st.one_of(
    st.integers(FIRST_MS, LAST_MS),
    # About midnight of a day on which something changes, the hours of a clock change among them.
    st.builds(
        lambda day, shift_ms: milliseconds(datetime.fromisoformat(f"{day}T00:00+01:00")) + shift_ms,
        st.sampled_from(DAYS),
        st.integers(-2 * 3_600_000, 4 * 3_600_000),
    ),
)
signals = st.builds(
    ASignal,
    urgency=st.sampled_from((*LEVELS, *LEVELS, *LEVELS, "no-such-level")),
    types=some([*TYPES, "unknown"], 3).map(tuple),
    concern=some([*CONCERNS, "unknown"], 3).map(tuple),
    about=st.sampled_from(list(About)),
    postcode=st.sampled_from((None, *POSTCODES, "1000")),
    reporter=st.builds(
        Reporter, kind=st.sampled_from(list(ReporterKind)), party=st.sampled_from((None, "p0", "p1", "gone"))
    ),
)


@st.composite
def cases(draw: st.DrawFn, agreement: Terms) -> CaseView:
    """A case with contacts of this agreement, contacts that are gone, or none."""
    contacts = st.sampled_from((None, "p0/gone", "gone/gone", *agreement.contacts))
    return CaseView(
        contact=draw(contacts),
        coordinator=draw(contacts),
        practice=draw(st.sampled_from((None, *PRACTICES, "practice-gone"))),
        target_group=draw(st.sampled_from((None, *GROUPS, "group-gone"))),
    )


@st.composite
def directories(draw: st.DrawFn, agreement: Terms) -> Directory:
    """Absences, rotas and reach of some of its contacts, and of one that is gone."""
    until = st.none() | st.integers(FIRST_MS, LAST_MS)
    windows = st.builds(Window, from_ms=st.integers(FIRST_MS - DAY_MS, LAST_MS), until_ms=until)
    refs = st.sampled_from(("gone/gone", *agreement.contacts))
    several = st.lists(windows, max_size=2).map(tuple)
    reach = st.builds(Reach, window=windows, channels=st.sampled_from(((), ("phone",), ("email", "phone"))))
    successors = st.builds(Successor, from_ms=st.integers(FIRST_MS, LAST_MS), by=refs)
    return Directory(
        absences=draw(st.dictionaries(refs, several, max_size=3)),
        rotas=draw(st.dictionaries(refs, several, max_size=3)),
        reach=draw(st.dictionaries(refs, st.lists(reach, max_size=2).map(tuple), max_size=3)),
        successors=draw(st.dictionaries(refs, successors, max_size=3)),
    )


@st.composite
def agreements(draw: st.DrawFn) -> Terms:
    """Any agreement that can be decided with."""
    return terms(Agreement.model_validate_json(orjson.dumps(draw(texts()))))


@st.composite
def texts(draw: st.DrawFn) -> dict[str, Any]:
    """The whole file of an agreement, as keys and values."""
    ids = [
        [f"c{party}{n}" for n in range(draw(st.integers(1, 2)))] for party in range(draw(st.integers(1, 3)))
    ]
    names = [name for contacts in ids for name in contacts]
    anybody = st.sampled_from(names)
    access = draw(st.none() | _access)
    return {
        "meta": {
            "partnership": "drawn",
            "title": "Drawn",
            "version": 1,
            "valid_from": "2026-01-01",
            "review": {"per_year": 2},
        },
        "area": {"postcodes": POSTCODES[:3]},
        "timezone": "Europe/Amsterdam",
        "channels": {
            name: {"form": "oral" if name == "phone" else "written", "carries_client_data": False}
            for name in ("phone", "email")
        },
        "calendars": {
            name: {
                "week": draw(st.sampled_from(WEEKS)),
                "holidays": [{"date": "2026-12-25", "name": "Kerst", "source": "agreed"}],
            }
            for name in CALENDARS
        },
        "urgency": {
            "levels": {
                "acute": {"fhir": "stat", "always": True},
                "urgent": {"fhir": "urgent"},
                "routine": {"fhir": "routine", **draw(_maybe(calendar=st.just("office")))},
            }
        },
        "parties": [_party(draw, n, contacts, anybody) for n, contacts in enumerate(ids)],
        "signals": {
            "entry": names[0],
            "acute_expertise": draw(
                st.dictionaries(st.sampled_from(TYPES), some(EXPERTISE), max_size=2)
            ),
        },
        "neighbours": [
            {"partnership": f"n{n}", "postcodes": ["9911"], "entry": draw(anybody)}
            for n in range(draw(st.integers(0, 2)))
        ],
        "intake": [
            {
                "target_group": draw(some(GROUPS)),
                "types": draw(some(TYPES)),
                "postcodes": draw(some(POSTCODES)),
                "by": draw(anybody),
            }
            for _ in range(draw(st.integers(0, 2)))
        ],
        "paths": {
            group: {
                "title": group,
                "parties": ["p0"],
                **draw(_maybe(contact=anybody, ladder=st.sampled_from(LADDERS))),
            }
            for group in draw(some(GROUPS))
        },
        "routing": {
            "receiver": draw(anybody),
            "ladder": draw(st.sampled_from(LADDERS)),
            "routes": _rules(draw, anybody, depth=0, above="r"),
        },
        "obligations": [
            {
                "name": "acknowledge_signal",
                "opened_by": "SignalRouted",
                "discharged_by": ["SignalAcknowledged"],
                "owed_by": "event.contact",
                "within": WAITS,
                "ladder": "event.ladder",
            }
        ],
        "escalation": {"operational": {name: _ladder(draw, anybody) for name in LADDERS}},
        **({} if access is None else {"information": {"access": access}}),
    }  # fmt: skip


def _maybe(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these keys, or none."""
    return st.fixed_dictionaries({}, optional=keys)


_access = st.fixed_dictionaries(
    {},
    optional={
        "core": some(SIGHTS),
        "shell": some(SIGHTS),
        "kinds": st.dictionaries(st.sampled_from(KINDS), some(SIGHTS), max_size=2),
    },
)
_matches = _maybe(
    urgency=some(LEVELS),
    types=some(TYPES, 3),
    every_type=some(TYPES),
    concern=some(CONCERNS, 3),
    every_concern=some(CONCERNS),
    about=some(["client", "informal_carer", "household"]),
    reporter=some(["professional", "neighbour", "client"]),
    reporting_kind=some(KINDS),
    postcode=some(POSTCODES),
    area=st.sampled_from(["inside", "outside"]),
    case=st.sampled_from(["has_contact", "has_coordinator"]),
    practice=some(PRACTICES),
    target_group=some(GROUPS),
    hours=_maybe(inside=st.sampled_from(CALENDARS), outside=st.sampled_from(CALENDARS)),
)
#: Few lines, for a rule that asks much holds seldom.
_few = st.one_of(
    st.just({}),
    st.sampled_from(["inside", "outside"]).map(lambda side: {"area": side}),
    some(TYPES, 4).map(lambda types: {"types": types}),
    some(CONCERNS, 6).map(lambda concern: {"concern": concern}),
    some(LEVELS).map(lambda urgency: {"urgency": urgency}),
    st.sampled_from(CALENDARS).map(lambda calendar: {"hours": {"inside": calendar}}),
)


def _rules(draw: st.DrawFn, anybody: st.SearchStrategy[str], depth: int, above: str) -> list[dict[str, Any]]:
    words = st.sampled_from(sorted(RECEIVER_WORDS))
    rules = []
    for n in range(draw(st.sampled_from(HOW_MANY[depth]))):
        name = f"{above}{n}"
        rule = {
            "name": name,
            "match": draw(_few | _matches),
            "routes": _rules(draw, anybody, depth + 1, name),
            **draw(
                _maybe(
                    receiver=anybody | words, ladder=st.sampled_from(LADDERS), **{"continue": st.booleans()}
                )
            ),
        }
        rules.append(rule)
    return rules


def _ladder(draw: st.DrawFn, anybody: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    words = st.sampled_from(sorted(RUNG_WORDS))
    levels = [*draw(st.lists(words | anybody, max_size=4)), draw(anybody)]
    return [
        {
            "to": to,
            **({"after": WAITS} if n else {}),
            **({"repeat_every": WAITS} if n == len(levels) - 1 else {}),
        }
        for n, to in enumerate(levels)
    ]


def _party(
    draw: st.DrawFn, n: int, contacts: Sequence[str], anybody: st.SearchStrategy[str]
) -> dict[str, Any]:
    days = st.sampled_from([day.isoformat() for day in DAYS])
    return {
        "id": f"p{n}",
        "kind": draw(st.sampled_from(KINDS)),
        "title": f"Party {n}",
        "ring": draw(st.sampled_from(["core", "shell"])),
        "expertise": draw(some(EXPERTISE, 1)),
        **draw(_maybe(joins=days, leaves=days)),
        "contacts": [
            {
                "id": contact,
                "title": contact,
                "channels": draw(some(("phone", "email"))),
                "reachable": draw(st.sampled_from(("always", *CALENDARS))),
                "types": draw(some(TYPES)),
                "expertise": draw(some(EXPERTISE, 1)),
                "for_practice": draw(some(PRACTICES)),
                "stand_ins": draw(st.lists(anybody, max_size=2)),
                "overflow": draw(st.lists(anybody, max_size=2)),
                **draw(_maybe(deputy=anybody)),
            }
            for contact in contacts
        ],
    }
