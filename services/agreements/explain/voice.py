"""One language, and the names of one agreement: what every chapter is told with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from services.agreements import model
from services.agreements.explain import lengths
from services.agreements.explain.facts import FACTS
from services.agreements.explain.words import HOURS, RUNGS, word
from services.agreements.findings import Language
from services.agreements.measures import MEASURES
from services.agreements.model.words import ALWAYS
from services.agreements.periods import Period
from services.agreements.times import Span


class Voice(NamedTuple):
    """Says things in one language and calls parties and functions by their titles."""

    language: Language
    contacts: Mapping[str, str]
    parties: Mapping[str, str]
    channels: Mapping[str, str]

    def __call__(self, dutch: str, english: str) -> str:
        return dutch if self.language == "nl" else english

    # -- words -------------------------------------------------------------------------------------

    def word(self, code: str, table: str = "open") -> str:
        return word(code, self.language, table)

    def words(self, codes: Iterable[str], table: str = "open", last: str = "and") -> str:
        """Several words as one: `falls, crisis or possible violence`."""
        return self.joined((self.word(code, table) for code in codes), last)

    def joined(self, parts: Iterable[str], last: str = "and") -> str:
        told = list(parts)
        between = {"and": self("en", "and"), "or": self("of", "or")}[last]
        return f" {between} ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))

    def fact(self, name: str) -> str:
        """A fact as the end of a sentence; one without words by its own name."""
        return self.word(name, "fact") if name in FACTS else f"‘{name}’"

    def quoted(self, name: str, table: str = "open") -> str:
        """The name of a ladder or calendar of this file."""
        return f"‘{self.word(name, table)}’"

    # -- who ---------------------------------------------------------------------------------------

    def contact(self, name: str) -> str:
        """A function with its organisation; a word for somebody found at the moment; else the name itself."""
        return self.contacts.get(name) or self.word(name, "rung" if name in RUNGS else "receiver")

    def several(self, names: Iterable[str], last: str = "and") -> str:
        return self.joined((self.contact(name) for name in names), last)

    def partnership(self, name: str) -> str:
        """The name of a partnership as people write it: `De Vlier`."""
        return name.replace("-", " ").replace("_", " ").title()

    def party(self, name: str) -> str:
        return self.parties.get(name) or self.word(name, "kind")

    def practice(self, name: str) -> str:
        """A GP practice: by its title when it takes part."""
        known = self.parties.get(name)
        return known or self("huisartsenpraktijk ", "GP practice ") + f"‘{self.word(name)}’"

    def somebody(self, name: str, table: str = "open") -> str:
        """A contact or a party of this file, or a role in words."""
        return self.contacts.get(name) or self.parties.get(name) or self.word(name, table)

    def everybody(self, names: Iterable[str], table: str = "open", last: str = "and") -> str:
        return self.joined((self.somebody(name, table) for name in names), last)

    def measure(self, name: str) -> str:
        """What is counted, as the catalogue of measures calls it."""
        found = MEASURES.get(name)
        return self(found.nl, found.en).lower() if found else self.word(name)

    def number(self, value: int) -> str:
        """`14,300`."""
        return f"{value:,}".replace(",", self(".", ","))

    def channel(self, name: str) -> str:
        return self.channels.get(name) or self.word(name, "channel")

    def hours(self, calendar: str) -> str:
        """When somebody can be reached."""
        if calendar == ALWAYS:
            return self("altijd, dag en nacht", "always, day and night")
        return f"in {self.hours_of(calendar)}"

    def hours_of(self, calendar: str) -> str:
        """`office hours`, `the hours of ‘market’`."""
        if calendar in HOURS:
            return self.word(calendar, "hours")
        return self(f"de uren van {self.calendar(calendar)}", f"the hours of {self.calendar(calendar)}")

    def calendar(self, name: str) -> str:
        return self.quoted(name, "calendar")

    # -- how long ----------------------------------------------------------------------------------

    def span(self, span: Span) -> str:
        return lengths.long(span, self.language)

    def again(self, span: Span) -> str:
        """`every 15 minutes`."""
        return lengths.again(span, self.language)

    def by_level(self, spans: Mapping[str, Span]) -> str:
        """`acute: 15 minutes, day and night; urgent: ...`."""
        return "; ".join(f"{self.word(level, 'level')}: {self.span(span)}" for level, span in spans.items())

    def period(self, period: Period) -> str:
        return lengths.period(period, self.language)

    def every(self, period: Period) -> str:
        return lengths.every(period, self.language)

    def day(self, value: date) -> str:
        return lengths.day(value, self.language)

    def strength(self, value: str) -> str:
        return self.word(value, "strength")


def voice(agreement: model.Agreement, language: Language) -> Voice:
    """The voice of an agreement."""
    parties = {party.id: party.title for party in agreement.parties}
    return Voice(
        language,
        {
            contact.id: f"{contact.title} ({party.title})"
            for party in agreement.parties
            for contact in party.contacts
        },
        parties,
        {name: channel.title for name, channel in agreement.channels.items() if channel.title},
    )
