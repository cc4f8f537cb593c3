"""An event before anything is allotted to it: by which ids it is known, and what of ours its words lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schemas.base import Said
from schemas.signals import ReportSignal
from services.deliveries.alias import CASE, SIGNAL
from services.gateway.asked import Asked
from services.gateway.intake_rows import Met, Named, Place, Used
from services.gateway.register import Whose

#: Commands that begin an entity, and how its id begins.
BIRTHS: Mapping[type[Said], str] = {ReportSignal: "sig"}
#: Aliases as we make them; whatever else begins like one is a party's own word.
_ENTITY_ALIAS, _CASE_ALIAS = (re.compile(rf"{prefix}-[a-z2-7]{{20}}") for prefix in (SIGNAL, CASE))


class Plan(NamedTuple):
    """An event as the door knows it: ids by every key of the ring, and what it names."""

    asked: Asked
    ids: tuple[str, ...]
    word: tuple[bytes, ...]
    whose: Whose | None

    @property
    def id(self) -> str:
        """Its command's id."""
        return self.ids[0]

    @property
    def used(self) -> Used:
        """The party, and the name it used for the entity."""
        return self.asked.party, self.asked.subject or ""

    @property
    def names_entity(self) -> bool:
        """Whether the entity may be named by an alias: what begins is only ever named by a word of its own."""
        return self.asked.command not in BIRTHS and bool(_ENTITY_ALIAS.fullmatch(self.used[1]))

    @property
    def used_for_case(self) -> list[Used]:
        """Names of a case: where something is to begin, or what a command is about that is about the case."""
        given = (self.asked.case_alias, self.asked.subject if self.asked.command not in BIRTHS else None)
        return [(self.asked.party, name) for name in given if name and _CASE_ALIAS.fullmatch(name)]

    def among(self, met: Mapping[str, Met]) -> Met | None:
        """This event among those taken in before."""
        return next((met[one] for one in self.ids if one in met), None)

    @property
    def is_of_a_party(self) -> bool:
        """Whether it is about a party and no case: then its place is the party's lane and a ladder of it."""
        return self.asked.command.subject == "collaboration"

    def place(self, names: Named) -> Place | None:
        """The case and entity that its subject names, where it can be about these."""
        found = self._named(names)
        if found is None or self.is_of_a_party != ("/" in found[0]):
            return None
        if self.is_of_a_party and found[0].partition("/")[0] != self.asked.partnership:
            return None
        return found

    def _named(self, names: Named) -> Place | None:
        for word in self.word:
            if word in names.words:
                return names.words[word]
        if self.names_entity:
            return names.entities.get(self.used)
        if self.asked.command not in BIRTHS and (caseid := names.cases.get(self.used)):
            return caseid, caseid
        return None

    def case(
        self,
        cases: Mapping[Whose, str],
        names: Named,
        roots: Mapping[str, str],
        fresh: Iterator[str],
    ) -> str | None:
        """The case in which it begins: that of an alias, of its client, or a new one."""
        if self.asked.case_alias:
            caseid = names.cases.get((self.asked.party, self.asked.case_alias))
            return roots.get(caseid, caseid) if caseid else None
        return cases[self.whose] if self.whose else next(fresh)
