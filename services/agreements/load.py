"""From the text of an agreement to its model, with every finding at once: line, column, code and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.agreements.addresses import addresses
from services.agreements.findings import Finding, Found, Path, in_order
from services.agreements.model import Agreement
from services.agreements.shape import shaped
from services.agreements.template import filled_in, template_asked_for
from services.agreements.written import Place, Written, read_written


class Draft(NamedTuple):
    """What was read: the agreement when its form is right, what is wrong with it, and where each part stands."""

    agreement: Agreement | None
    findings: tuple[Finding, ...]
    places: Mapping[Path, Place]

    def placed(self, found: Found) -> Finding:
        """A finding with the place of the part it is about; of a part that is not there, of what it belongs to."""
        place = self.places.get(found.path)
        if place is not None:
            return Finding(place.line, place.column, found.code, found.severity, found.words, place.source)
        path = found.path
        while path and path not in self.places:
            path = path[:-1]
        place = self.places.get(path, Place(1, 1, 1, 1))
        return Finding(
            place.key_line, place.key_column, found.code, found.severity, found.words, place.source
        )


def load(text: str, template: str | None = None) -> Draft:
    """Reads an agreement, and the template it fills in when it names one (template.py).

    What leads to a person is found in the text itself, for remarks are published with it; the agreement can be decided
    with all the same.
    """
    own, findings = read_written(text)
    if own is None:
        return Draft(None, findings, {})
    name = template_asked_for(own) or "template"
    if template is None:
        draft = drafted(own, None, findings)
    else:
        other, wrong = read_written(template, name)
        told = (*findings, *wrong)
        draft = drafted(own, other, told) if other else _judged(own, told, is_complete=False)
    personal = (*addresses(text), *addresses(template or "", name))
    return draft._replace(findings=in_order([*draft.findings, *personal]))


def drafted(own: Written, template: Written | None = None, told: Iterable[Finding] = ()) -> Draft:
    """An agreement from what was written in it and in its template; `told` is what was found when they were read."""
    if name := own.keys().get("meta", own).keys().get("template"):
        return Draft(None, in_order([*told, name.place.key_finding("a_template")]), {})
    whole, unfit, is_complete = filled_in(own, template)
    return _judged(whole, (*told, *unfit), is_complete=is_complete)


def _judged(whole: Written, told: Iterable[Finding], *, is_complete: bool) -> Draft:
    found = shaped(Agreement, whole, (*told, *_no_zone(whole)), is_complete=is_complete)
    return Draft(found.value, found.findings, found.places)


def _no_zone(whole: Written) -> Iterator[Finding]:
    zone = whole.keys().get("timezone")
    if zone is not None and isinstance(zone.value, str):
        try:
            ZoneInfo(zone.value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield zone.place.finding("unknown_zone", name=zone.value)
