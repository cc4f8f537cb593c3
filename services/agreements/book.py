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
from services.agreements.moments import milliseconds, moment
from services.agreements.terms import Terms, Unusable, terms

Header = tuple[str, bytes]

#: Written for readers that know more than this one: of all that is wrong with a text, the findings that say most.
_LATER_VOCABULARY = frozenset({"unknown_key", "unknown_word"})


#: So many of the versions that hold one after another are read at once: that in force, and the next, published ahead.
NEWEST = 2


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


class Unread(NamedTuple):
    """A version as its record presents it; its text is read when somebody asks for it."""

    version: int
    valid_from_ms: int
    published: AgreementPublished


class AgreementBook:
    """All versions by partnership, told one record at a time; which one holds follows from the moment asked.

    A record that cannot be used changes nothing: what was in force stays in force. `take` says why, for whoever feeds
    the book to tell an operator. `publish` refuses such an agreement, so it means that a newer `seinhuis` published it,
    or that something else wrote to the topic.

    Reading a text takes a tenth of a second, and hundreds of versions are kept for ever of which two or three are ever
    asked for. A book `is_patient` for those who start often: it takes a version at its word until it is asked for, and
    answers as it would have done otherwise. What is newest it reads when it has `caught_up`, and says then what `take`
    would have said.
    """

    topic = f"{AgreementPublished.subject}.events.v{AgreementPublished.version}"

    def __init__(self, *, is_patient: bool = False) -> None:
        self._is_patient = is_patient
        self._versions: dict[str, dict[int, Terms | Unread]] = {}
        self._reigns: dict[str, list[Terms | Unread]] = {}

    def take(
        self, key: bytes | None, value: bytes | None, headers: Sequence[Header] = (), /
    ) -> KeptOut | None:
        """Takes a record of the topic; the last valid one of a version counts, as it does after compaction."""
        if value is None:
            return KeptOut("without_text")
        try:
            published = read(AgreementPublished, value)
        except ValidationError:
            return KeptOut("not_an_agreement")
        name, number = published.partnership, published.agreement_version
        if self._is_patient and key == _key(name, number) and number not in self._versions.get(name, {}):
            self._keep(name, Unread(number, milliseconds(published.valid_from), published))
            return None
        found = _as_published(key, published)
        if isinstance(found, KeptOut):
            return found
        self._keep(found.partnership, found)
        return None

    def caught_up(self) -> list[tuple[bytes, KeptOut]]:
        """All there was has been taken: reads what is newest, and says by its key what of that cannot be used."""
        found: list[tuple[bytes, KeptOut]] = []
        for name in list(self._versions):
            while (unread := self._newest_unread(name)) is not None:
                if (kept_out := self._read(name, unread)) is not None:
                    found.append((_key(name, unread.version), kept_out))
        return found

    def in_force(self, partnership: str, at_ms: int) -> Terms | None:
        """The version that holds at a moment: of those that have begun, the highest number."""
        while True:
            reigns = self._reigns.get(partnership)
            if not reigns:
                return None
            place = bisect_right(reigns, at_ms, key=lambda known: known.valid_from_ms)
            found = reigns[place - 1] if place else None
            if not isinstance(found, Unread):
                return found
            self._read(partnership, found)

    def version(self, partnership: str, number: int) -> Terms | None:
        """One version of a partnership, whether it holds or not."""
        found = self._versions.get(partnership, {}).get(number)
        if isinstance(found, Unread):
            self._read(partnership, found)
            found = self._versions.get(partnership, {}).get(number)
        return None if isinstance(found, Unread) else found

    def partnerships(self) -> tuple[str, ...]:
        """Whose agreements are here, by name."""
        return tuple(sorted(name for name in list(self._versions) if self.versions(name)))

    def versions(self, partnership: str) -> tuple[Terms, ...]:
        """Every version of a partnership, by number."""
        numbers = sorted(self._versions.get(partnership, {}))
        return tuple(found for number in numbers if (found := self.version(partnership, number)) is not None)

    def reigns(self, partnership: str) -> tuple[Terms, ...]:
        """The versions that hold one after another: each from its start until the next one's."""
        read_ = {found.version: found for found in self.versions(partnership)}
        return tuple(read_[known.version] for known in self._reigns.get(partnership, ()))

    def _newest_unread(self, partnership: str) -> Unread | None:
        versions = self._versions.get(partnership)
        if not versions:
            return None
        newest = (versions[max(versions)], *self._reigns[partnership][-NEWEST:])
        return next((known for known in newest if isinstance(known, Unread)), None)

    def _keep(self, partnership: str, known: Terms | Unread) -> None:
        versions = self._versions.setdefault(partnership, {})
        versions[known.version] = known
        self._reigns[partnership] = _reigns(versions)

    def _read(self, partnership: str, unread: Unread) -> KeptOut | None:
        """Reads a version that was taken at its word; one that cannot be used was never there."""
        try:
            found = _as_published(_key(partnership, unread.version), unread.published)
        except Exception:  # whoever reads at once drops the record too
            found = KeptOut("not_an_agreement")
        if not isinstance(found, KeptOut):
            self._keep(partnership, found)
            return None
        versions = self._versions[partnership]
        del versions[unread.version]
        self._reigns[partnership] = _reigns(versions)
        if not versions:
            del self._versions[partnership], self._reigns[partnership]
        return found


def _reigns(versions: Mapping[int, Terms | Unread]) -> list[Terms | Unread]:
    """A version that begins when a higher number holds already never does: the later agreement replaced it."""
    found: list[Terms | Unread] = []
    for known in sorted(versions.values(), key=lambda known: (known.valid_from_ms, -known.version)):
        if not found or known.version > found[-1].version:
            found.append(known)
    return found


def _as_published(key: bytes | None, published: AgreementPublished) -> Terms | KeptOut:
    """The agreement of a record, when all the record says of it follows from its text."""
    try:
        found = usable(published.text, published.template_text)
    except NotPublishable as error:
        return KeptOut(error.reason, error.line)
    if key != record_key(found) or published != publication(found, published.text, published.template_text):
        return KeptOut("record_differs_from_text")
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
    return _key(found.partnership, found.version)


def _key(partnership: str, version: int) -> bytes:
    return f"{partnership}/{version}".encode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
