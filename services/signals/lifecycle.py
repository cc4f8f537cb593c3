"""The life of a signal as one literal table, and what is kept of it in the case's row (S003-01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from schemas.base import Said
from schemas.signals import ActionRecorded, Effect, EffectChecked

ABSENT, REPORTED, ROUTED, ACKNOWLEDGED = "absent", "reported", "routed", "acknowledged"
INTERPRETED, ACTED_ON, EFFECT_CHECKED = "interpreted", "acted_on", "effect_checked"
LEFT_AS_IT_IS, CLOSED, WITHDRAWN = "left_as_it_is", "closed", "withdrawn"

#: Silence is not all well: a check that reached nobody is told under its own name and moves nothing (semantics 44).
EFFECT_UNKNOWN = "EffectChecked no_contact"
#: The action that is none, with its reason: there is no effect to check (S000-28).
NO_ACTION = "no_action"
NOTHING_DONE = "ActionRecorded no_action"

#: What may be told of a signal that somebody has: it changes no state.
_ALONG = ("FeedbackGiven", "SignalUrgencyChanged", "WaitRecorded", "ActionEnded", "CallLogged")

#: State → fact → state. A fact that is not listed for a state cannot be told in it: the command is refused, and nothing
#: changes. Whoever interprets again (it did not help, or there is more to it) begins the second half anew.
LIFECYCLE: Mapping[str, Mapping[str, str]] = {
    ABSENT: {"SignalReported": REPORTED},
    REPORTED: {"SignalRouted": ROUTED},
    ROUTED: {
        "SignalRouted": ROUTED,  # rules with `continue` ask several at once
        "SignalAcknowledged": ACKNOWLEDGED,
        "CallLogged": ROUTED,  # somebody knows of it; only a yes takes it
        "SignalDeclined": ROUTED,  # the next level is asked in the same step
        "SignalReassigned": ROUTED,  # one more is asked; the deadline stays
        "ActionEnded": ROUTED,  # whoever does it goes on with it, whoever has the signal next
        "SignalWithdrawn": WITHDRAWN,
    },
    ACKNOWLEDGED: {
        **dict.fromkeys(_ALONG, ACKNOWLEDGED),
        "SignalInterpreted": INTERPRETED,
        "SignalReassigned": REPORTED,  # and routed to the other function in the same step
        "SignalWithdrawn": WITHDRAWN,
    },
    INTERPRETED: {
        **dict.fromkeys(_ALONG, INTERPRETED),
        "SignalInterpreted": INTERPRETED,
        "SignalSplit": INTERPRETED,  # this one goes on here, what is split off begins its own life
        "PracticeUnknown": INTERPRETED,
        "ActionRecorded": ACTED_ON,
        NOTHING_DONE: LEFT_AS_IT_IS,
        "SignalReassigned": REPORTED,
        "SignalWithdrawn": WITHDRAWN,
    },
    LEFT_AS_IT_IS: {
        **dict.fromkeys(_ALONG, LEFT_AS_IT_IS),
        "SignalInterpreted": INTERPRETED,
        "ActionRecorded": ACTED_ON,
        "SignalReassigned": REPORTED,
        "SignalClosed": CLOSED,
        "SignalWithdrawn": WITHDRAWN,
    },
    ACTED_ON: {
        **dict.fromkeys(_ALONG, ACTED_ON),
        "SignalInterpreted": INTERPRETED,
        "ActionRecorded": ACTED_ON,
        EFFECT_UNKNOWN: ACTED_ON,
        "EffectChecked": EFFECT_CHECKED,
        "SignalReassigned": REPORTED,
        "SignalWithdrawn": WITHDRAWN,
    },
    EFFECT_CHECKED: {
        **dict.fromkeys(_ALONG, EFFECT_CHECKED),
        "SignalInterpreted": INTERPRETED,
        "ActionRecorded": ACTED_ON,
        "SignalReassigned": REPORTED,
        "SignalClosed": CLOSED,
    },
    CLOSED: {},
    WITHDRAWN: {},
}


class Signal(TypedDict):
    """A signal as it stands in a case's row; contacts as `party/contact`, moments in milliseconds since the epoch.

    What a later version adds is carried along, and what an earlier one did not keep is absent.
    """

    state: str
    urgency: str
    taken_by: str | None
    reporter_kind: NotRequired[str]
    reporter_party: NotRequired[str | None]
    reported_ms: NotRequired[int]
    #: Where the report came from, as its envelope says; kept where the reporter names no party.
    source: NotRequired[str]
    types: NotRequired[list[str]]
    #: Where it is, whom it is about, and whether the client knows of it, for what is split off from it; left out:
    #: nobody knows, and the client.
    postcode: NotRequired[str]
    about: NotRequired[str]
    client_informed: NotRequired[bool]
    #: The signal it was a part of.
    split_from: NotRequired[str]
    #: The actions that run: who does each.
    actions: NotRequired[dict[str, str]]
    #: The texts that were given to be delivered.
    sent: NotRequired[list[str]]
    #: What the last answered check came to.
    effect: NotRequired[str]
    #: Whether the last interpretation expects something of who hears of it.
    expects_action: NotRequired[bool]
    #: On what grounds it may be seen with the others of its case: each with its purpose.
    grounds: NotRequired[list[list[str]]]


def name_of(fact: Said) -> str:
    """The name a fact has in the table."""
    if isinstance(fact, EffectChecked) and fact.outcome in {Effect.NO_CONTACT, Effect.UNKNOWN}:
        return EFFECT_UNKNOWN
    if isinstance(fact, ActionRecorded) and not fact.is_action:
        return NOTHING_DONE
    return type(fact).__name__


def after(state: str, *facts: Said) -> str:
    """The state these facts lead to, in order."""
    for fact in facts:
        state = LIFECYCLE[state][name_of(fact)]
    return state
