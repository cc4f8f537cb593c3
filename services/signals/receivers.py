"""Whom feedback goes to, in which form, and what may have come of it (S000-57, S000-58, S000-61; semantics 42, 43)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from schemas.signals import FeedbackForm, FeedbackOutcome, GiveFeedback, Refusal
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.feedback import heard, kind_of
from services.agreements.model import Party
from services.agreements.terms import Terms
from services.signals.lifecycle import Signal

#: Feedback to whoever reported.
REPORTER = "reporter"
#: The kind of party that is the client's own GP.
GP = "gp"

_SPOKEN = frozenset(
    {
        FeedbackOutcome.SPOKEN,
        FeedbackOutcome.NOT_SPOKEN,
        FeedbackOutcome.NOT_REACHED,
        FeedbackOutcome.NOT_WANTED,
    }
)
#: What can come of each form: nobody reads a phone call.
POSSIBLE: Mapping[FeedbackForm, frozenset[FeedbackOutcome]] = {
    FeedbackForm.ORAL: _SPOKEN,
    FeedbackForm.PHONE: _SPOKEN,
    FeedbackForm.VIDEO_CALL: _SPOKEN,
    FeedbackForm.WRITTEN: frozenset(
        {
            FeedbackOutcome.SENT,
            FeedbackOutcome.DELIVERED,
            FeedbackOutcome.READ,
            FeedbackOutcome.NOT_DELIVERED,
        }
    ),
}

#: Of these nobody heard anything, so there is nothing to have a ground for.
TOLD_NOBODY = frozenset(
    {
        FeedbackOutcome.NOT_SPOKEN,
        FeedbackOutcome.NOT_REACHED,
        FeedbackOutcome.NOT_WANTED,
        FeedbackOutcome.NOT_DELIVERED,
    }
)


class Addressed(NamedTuple):
    """The function it goes to, where it is one in particular; or why it may not be given so."""

    receiver: str | None
    refusal: Refusal | None = None


def addressed(  # noqa: PLR0913 - what is asked, and all it is judged by
    asks: GiveFeedback,
    signal: Signal,
    practice: str | None,
    now_ms: int,
    agreement: Terms,
    directory: Directory = AS_SIGNED,
) -> Addressed:
    """To whom this feedback about a signal goes. `practice` is the client's own, as far as the case holds it."""
    one = _Addressee(asks, signal, practice, now_ms, agreement, directory)
    receiver = asks.receiver or (one.of_party() if asks.to == GP else None)
    return Addressed(receiver, one.is_no_addressee() or one.is_ill_formed() or one.is_not_what_came_of_it())


class _Reporter(NamedTuple):
    """Who reported, as the signal's row has it."""

    kind: str
    party: str | None


class _Addressee:
    """Who is meant by `to`, as the signal, the case and the agreement have it."""

    def __init__(  # noqa: PLR0913 - see `addressed`
        self,
        asks: GiveFeedback,
        signal: Signal,
        practice: str | None,
        now_ms: int,
        agreement: Terms,
        directory: Directory,
    ) -> None:
        self._asks, self._signal, self._now_ms, self._terms = asks, signal, now_ms, agreement
        self._directory = directory
        self._is_written = asks.form is FeedbackForm.WRITTEN
        self._kind, self._party = asks.to, practice if asks.to == GP and self._is_written else None
        if asks.to == REPORTER:
            reporter = _Reporter(signal.get("reporter_kind", REPORTER), signal.get("reporter_party"))
            self._kind, self._party = kind_of(reporter, agreement.agreement), reporter.party

    @property
    def _parties(self) -> tuple[Party, ...]:
        return self._terms.agreement.parties

    def of_party(self) -> str | None:
        """The function of the party that is meant, where it is one of the agreement."""
        return None if self._party is None else self._terms.contact_of(self._party, self._now_ms)

    def is_no_addressee(self) -> Refusal | None:
        """Whether somebody else is named than the one who is to hear of it: a word is judged by whom it is said to."""
        asks, receiver = self._asks, self._asks.receiver
        if receiver is not None:
            contact = self._terms.contacts.get(receiver)
            if contact is None or not contact.takes_part(self._now_ms):
                return Refusal.UNKNOWN_CONTACT
            if contact.kind != self._kind or (self._party is not None and contact.party != self._party):
                return Refusal.WRONG_RECEIVER
            if asks.to == REPORTER and self._party is None:
                return Refusal.WRONG_RECEIVER
        return None

    def is_ill_formed(self) -> Refusal | None:
        """What is wrong with the form, which follows the receiver (S000-58, S000-61)."""
        asks, signal, agreement = self._asks, self._signal, self._terms.agreement
        if not self._is_written:
            return None
        found = heard(self._kind, signal["urgency"], signal.get("expects_action", False), agreement)
        if found is not None and FeedbackForm.WRITTEN not in found.forms:
            return Refusal.WRONG_FORM
        if found is None and asks.to not in {REPORTER, GP, *(one.kind for one in self._parties)}:
            return Refusal.WRONG_RECEIVER
        if asks.content_ref is None or asks.chars is None:
            return Refusal.TEXT_MISSING
        if found is not None and found.max_chars is not None and asks.chars > found.max_chars:
            return Refusal.TEXT_TOO_LONG
        # A letter to the GP goes to the client's own practice, which the case holds (S000-57).
        return Refusal.PRACTICE_UNKNOWN if asks.to == GP and self._party is None else None

    def is_not_what_came_of_it(self) -> Refusal | None:
        """Whether this outcome cannot be known, or not yet. The bell delivers a text for a function that can be written
        to, and nobody says before it that it arrived; wherever else it goes, who brings it knows. A text that the bell
        had and could not deliver may be brought by hand after all."""
        asks, outcome = self._asks, self._asks.outcome
        if outcome not in POSSIBLE.get(asks.form, frozenset()):
            return Refusal.WRONG_OUTCOME
        if not self._is_written:
            return None
        if outcome is FeedbackOutcome.SENT:
            return None if self._is_written_to() else Refusal.WRONG_RECEIVER
        is_bells = self._is_written_to() and asks.content_ref not in self._signal.get("sent", ())
        return Refusal.WRONG_OUTCOME if is_bells else None

    def _is_written_to(self) -> bool:
        """Whether it is a function that the agreement reaches by a written way."""
        contact = self._terms.contacts.get(self._asks.receiver or self.of_party() or "")
        if contact is None:
            return False
        channels = self._terms.agreement.channels
        ways = self._directory.channels(contact.ref, self._now_ms, contact.channels)
        return any(channels[one].form == "written" for one in ways if one in channels)
