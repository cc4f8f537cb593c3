"""In which form somebody hears back: it follows the receiver (semantics 42)."""

from __future__ import annotations

from typing import NamedTuple

from services.agreements import model
from services.agreements.routable import Reporting

PHONE = "phone"


class Heard(NamedTuple):
    """The forms in which a receiver hears back, the first first, and the limit on a text when there is one."""

    forms: tuple[str, ...]
    max_chars: int | None = None


def heard(kind: str, urgency: str, expects_action: bool, agreement: model.Agreement) -> Heard | None:
    """How a kind of party hears back: by the first rule that names it; None when no rule does, or it is switched off.

    `expects_action`: whether something is expected of who hears it, which may ask for a call with the letter.
    """
    feedback = agreement.feedback
    if not isinstance(feedback, model.Feedback):
        return None
    for rule in feedback.rules:
        if kind in rule.to and rule.strength != "off":
            is_called = rule.also_by_phone_when is not None and _is_called(
                rule.also_by_phone_when, urgency, expects_action
            )
            forms = (rule.form, PHONE) if is_called and rule.form != PHONE else (rule.form,)
            limit = rule.max_chars or (feedback.content.max_chars if feedback.content else None)
            return Heard(forms, limit)
    return None


def kind_of(reporter: Reporting, agreement: model.Agreement) -> str:
    """As what kind whoever reported hears back: as its party, else as the kind of person it is."""
    return next((party.kind for party in agreement.parties if party.id == reporter.party), reporter.kind)


def _is_called(when: model.PhoneWhen, urgency: str, expects_action: bool) -> bool:
    return (
        when.strength != "off"
        and (not when.urgency or urgency in when.urgency)
        and (when.expects_action is None or when.expects_action == expects_action)
    )
