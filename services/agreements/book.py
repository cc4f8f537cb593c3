"""Every version of every agreement, and which one is in force: the broadcast that lanes read before they open."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from schemas.agreements import AgreementPublished
from schemas.base import read
from services.agreements.calendars import moment
from services.agreements.load import load
from services.agreements.terms import Terms, Unusable, terms

Header = tuple[str, bytes]


class NotPublishable(ValueError):
    """The text is no usable agreement; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AgreementBook:
    """All versions by partnership, told one record at a time. A version is chosen by `valid_from` at the moment asked.

    A record that cannot be used is counted in `kept_out` by its reason and changes nothing: what was in force stays
    in force. `publish` refuses such an agreement, so a count here means that something else wrote to the topic.
    """

    topic = f"{AgreementPublished.subject}.events.v{AgreementPublished.version}"

    def __init__(self) -> None:
        self._versions: dict[str, list[Terms]] = {}
        self.kept_out: Counter[str] = Counter()

    def take(self, key: bytes | None, value: bytes | None, headers: Sequence[Header] = (), /) -> None:
        """Takes a record of the topic; the last valid one of a version counts, as it does after compaction."""
        if value is None:
            self.kept_out["without_text"] += 1
            return
        try:
            published = read(AgreementPublished, value)
            found = usable(published.text)
        except ValidationError:
            self.kept_out["not_an_agreement"] += 1
            return
        except NotPublishable as error:
            self.kept_out[error.reason] += 1
            return
        if published != publication(found, published.text) or key != record_key(found):
            self.kept_out["record_differs_from_text"] += 1
            return
        versions = [
            known for known in self._versions.get(found.partnership, []) if known.version != found.version
        ]
        self._versions[found.partnership] = sorted(
            [*versions, found], key=lambda known: (known.valid_from_ms, known.version)
        )

    def in_force(self, partnership: str, at_ms: int) -> Terms | None:
        """The version that holds at a moment; the highest number when two begin together."""
        versions = self._versions.get(partnership)
        if not versions:
            return None
        place = bisect_right(versions, at_ms, key=lambda known: known.valid_from_ms)
        return versions[place - 1] if place else None

    def versions(self, partnership: str) -> tuple[Terms, ...]:
        """Every version of a partnership, by the moment it begins."""
        return tuple(self._versions.get(partnership, ()))


def usable(text: str) -> Terms:
    """The agreement of a text, ready to decide with; raises `NotPublishable`."""
    draft = load(text)
    if draft.agreement is None:
        raise NotPublishable("not_an_agreement")
    try:
        return terms(draft.agreement)
    except Unusable as error:
        raise NotPublishable(error.code) from None


def publication(found: Terms, text: str) -> AgreementPublished:
    """The fact that publishes an agreement: all it says follows from the text."""
    return AgreementPublished(
        partnership=found.partnership,
        agreement_version=found.version,
        valid_from=moment(found.valid_from_ms),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )


def record_key(found: Terms) -> bytes:
    """The key of a version: every one is kept for ever."""
    return f"{found.partnership}/{found.version}".encode()
