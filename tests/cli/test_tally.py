"""The day in figures: each fact is counted as what it means to the coordination point."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.base import Said
from schemas.deadlines import (
    Inputs,
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationOpened,
)
from schemas.signals import RouteReason, SignalRouted
from services.cli.tally import Tally

DUE = datetime(2026, 11, 23, 9, tzinfo=UTC)
INPUTS = Inputs(started_at=DUE, urgency="acute", rule="acknowledge_signal", counting="elapsed", amount=900.0)


def opened(number: int) -> ObligationOpened:
    return ObligationOpened(
        obligation_id=f"casework-0-{number}",
        name="acknowledge_signal",
        entity="signal-0001",
        owed_by="linde/desk",
        urgency="acute",
        due_at=DUE,
        inputs=INPUTS,
        ladder="standard",
        agreement_version=1,
    )


def answered(number: int, took_s: float, on_time: bool = True) -> ObligationDischarged:
    return ObligationDischarged(
        obligation_id=f"casework-0-{number}",
        name="acknowledge_signal",
        on_time=on_time,
        took_s=took_s,
        urgency="acute",
    )


def missed(number: int) -> ObligationBreached:
    return ObligationBreached(
        obligation_id=f"casework-0-{number}",
        name="acknowledge_signal",
        owed_by="linde/desk",
        due_at=DUE,
        urgency="acute",
        late_by_s=0.0,
    )


def routed(reason: RouteReason) -> SignalRouted:
    return SignalRouted(
        contact="linde/desk",
        reason=reason,
        rule="root",
        ladder="standard",
        urgency="acute",
        agreement_version=1,
    )


def a_day(*facts: Said) -> dict[str, str]:
    tally = Tally()
    for fact in facts:
        tally.take(fact)
    assert tally.facts == len(facts)
    return dict(tally.rows())


def test_tally_of_an_empty_day_is_all_noughts() -> None:
    assert set(a_day().values()) == {"0", "-"}


def test_tally_tells_a_rule_from_the_root() -> None:
    counted = a_day(
        routed(RouteReason.RULE_MATCHED), routed(RouteReason.NO_RULE_MATCHED), routed(RouteReason.RULE_ERROR)
    )
    assert (counted["routed by a rule"], counted["routed to the root"]) == ("1", "2")


def test_tally_counts_a_missed_deadline_that_nobody_answers_as_still_owed() -> None:
    counted = a_day(opened(1), missed(1))
    assert (counted["answers owed"], counted["deadlines missed"], counted["still owed at the end"]) == (
        "1",
        "1",
        "1",
    )


def test_tally_counts_what_is_answered_or_cancelled_as_no_longer_owed() -> None:
    counted = a_day(
        *(opened(n) for n in range(4)),
        answered(0, 60.0),
        answered(1, 7_500.0, on_time=False),
        answered(2, 120.0),
        ObligationCancelled(
            obligation_id="casework-0-3", name="acknowledge_signal", because="withdrawn", urgency="acute"
        ),
    )
    assert (counted["answered in time"], counted["answered too late"], counted["no longer owed"]) == (
        "2",
        "1",
        "1",
    )
    assert (counted["still owed at the end"], counted["half answered within"]) == ("0", "2 min")
