"""One fact, one line, as a person on duty reads it."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.agreements import AgreementPublished
from schemas.base import Said
from schemas.deadlines import (
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationMoved,
    ObligationOpened,
    ObligationPaused,
    ObligationResumed,
    ObligationWarned,
)
from schemas.registry import TYPES
from schemas.signals import (
    ActionRecorded,
    CallLogged,
    CommandRefused,
    EffectChecked,
    FeedbackGiven,
    GroundRecorded,
    GroundWithdrawn,
    ReportSignal,
    RouteReason,
    SignalAcknowledged,
    SignalClosed,
    SignalDeclined,
    SignalInterpreted,
    SignalReassigned,
    SignalRepeated,
    SignalReported,
    SignalRouted,
    SignalUrgencyChanged,
    SignalWithdrawn,
)
from schemas.structured import decode_structured
from services.cli.lines import length, line_of
from tests.schemas.golden import sample_of

ZONE = ZoneInfo("Europe/Amsterdam")


def told(model: type[Said], zone: ZoneInfo = ZONE, **changed: Any) -> str:
    """The line of a golden sample, with some of its data changed."""
    sample = sample_of(model)
    event = {**sample.event, "data": {**sample.data, **changed}}
    envelope, data = decode_structured(json.dumps(event).encode())
    line = line_of(envelope, model.model_validate_json(data), zone)
    assert line is not None
    return str(line)


@pytest.mark.parametrize(
    ("model", "changed", "text"),
    [
        (
            SignalReported,
            {},
            "reported by professional of huisartsen-vlier: nursing, caring, care avoidance, malnutrition",
        ),
        (
            SignalReported,
            {"types": [], "concern": [], "reporter": {"kind": "neighbour"}},
            "reported by neighbour: nothing named",
        ),
        (
            SignalReported,
            {"types": [], "concern": [], "reporter": {"kind": "neighbour"}, "client_informed": False},
            "reported by neighbour: nothing named; client not yet informed",
        ),
        (
            SignalReported,
            {"types": [], "concern": [], "reporter": {"kind": "neighbour"}, "client_informed": True},
            "reported by neighbour: nothing named",
        ),
        (SignalRouted, {}, "asked linde/linde-contact by rule care-avoidance (agreement v7)"),
        (
            SignalRouted,
            {"reason": "no_rule_matched"},
            "asked linde/linde-contact because no rule matched (agreement v7)",
        ),
        (
            SignalRouted,
            {"reason": "rule_error"},
            "asked linde/linde-contact because a rule failed (agreement v7)",
        ),
        (
            SignalRouted,
            {"reason": "reassigned"},
            "asked linde/linde-contact because it was given to it (agreement v7)",
        ),
        (SignalAcknowledged, {}, "taken by linde/linde-deputy"),
        (SignalDeclined, {}, "declined by linde/linde-contact: no capacity"),
        (
            GroundRecorded,
            {},
            "linde/linde-deputy records why the circle may see it: consent, purpose guide to care",
        ),
        (
            GroundWithdrawn,
            {},
            "linde/linde-deputy withdraws why the circle might see it: consent, purpose guide to care",
        ),
        (CallLogged, {}, "schakel/coordination-point called linde/linde-contact: taken"),
        (
            SignalReassigned,
            {},
            "linde/linde-contact gave it to linde/linde-deputy: already known there",
        ),
        (
            SignalInterpreted,
            {},
            "understood by linde/linde-deputy as acute, for gp, municipality, action expected",
        ),
        (
            SignalInterpreted,
            {"findings_for": [], "expects_action": False},
            "understood by linde/linde-deputy as acute",
        ),
        (SignalUrgencyChanged, {}, "urgent became acute by linde/linde-deputy: findings"),
        (SignalUrgencyChanged, {"reason": None}, "urgent became acute by linde/linde-deputy"),
        (
            ActionRecorded,
            {},
            "to be done by huisartsen-vlier/gp-desk: medicine check, ready by Tue 24 Nov 17:00",
        ),
        (
            ActionRecorded,
            {"action": "no_action", "owner": None, "due_at": None, "reason": "already_known"},
            "left as it is by linde/linde-deputy: already known",
        ),
        (
            FeedbackGiven,
            {},
            "feedback by linde/linde-deputy to gp (huisartsen-vlier/gp-desk), phone: spoken",
        ),
        (
            FeedbackGiven,
            {"receiver": None, "to": "reporter", "form": "oral", "outcome": "not_reached"},
            "feedback by linde/linde-deputy to reporter, oral: not reached",
        ),
        (EffectChecked, {}, "effect checked by linde/linde-deputy: achieved"),
        (SignalClosed, {}, "closed by linde/linde-deputy: effect achieved"),
        (SignalRepeated, {"count": 3}, "signal number 3 of this case: propose meeting"),
        (SignalWithdrawn, {}, "taken back by professional: reported twice"),
        (CommandRefused, {}, "refused AcknowledgeSignal: already taken"),
        (ObligationOpened, {}, "acknowledge_signal: linde/linde-contact owes an answer by 11:00"),
        (
            ObligationOpened,
            {"due_at": "2026-11-24T08:30:00Z"},
            "acknowledge_signal: linde/linde-contact owes an answer by Tue 24 Nov 09:30",
        ),
        (
            ObligationWarned,
            {},
            "acknowledge_signal: 50 % of the time is gone, linde/linde-contact owes it by 11:00",
        ),
        (ObligationBreached, {}, "acknowledge_signal: missed by linde/linde-contact, was due 11:00"),
        (
            ObligationBreached,
            {"late_by_s": 3725},
            "acknowledge_signal: missed by linde/linde-contact, was due 11:00; told 1 h 2 min late",
        ),
        (
            ObligationEscalated,
            {},
            "acknowledge_signal: level 2, coordination-point/desk is asked (declined)"
            "; passed over level 1, deputy (outside hours); next level at 10:40",
        ),
        (
            ObligationEscalated,
            {"cause": "no_answer", "skipped": [], "next_at": None, "late_by_s": 61},
            "acknowledge_signal: level 2, coordination-point/desk is asked (no answer); told 1 min 1 s late",
        ),
        (
            ObligationEscalated,
            {"cause": "repeated", "skipped": [], "level": 3, "late_by_s": 0},
            "acknowledge_signal: level 3, coordination-point/desk is asked again; again at 10:40",
        ),
        (
            ObligationDischarged,
            {},
            "acknowledge_signal: answered by linde/linde-deputy after 2 h 7 min, too late",
        ),
        (
            ObligationDischarged,
            {"by": None, "on_time": True, "took_s": 40, "withdraws_breach": True},
            "acknowledge_signal: answered after 40 s, in time; the breach told before is withdrawn",
        ),
        (
            ObligationDischarged,
            {"by": None, "on_time": True, "took_s": 40, "group": "gp_feedback", "group_is_met": True},
            "acknowledge_signal: answered after 40 s, in time; that was all of gp feedback",
        ),
        (
            ObligationPaused,
            {},
            "tell_the_reporter: its clock stands still until Wed 25 Nov 09:00, due Wed 25 Nov 12:24 (reporter away)",
        ),
        (ObligationResumed, {}, "tell_the_reporter: its clock runs on, due 12:24 (pause over)"),
        (
            ObligationMoved,
            {},
            "tell_the_reporter: urgent now, due Tue 24 Nov 13:00, it was 13:00 (condition improved)",
        ),
        (ObligationCancelled, {}, "effect_check: no longer owed (withdrawn)"),
        (AgreementPublished, {}, "agreement de-vlier version 7 in force from Tue 01 Dec 00:00"),
    ],
)
def test_a_fact_is_told_in_plain_words(model: type[Said], changed: dict[str, Any], text: str) -> None:
    assert told(model, **changed).endswith(f"  {text}")


def test_a_line_begins_with_the_clock_of_the_zone_urgency_and_entity() -> None:
    assert told(SignalRouted).startswith("Mon 23 Nov 09:00:00  urgent    sig-4kT9wQ2mZp  asked")
    assert told(SignalRouted, ZoneInfo("UTC")).startswith(
        "Mon 23 Nov 08:00:00  urgent    sig-4kT9wQ2mZp  asked"
    )


def test_every_fact_there_is_has_a_line() -> None:
    for model in TYPES.values():
        if model.kind == "fact":
            assert told(model)


@pytest.mark.parametrize("reason", RouteReason)
def test_whatever_the_reason_of_a_routing_is_it_has_words(reason: RouteReason) -> None:
    assert "asked linde/linde-contact b" in told(SignalRouted, reason=reason.value)


def test_a_command_has_no_line() -> None:
    sample = sample_of(ReportSignal)
    envelope, data = decode_structured(json.dumps(sample.event).encode())
    assert line_of(envelope, ReportSignal.model_validate_json(data), ZONE) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (3661, "1 h 1 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_length_names_the_two_largest_units(seconds: float, text: str) -> None:
    assert length(seconds) == text
