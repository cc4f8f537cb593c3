"""The watchman on a bench: facts it has never heard of, a clock, and what it told in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.base import Said
from services.agreements.book import usable
from services.agreements.terms import Terms
from services.deadlines import watch
from services.deadlines.early import EarlyAnswer
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation, wake_of
from services.deadlines.watch import Standing, Watched
from tests.agreements.texts import WATERKANT
from tests.casework.world import ms, wall

DUTIES = """
obligations:
  - name: answer_thing
    opened_by: {event: ThingAsked, where: {kind: [big, huge], about: thing}}
    discharged_by: [ThingAnswered, {event: NoteLeft, where: {outcome: spoken}}]
    next_level_on: [ThingRefused]
    asked_of: [{event: ThingGiven, who: event.to}]
    paused_by: [ThingAwaited]
    resumed_by: [ThingArrived]
    cancelled_by: [ThingDropped, {event: ThingEnded, because: closed}]
    owed_by: event.whom
    owed_to: who-asked
    within: {acute: PT1H, urgent: PT2H, routine: {working_days: 1, calendar: office}}
    warn_at: [50, 75, 90]
    ladder: standard
  - name: explain_breach
    opened_by: {event: ObligationBreached, where: {name: answer_thing}}
    discharged_by: [ThingExplained]
    owed_by: event.owed_by
    within: {acute: PT3H, urgent: PT3H, routine: PT3H}
    warn_at: []
    ladder: desk

"""
TEXT = (
    WATERKANT[: WATERKANT.index("# Who owes an answer")]
    + DUTIES
    + WATERKANT[WATERKANT.index("# Who is asked next") :]
)
AGREEMENT = usable(TEXT)
CAUSE = "fact-1"
TEAM, DUTY = "linde/linde-team", "linde/linde-duty"
POINT, REGION = "schakel/coordination-point", "waterkant/regional-duty"


class Bench:
    """The watchman alone, with a clock and the facts it told."""

    def __init__(self, at: str = "2026-11-23T09:00", agreement: Terms = AGREEMENT) -> None:
        self.now_ms = ms(at)
        self.agreement = agreement
        self.versions = {agreement.version: agreement}
        self.open: list[Obligation] = []
        self.told: list[Said] = []
        self.early: Sequence[EarlyAnswer] = ()

    def standing(self) -> Standing:
        begun = len(self.told)
        return Standing(
            now_ms=self.now_ms,
            terms_of=lambda _: self.agreement,
            version_of=lambda _, number: self.versions.get(number, self.agreement),
            fact_id=lambda n: f"test-0-{begun + n}",
        )

    def hear(self, name: str, at: str | None = None, recorded: str | None = None, **data: Any) -> list[str]:
        self.now_ms = self.now_ms if at is None else ms(at)
        happened = Happened(
            name=name,
            fact_id=CAUSE,
            entity=data.pop("entity", "thing-0001"),
            partnership="de-vlier",
            urgency=data.pop("urgency", "acute"),
            recorded_ms=self.now_ms if recorded is None else ms(recorded),
            by=data.pop("by", None),
            is_from_elsewhere=data.pop("from_elsewhere", False),
            is_of_case=data.pop("of_case", False),
            data=data,
        )
        watched = watch.hear([happened], self.open, self.standing(), self.early)
        self.early = watched.early
        return self.keep(watched)

    def ask(self, at: str | None = None, **data: Any) -> list[str]:
        return self.hear(
            "ThingAsked", at, **{"kind": "big", "about": ["thing", "other"], "whom": TEAM, **data}
        )

    def until(self, at: str) -> list[str]:
        """Fires every wake up to a moment, each at its own."""
        begun, end_ms = len(self.told), ms(at)
        while (wake := wake_of(self.open)) is not None and wake.at_ms <= end_ms:
            self.now_ms = wake.at_ms
            self.keep(watch.advance(self.open, self.standing()))
            assert wake_of(self.open) != wake, "time moves on"
        self.now_ms = end_ms
        return [short(fact) for fact in self.told[begun:]]

    def after_outage(self, at: str) -> list[str]:
        """Nothing fired till now: one step for all of it."""
        self.now_ms = ms(at)
        return self.keep(watch.advance(self.open, self.standing()))

    def breached_until(self, at: str) -> list[str]:
        return self.keep(watch.breach(self.open, ms(at), self.standing()))

    def keep(self, watched: Watched) -> list[str]:
        self.open = watched.obligations
        self.told += [told.fact for told in watched.told]
        return [short(told.fact) for told in watched.told]


def short(fact: Said) -> str:  # noqa: PLR0911 - one line a kind
    """A fact in a few words."""
    name = type(fact).__name__.removeprefix("Obligation").lower()
    data = fact.model_dump(mode="json")
    match name:
        case "warned":
            return f"warned {data['percent']}"
        case "breached":
            return f"breached +{data['late_by_s']:g}"
        case "escalated":
            skipped = " ".join(f"{skip['level']}:{skip['reason']}" for skip in data["skipped"])
            late = f" +{data['late_by_s']:g}" if data["late_by_s"] else ""
            return f"level {data['level']} {data['to'].partition('/')[2]} {data['cause']} [{skipped}]{late}"
        case "discharged":
            return f"{'on time' if data['on_time'] else 'late'}{', withdrawn' if data['withdraws_breach'] else ''}"
        case "paused":
            return f"paused {data['reason']} till {wall(ms(data['until']))}, due {wall(ms(data['due_at']))}"
        case "resumed":
            return f"runs on {data['cause']}, due {wall(ms(data['due_at']))}"
        case "moved":
            return f"{data['urgency_before']} to {data['urgency']}, due {wall(ms(data['due_at']))}"
        case "cancelled":
            return f"cancelled {data['because']}"
        case _:
            return name
