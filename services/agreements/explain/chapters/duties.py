"""How fast: who owes what, by when, and what counts as the answer."""

from __future__ import annotations

from collections.abc import Iterable

from services.agreements import model
from services.agreements.explain.lines import about, cap, line, listed, purpose
from services.agreements.explain.page import Block, Paragraph, Section, Table
from services.agreements.explain.voice import Voice
from services.agreements.parts import EVENT


def duties(a: model.Agreement, v: Voice) -> Section:
    """Every obligation: one table with all times, then each by itself."""
    levels = tuple(a.urgency.levels)
    return Section(
        "how-fast",
        v("Hoe snel", "How fast"),
        (
            Paragraph(
                v(
                    "Minuten en uren tellen dag en nacht door. Werkdagen en werkuren tellen alleen in de uren van de "
                    "genoemde kalender. Te laat is te laat: ook wie nooit antwoordt, telt mee.",
                    "Minutes and hours run day and night. Working days and hours only count in the hours of the "
                    "calendar that is named. Late is late: who never answers counts as well.",
                )
            ),
            Table(
                v("Hoe snel moet wat", "What is owed how fast"),
                (v("Wat", "What"), *(cap(v.word(level, "level")) for level in levels)),
                tuple(
                    (
                        f"{n}. {title(one, v)}",
                        *(v.span(one.within[level]) if level in one.within else "–" for level in levels),
                    )
                    for n, one in enumerate(a.obligations, start=1)
                ),
            ),
        ),
        tuple(
            Section(f"duty-{one.name}", f"{n}. {title(one, v)}", _duty(one, v))
            for n, one in enumerate(a.obligations, start=1)
        ),
    )


def title(one: model.Obligation, v: Voice) -> str:
    """What people call it."""
    return named(one.name, v)


def named(name: str, v: Voice) -> str:
    """The name of an obligation in words."""
    return cap(v.word(name, "duty"))


def _duty(one: model.Obligation, v: Voice) -> tuple[Block, ...]:
    ladder = (
        v(
            "de ladder van de regel waarmee iemand is gevraagd",
            "the ladder of the rule by which somebody was asked",
        )
        if one.ladder.startswith(EVENT)
        else v("de ladder ", "the ladder ") + v.quoted(one.ladder, "ladder")
    )
    warned = v.joined(f"{percent}%" for percent in one.warn_at)
    return (
        *purpose(one),
        *listed(
            line(v("Begint zodra", "Begins as soon as"), fact(one.opened_by, v) + "."),
            line(v("Moet antwoord geven:", "Owes the answer:"), _who(one.owed_by, v)),
            line(v("Wacht op het antwoord:", "Waits for the answer:"), one.owed_to and _who(one.owed_to, v)),
            line(v("Klaar op", "Is due at"), one.due and _named_moment(one.due, v)),
            line(v("Telt als antwoord zodra", "Is answered as soon as"), _facts(one.discharged_by, v)),
            line(
                v("Wij herinneren eraan", "It is reminded of"),
                warned and v(f"als {warned} van de tijd voorbij is", f"when {warned} of the time is gone"),
            ),
            line(
                v("De volgende wordt meteen gevraagd zodra", "The next is asked at once as soon as"),
                _facts(one.next_level_on, v),
            ),
            *(
                line(
                    v("Meteen gevraagd wordt", "Asked at once is"),
                    _who(given.who, v) + v(", zodra ", ", as soon as ") + fact(given, v) + ".",
                )
                for given in one.asked_of
            ),
            line(
                v("De klok staat stil zodra", "The clock stands still as soon as"), _facts(one.paused_by, v)
            ),
            line(v("De klok loopt weer zodra", "The clock runs again as soon as"), _facts(one.resumed_by, v)),
            *(
                line(
                    v("Het hoeft niet meer zodra", "It is not owed any more as soon as"),
                    _ended(by, v) + ".",
                )
                for by in one.cancelled_by
            ),
            line(
                v("Komt er geen antwoord, dan geldt", "When no answer comes, this holds:"),
                ladder
                + (
                    v(", vanaf het moment dat het te laat is.", ", from the moment it is late.")
                    if one.ladder_begins == "when_due"
                    else "."
                ),
            ),
            line(
                v("Hoort bij elkaar:", "Belongs together:"),
                one.group
                and v(
                    f"alles van de groep {v.quoted(one.group)} moet gedaan zijn, elk met een eigen klok",
                    f"all of the group {v.quoted(one.group)} has to be done, each by its own clock",
                ),
            ),
            *about(one, v),
        ),
    )


def _ended(by: model.Cancelling | str, v: Voice) -> str:
    told = fact(by, v)
    because = "" if isinstance(by, str) else v.word(by.because)
    return f"{told} ({because})" if because not in told else told


def _facts(said: Iterable[model.Trigger | str], v: Voice) -> str | None:
    told = v.joined((fact(one, v) for one in said), "or")
    return f"{told}." if told else None


def fact(said: model.Trigger | str, v: Voice) -> str:
    """A fact as the end of a sentence, with what its fields must hold."""
    if isinstance(said, str):
        return v.fact(said)
    fields = [
        v.word(name, "field") + ": " + v.joined((_value(value, v) for value in values), "or")
        for name, values in said.where
    ]
    fields += [v("dezelfde ", "the same ") + v.word(name, "field") for name in said.same]
    where = "; ".join(fields)
    return v.fact(said.event) + (f" ({where})" if where else "")


def _named_moment(due: str, v: Voice) -> str:
    """The moment that the opening fact names."""
    named = v.quoted(due.removeprefix(EVENT), "field")
    return v(
        f"het moment dat daarbij is afgesproken ({named}); alleen als dat er niet is, gelden de tijden hierboven.",
        f"the moment that was agreed with it ({named}); only where there is none, the times above hold.",
    )


def _value(value: str | int | bool, v: Voice) -> str:
    return v.word(str(value).lower()) if isinstance(value, bool) else v.somebody(str(value))


def _who(said: str, v: Voice) -> str:
    if said.startswith(EVENT):
        return v.word(said.removeprefix(EVENT), "owner")
    return v.somebody(said, "kind")
