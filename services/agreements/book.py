"""Every version of every agreement, and which one is in force: the broadcast that lanes read before they open."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from schemas.agreements import AgreementPublished
from schemas.base import read
from services.agreements.load import load
from services.agreements.moments import moment
from services.agreements.terms import Terms, Unusable, terms

Header = tuple[str, bytes]

#: Written for readers that know more than this one: of all that is wrong with a text, the findings that say most.
_LATER_VOCABULARY = frozenset({"unknown_key", "unknown_word"})


class NotPublishable(ValueError):
    """The text is no usable agreement; `reason` is a code, `line` where it shows when it has a place."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class KeptOut(NamedTuple):
    """Why a record of the topic is not used: a code, and the line of the agreement; 0 when it has no line."""

    reason: str
    line: int = 0


class AgreementBook:
    """All versions by partnership, told one record at a time; which one holds follows from the moment asked.

    A record that cannot be used changes nothing: what was in force stays in force. `take` says why, for whoever feeds
    the book to tell an operator. `publish` refuses such an agreement, so it means that a newer `seinhuis` published it,
    or that something else wrote to the topic.
    """

    topic = f"{AgreementPublished.subject}.events.v{AgreementPublished.version}"

    def __init__(self) -> None:
        self._versions: dict[str, dict[int, Terms]] = {}
        self._reigns: dict[str, list[Terms]] = {}

    def take(
        self, key: bytes | None, value: bytes | None, headers: Sequence[Header] = (), /
    ) -> KeptOut | None:
        """Takes a record of the topic; the last valid one of a version counts, as it does after compaction."""
        if value is None:
            return KeptOut("without_text")
        try:
            published = read(AgreementPublished, value)
            found = usable(published.text, published.template_text)
        except ValidationError:
            return KeptOut("not_an_agreement")
        except NotPublishable as error:
            return KeptOut(error.reason, error.line)
        if key != record_key(found) or published != publication(
            found, published.text, published.template_text
        ):
            return KeptOut("record_differs_from_text")
        versions = self._versions.setdefault(found.partnership, {})
        versions[found.version] = found
        self._reigns[found.partnership] = _reigns(versions)
        return None

    def in_force(self, partnership: str, at_ms: int) -> Terms | None:
        """The version that holds at a moment: of those that have begun, the highest number."""
        reigns = self._reigns.get(partnership)
        if not reigns:
            return None
        place = bisect_right(reigns, at_ms, key=lambda known: known.valid_from_ms)
        return reigns[place - 1] if place else None

    def version(self, partnership: str, number: int) -> Terms | None:
        """One version of a partnership, whether it holds or not."""
        return self._versions.get(partnership, {}).get(number)

    def partnerships(self) -> tuple[str, ...]:
        """Whose agreements are here, by name."""
        return tuple(sorted(self._versions))

    def versions(self, partnership: str) -> tuple[Terms, ...]:
        """Every version of a partnership, by number."""
        return tuple(found for _, found in sorted(self._versions.get(partnership, {}).items()))

    def reigns(self, partnership: str) -> tuple[Terms, ...]:
        """The versions that hold one after another: each from its start until the next one's."""
        return tuple(self._reigns.get(partnership, ()))


def _reigns(versions: Mapping[int, Terms]) -> list[Terms]:
    """A version that begins when a higher number holds already never does: the later agreement replaced it."""
    found: list[Terms] = []
    for known in sorted(versions.values(), key=lambda known: (known.valid_from_ms, -known.version)):
        if not found or known.version > found[-1].version:
            found.append(known)
    return found


def usable(text: str, template: str | None = None) -> Terms:
    """The agreement of a text and the template it fills in, ready to decide with; raises `NotPublishable`."""
    draft = load(text, template=template)
    if draft.agreement is None:
        errors = [found for found in draft.findings if found.severity == "error"]
        telling = [found for found in errors if found.code in _LATER_VOCABULARY]
        for found in telling or errors:
            raise NotPublishable(found.code, found.line)
        raise NotPublishable("not_an_agreement")
    try:
        return terms(draft.agreement)
    except Unusable as error:
        raise NotPublishable(error.code) from None


def publication(found: Terms, text: str, template: str | None = None) -> AgreementPublished:
    """The fact that publishes an agreement: all it says follows from the text and its template."""
    return AgreementPublished(
        partnership=found.partnership,
        agreement_version=found.version,
        valid_from=moment(found.valid_from_ms),
        sha256=_sha256(text),
        text=text,
        template_sha256=None if template is None else _sha256(template),
        template_text=template,
    )


def record_key(found: Terms) -> bytes:
    """The key of a version: every one is kept for ever."""
    return f"{found.partnership}/{found.version}".encode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
