"""Stories of the field from end to end: HTTP and a form in; mail, webhooks and streams out; a clock turned fast."""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.agreements.moments import moment
from services.runtime.job import Record
from tests.e2e.town import COMES_WITHIN_S, Fact, Facts, Town, a_town
from topics.catalogue import COLLABORATION_EVENTS

#: The stories share one worker of the test run, and not with what measures.
pytestmark = pytest.mark.broker

POINT = "schakel/coordination-point"
ACUTE_IN_9902 = {
    "urgency": "acute",
    "types": ["nursing"],
    "postcode": "9902",
    "reporter": {"kind": "professional", "party": "woonstee"},
}
CODE = re.compile(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b")


def _on_leave(town: Town) -> None:
    town.run("directory", "absent", "linde/linde-nurse", "--from", "2026-11-27", "--reason", "leave")
    night = "2026-11-28 18:00/2026-11-29 08:00"
    town.run("directory", "rota", POINT, "--window", night, "--party", "duin")
    town.party("duin")
    town.address("linde/linde-deputy", "pager", "kees.pager@linde.example")
    town.address(POINT, "webhook", f"{town.hooks.url}/schakel", "whsec-of-schakel-0001")
    town.hears_of_absence("linde/linde-nurse")


def _by_webhook(town: Town) -> None:
    town.address("linde/linde-north", "webhook", f"{town.hooks.url}/linde", "whsec-of-linde-00001")
    town.address("praktijk-lok/lok-desk", "webhook", f"{town.hooks.url}/lok", "whsec-of-lok-0000001")
    for party in ("linde", "schakel", "praktijk-lok", "kolk", "morgenlijn"):
        town.party(party)


def test_nobody_answers_and_the_ladder_is_climbed_until_somebody_does(
    tmp_path: Path, embedded_alone: str, postgres: str
) -> None:
    """Story E: Saturday evening, acute. Sanne is on leave, Kees and the coordination point stay silent."""
    with a_town(
        tmp_path, embedded_alone, postgres, start="2026-11-28T19:00:00+01:00", speed=90, before=_on_leave
    ) as town:
        linde, point, region = town.party("linde"), town.party("schakel"), town.party("waterkant")
        housing = town.party("woonstee")

        said = housing.say(
            "/v1/signals",
            {
                **ACUTE_IN_9902,
                "content": {"what_was_seen": "Mevrouw Waterdrager ligt op de grond en staat niet op."},
            },
        )
        # 1. The ladder skips Sanne in the same instant and says why; Kees is paged.
        linde.hears("ObligationEscalated", is_so=lambda heard: heard.to == "linde/linde-deputy")
        facts = town.until(lambda facts: facts.of("ObligationEscalated"), "the first to be asked")
        first = facts.of("ObligationEscalated")[0]
        assert first.data["to"] == "linde/linde-deputy"
        assert [(one["to"], one["reason"]) for one in first.data["skipped"]] == [("contact", "absent")]
        letter = town.letter("kees.pager@linde.example")
        assert "Waterdrager" not in letter and "9902" not in letter, "thin"
        link = re.search(rf"{re.escape(town.url)}/l/\S+", letter)
        assert link is not None, letter

        # 2. A quarter later the coordination point, and a quarter later the regional duty.
        point.hears("ObligationEscalated", is_so=lambda heard: heard.to == POINT)
        hook = town.hook("/schakel")
        assert hook.headers["webhook-signature"] and "Waterdrager" not in str(hook.body)
        _who_is_on_duty_for_the_point_reads_it_at_home(town)
        at_region = region.hears(
            "ObligationEscalated", is_so=lambda heard: heard.to == "waterkant/regional-duty"
        )

        # 3. The regional duty takes it; all others hear by whom; Kees' late tap is refused politely.
        assert httpx2.head(link[0], timeout=30).status_code == 200, "a mail scanner looks"
        assert httpx2.get(link[0], timeout=30).status_code == 200
        region.say(
            f"/v1/signals/{at_region.signal}/acknowledgement", {"by": {"contact": "waterkant/regional-duty"}}
        )
        for party in (linde, point, housing, town.party("duin")):
            party.hears("SignalAcknowledged")
        late = httpx2.post(link[0], timeout=30)
        assert late.status_code in (409, 410), late.text
        assert "achterwacht" in late.text.lower(), late.text

        facts = town.facts()
        taken = facts.of("SignalAcknowledged")
        assert [one.data["by"]["contact"] for one in taken] == ["waterkant/regional-duty"]
        asked_at = {one.data["to"]: one.at_ms for one in facts.of("ObligationEscalated")}
        reported_ms = facts.of("SignalReported")[0].at_ms
        assert asked_at["linde/linde-deputy"] == reported_ms, "in the same instant"
        assert asked_at["schakel/coordination-point"] - reported_ms >= 15 * 60_000, "never early"
        assert asked_at["waterkant/regional-duty"] - asked_at["schakel/coordination-point"] >= 15 * 60_000
        # 4. The ladder is over, the feedback clock is not.
        assert {one.data["name"] for one in facts.of("ObligationDischarged")} == {"acknowledge_signal"}
        assert "tell_the_reporter" in {one.data["name"] for one in facts.of("ObligationOpened")}
        assert said["signal"] not in {linde.heard[0].signal, region.heard[0].signal}, (
            "everybody has a name of their own"
        )
        # 5. What is new about a partner's function, its partners hear; that somebody is on leave is no news.
        point.hears("AgreementPublished", is_so=lambda heard: "valid_from" in heard.data)
        town.run("directory", "confirm", "linde/linde-deputy")
        news = point.hears("ContactDescribed")
        assert news.data["contacts"] == [{"contact": "linde/linde-deputy", "news": "confirmed"}]
        assert news.case == "", "no case is in it"
        _who_is_on_duty_for_the_point_takes_one(town)
        _the_worker_is_killed_and_the_ladder_stays_silent(town)
        town.expect_nothing_of("Waterdrager")


def test_a_police_officer_a_domestic_help_and_a_gp_are_told_what_is_theirs(
    tmp_path: Path, embedded_alone: str, postgres: str
) -> None:
    """Stories C, D and B, and the seventh step of E: from Monday before noon to Tuesday afternoon."""
    with a_town(
        tmp_path, embedded_alone, postgres, start="2026-11-30T10:00:00+01:00", speed=1200, before=_by_webhook
    ) as town:
        unanswered = [_a_signal_that_nobody_answers(town, n) for n in range(3)]
        _c_the_domestic_help_who_sees_falls(town)
        untold = _d_a_finding_that_the_gp_is_not_told(town)
        _e_too_late_three_times(town, unanswered)
        _d_the_gp_knows_within_a_day(town)
        _b_a_police_officer_reports_a_care_avoider(town)
        _a_mailbox_that_is_gone_moves_the_ladder_on_at_once(town)
        _d_the_clock_itself_counts_what_was_not_done(town, untold)
        _e_three_times_too_late_is_between_the_parties(town)
        town.expect_nothing_of("Waterdrager", "Havenweg", "Bea Duizelig", "06 1234 5678")


def _c_the_domestic_help_who_sees_falls(town: Town) -> None:
    linde, desk = town.party("linde"), town.party("schakel")
    # 1. Ria phones the shared number; the duty officer types it in. She needs no account.
    said = desk.say(
        "/v1/signals",
        {
            "urgency": "urgent",
            "types": ["nursing"],
            "concern": ["fall"],
            "postcode": "9902",
            "reporter": {"kind": "domestic_help"},
            "expects_feedback": True,
            "client_informed": False,
            "client": {"system": "ecd", "value": "client-4711"},
            "content": {"what_was_seen": "Mevrouw Waterdrager heeft blauwe plekken en viel twee keer."},
        },
    )
    assert said["status"] == "taken"
    # 2. Routed by postcode and type to the team's fixed contact, which pulls the words; the pull is told first.
    routed = linde.hears("SignalRouted", is_so=lambda heard: heard.to == "linde/linde-north")
    seen = linde.get(f"/v1/signals/{routed.signal}").json()
    (ref,) = seen["content_refs"]
    words = linde.get(f"/v1/content/{ref}")
    assert words.status_code == 200 and "Waterdrager" in words.text
    read = town.until(lambda facts: facts.of("ContentRead"), "that it was read").of("ContentRead")[0]
    assert (read.data["party"], read.data["content_ref"]) == ("linde", ref)
    opened = town.until(lambda facts: facts.of("NoticeRead"), "that its notice was opened").of("NoticeRead")[
        0
    ]
    assert (opened.data["to"], opened.data["of"]) == ("linde/linde-north", "SignalRouted")
    assert town.party("welzijn").get(f"/v1/content/{ref}").status_code in (403, 404)
    # 3. Interpreted at home; a medical one and a social one.
    by = {"contact": "linde/linde-north"}
    linde.say(f"/v1/signals/{routed.signal}/acknowledgement", {"by": by})
    town.until(lambda facts: facts.of("SignalAcknowledged"), "that it is taken")
    linde.say(f"/v1/signals/{routed.signal}/case-description", {"by": by, "practice": "praktijk-lok"})
    # Commands about the case and about the signal keep no order between them: who builds on a fact waits for it.
    town.until(lambda facts: facts.of("CaseDescribed"), "whose patient it is")
    kept = linde.say(
        "/v1/content",
        {"subject": routed.signal, "content": {"what_was_seen": "Mevrouw Waterdrager ziet niemand meer."}},
        expects=201,
    )
    linde.say(
        f"/v1/signals/{routed.signal}/interpretation",
        {
            "by": by,
            "urgency": "acute",
            "types": ["medical"],
            "findings_for": ["gp"],
            "expects_action": True,
            "parts": [
                {
                    "types": ["social"],
                    "concern": ["loneliness"],
                    "urgency": "routine",
                    "content_ref": kept["content_ref"],
                }
            ],
            "content": {"findings": "Bea Duizelig: duizelig sinds de nieuwe tabletten, bang om te gaan."},
        },
    )
    facts = town.until(lambda facts: facts.of("SignalSplit"), "that it was split")
    assert [one.data["practice"] for one in facts.of("CaseDescribed")] == ["praktijk-lok"]
    assert not facts.opened("find_the_practice"), "the case knows whose patient it is"
    social = town.party("morgenlijn").hears("SignalRouted")
    # It is reached by phone: a task at the coordination point, which sees how the signal stands and none of its words.
    point, lead = town.party("schakel"), "morgenlijn/morgenlijn-lead"
    task = point.hears("SignalRouted", is_so=lambda heard: heard.to == lead)
    assert task.data["form"] == "oral"
    town.until(
        lambda _: point.get(f"/v1/signals/{task.signal}").status_code == 200,
        "that the door knows of the task",
    )
    assert point.get(f"/v1/signals/{task.signal}").json()["content_refs"] == []
    assert point.get(f"/v1/content/{kept['content_ref']}").status_code == 404
    called = {"by": {"contact": POINT}, "to": lead}
    point.say(f"/v1/signals/{task.signal}/calls", {**called, "outcome": "taken"})
    facts = town.until(
        lambda facts: [one for one in facts.of("SignalAcknowledged") if one.data["by"]["contact"] == lead],
        "that they took it by phone",
    )
    assert [one.data["outcome"] for one in facts.of("CallLogged")] == ["taken"]
    facts = town.until(
        lambda facts: [one for one in facts.of("NoticeDelivered") if one.data["to"] == lead],
        "that it is done",
    )
    assert [one.data["channel"] for one in facts.of("NoticeDelivered") if one.data["to"] == lead] == ["phone"]
    (part,) = town.party("morgenlijn").get(f"/v1/signals/{social.signal}").json()["content_refs"]
    assert part == kept["content_ref"], "of the part its own words, and no others"
    assert "niemand meer" in town.party("morgenlijn").get(f"/v1/content/{part}").text
    # 4. Somebody does something about it, by a day.
    linde.say(f"/v1/signals/{routed.signal}/actions", _a_visit(town, by))
    town.until(lambda facts: facts.opened("finish_action"), "that it is to be done")
    # 6. Ria hears that it was picked up, by word of mouth.
    linde.say(
        f"/v1/signals/{routed.signal}/feedback",
        {"by": by, "to": "reporter", "form": "oral", "outcome": "spoken"},
    )
    facts = town.until(lambda facts: facts.discharged("tell_the_reporter"), "that Ria was told")
    assert [one.data["form"] for one in facts.of("FeedbackGiven")] == ["oral"]


def _the_worker_is_killed_and_the_ladder_stays_silent(town: Town) -> None:
    """E5 and E6: killed before the second rung is due, and started again when it has passed."""
    town.party("woonstee").say("/v1/signals", ACUTE_IN_9902)
    facts = town.until(lambda facts: len(facts.of("SignalReported")) == 3, "the third signal")
    reported = facts.of("SignalReported")[-1]
    town.kill("casework")
    town.sleep_until(reported.at_ms + 17 * 60_000)
    town.start("casework")

    def asked(facts: Facts) -> list[Fact]:
        subject = reported.envelope.subject
        return [one for one in facts.of("ObligationEscalated") if one.envelope.subject == subject]

    town.until(lambda facts: len(asked(facts)) >= 2, "the rung that was due meanwhile")
    facts = town.until(
        lambda facts: any(one.data["cause"] == "repeated" for one in asked(facts)), "the last rung, again"
    )
    levels = [one.data["level"] for one in asked(facts) if one.data["cause"] != "repeated"]
    assert levels == sorted(set(levels)), "each rung once"
    (first, second, *_) = asked(facts)
    assert first.at_ms == reported.at_ms
    assert second.at_ms >= reported.at_ms + 17 * 60_000 and second.data["late_by_s"] > 0
    (breach,) = [
        one for one in facts.of("ObligationBreached") if one.envelope.subject == first.envelope.subject
    ]
    assert breach.data["late_by_s"] >= 120
    again = [one for one in asked(facts) if one.data["cause"] == "repeated"]
    assert {one.data["to"] for one in again} == {"waterkant/regional-duty"}


def _asked_of_the_point(town: Town, known: Collection[str] = ()) -> str:
    """What Duin, whose people are on duty there tonight, calls the next signal that the coordination point is asked."""
    return (
        town.party("duin")
        .hears("ObligationEscalated", is_so=lambda heard: heard.to == POINT and heard.signal not in known)
        .signal
    )


def _who_is_on_duty_for_the_point_reads_it_at_home(town: Town) -> None:
    """S002-09: in Duin's own system, by its own token; and as no other function than the one it staffs."""
    duin, signal = town.party("duin"), _asked_of_the_point(town)
    town.until(lambda _: duin.get(f"/v1/signals/{signal}").status_code == 200, "that the door knows of it")
    (ref,) = duin.get(f"/v1/signals/{signal}").json()["content_refs"]
    words = duin.get(f"/v1/content/{ref}?contact={POINT}")
    assert words.status_code == 200 and "Waterdrager" in words.text
    facts = town.until(lambda facts: facts.of("ContentRead"), "that it was read")
    read = facts.of("ContentRead")[0]
    assert (read.data["party"], read.data["contact"]) == ("duin", POINT)
    other = duin.get(f"/v1/content/{ref}?contact=linde/linde-nurse")
    assert (other.status_code, other.json()["code"]) == (403, "contact_not_ours")


def _who_is_on_duty_for_the_point_takes_one(town: Town) -> None:
    duin = town.party("duin")
    known = {heard.signal for heard in duin.heard}
    town.party("woonstee").say("/v1/signals", ACUTE_IN_9902)
    signal = _asked_of_the_point(town, known)
    duin.say(f"/v1/signals/{signal}/acknowledgement", {"by": {"contact": POINT}})
    facts = town.until(lambda facts: len(facts.of("SignalAcknowledged")) == 2, "that Duin took it")
    assert facts.of("SignalAcknowledged")[-1].data["by"]["contact"] == POINT


def _a_signal_that_nobody_answers(town: Town, n: int) -> str:
    said = town.party("schakel").say(
        "/v1/signals",
        {
            "urgency": "urgent",
            "types": ["nursing"],
            "postcode": "9903",
            "reporter": {"kind": "neighbour"},
            "client": {"system": "ecd", "value": f"client-of-nobody-{n}"},
        },
    )
    return str(said["signal"])


def _e_too_late_three_times(town: Town, unanswered: list[str]) -> None:
    """What nobody answered in time is missed; then it is taken back, by whom it came from."""
    town.until(
        lambda facts: (
            len(
                [
                    one
                    for one in facts.of("ObligationBreached")
                    if (one.data["name"], one.data["owed_by"]) == ("acknowledge_signal", "linde/linde-south")
                ]
            )
            == 3
        ),
        "three that were missed",
    )
    for signal in unanswered:
        town.party("schakel").say(
            f"/v1/signals/{signal}/withdrawal",
            {"reporter": {"kind": "neighbour"}, "reason": "no_longer_needed"},
        )
    town.until(lambda facts: len(facts.of("SignalWithdrawn")) == 3, "that they are over")


def _d_a_finding_that_the_gp_is_not_told(town: Town) -> str:
    """D5 and D7: nothing is expected of the GP, so the text is all; and nobody sends it."""
    linde, desk = town.party("linde"), town.party("schakel")
    known = {heard.signal for heard in linde.heard}
    desk.say(
        "/v1/signals",
        {
            "urgency": "urgent",
            "types": ["nursing"],
            "postcode": "9901",
            "reporter": {"kind": "neighbour"},
            "client": {"system": "ecd", "value": "client-4712"},
        },
    )
    routed = linde.hears(
        "SignalRouted", is_so=lambda heard: heard.to == "linde/linde-north" and heard.signal not in known
    )
    by = {"contact": "linde/linde-north"}
    before = len(town.facts().of("SignalAcknowledged"))
    linde.say(f"/v1/signals/{routed.signal}/acknowledgement", {"by": by})
    facts = town.until(lambda facts: len(facts.of("SignalAcknowledged")) > before, "that it is taken")
    entity = facts.of("SignalAcknowledged")[-1].envelope.subject
    said = {"by": by, "urgency": "acute", "findings_for": ["gp"], "expects_action": False}
    linde.say(
        f"/v1/signals/{routed.signal}/interpretation", {**said, "content": {"findings": "mevrouw viel"}}
    )
    town.until(
        lambda facts: any(one.envelope.subject == entity for one in facts.opened("tell_the_gp")), "the clock"
    )
    linde.say(f"/v1/signals/{routed.signal}/actions", _a_visit(town, by))
    told = {"by": by, "to": "reporter", "form": "oral", "outcome": "spoken"}
    linde.say(f"/v1/signals/{routed.signal}/feedback", told)
    return entity


def _a_visit(town: Town, by: dict[str, str]) -> dict[str, Any]:
    due_at = moment(town.clock.now_ms() + 3 * 86_400_000).isoformat()
    return {"by": by, "action": "home_visit", "owner": by["contact"], "due_at": due_at}


def _d_the_clock_itself_counts_what_was_not_done(town: Town, entity: str) -> None:
    facts = town.facts()
    (owed,) = [one for one in facts.opened("tell_the_gp") if one.envelope.subject == entity]
    assert not [one for one in facts.opened("call_the_gp") if one.envelope.subject == entity], "no call"
    due_ms = owed.at_ms + 24 * 3_600_000
    town.sleep_until(due_ms)
    of = owed.data["obligation_id"]
    facts = town.until(
        lambda facts: [one for one in facts.of("ObligationBreached") if one.data["obligation_id"] == of],
        "the breach",
    )
    (breach,) = [one for one in facts.of("ObligationBreached") if one.data["obligation_id"] == of]
    assert breach.at_ms >= due_ms and breach.data["owed_by"] == "linde/linde-north"
    facts = town.until(
        lambda facts: (
            {
                one.data["to"]
                for one in facts.of("NoticeQueued")
                if one.envelope.causationid == breach.envelope.id
            }
            >= {"schakel/coordination-point", "linde/linde-north"}
        ),
        "that the coordinator is told",
    )
    next_ = [one for one in facts.of("ObligationEscalated") if one.data["obligation_id"] == of]
    assert next_ and next_[0].data["to"] == "linde/linde-evening"
    assert not [one for one in facts.discharged("tell_the_gp") if one.data["obligation_id"] == of]


def _e_three_times_too_late_is_between_the_parties(town: Town) -> None:
    """E7: the accountable side of the party is addressed about a count and the item, and hears of no client."""
    linde = town.party("linde")
    rung = linde.hears("RungReached")
    assert rung.case == "" and rung.data["about"] == "linde"
    linde.say(
        f"/v1/collaboration/{rung.signal}/answer",
        {"by": {"contact": rung.data["acts_as"]}, "outcome": "improvement_agreed"},
    )
    until = time.monotonic() + COMES_WITHIN_S
    while not (settled := _of_parties(town, "CollaborationSettled")):
        assert time.monotonic() < until, "it was not settled"
        time.sleep(0.5)
    of_cases = [fact.envelope for fact in town.facts() if fact.envelope.caseid]
    cases = {name for one in of_cases for name in (one.caseid, one.subject)}
    for record in (*settled, *_of_parties(town, "RungReached"), *_of_parties(town, "ItemsCounted")):
        raw = b"".join((record.key or b"", record.value or b"", *(value for _, value in record.headers)))
        assert not any(case.encode() in raw for case in cases)


def _of_parties(town: Town, name: str) -> list[Record]:
    kind = f".{name}.".encode()
    return [
        one
        for one in town.records()
        if one.topic == COLLABORATION_EVENTS.name and any(kind in value for _, value in one.headers)
    ]


def _d_the_gp_knows_within_a_day(town: Town) -> None:
    linde, gp = town.party("linde"), town.party("praktijk-lok")
    routed = linde.hears("SignalRouted", is_so=lambda heard: heard.to == "linde/linde-north")
    feedback = f"/v1/signals/{routed.signal}/feedback"
    by = {"contact": "linde/linde-north"}
    # 1. Two obligations: a text and a call, each with its own clock.
    facts = town.until(lambda facts: facts.opened("call_the_gp"), "both clocks")
    (call_owed,) = facts.opened("call_the_gp")
    (letter_owed,) = [
        one for one in facts.opened("tell_the_gp") if one.envelope.subject == call_owed.envelope.subject
    ]
    assert letter_owed.data["due_at"] == call_owed.data["due_at"]
    # 2. Two thousand characters are refused; a short text is delivered, and the clock of the call runs on.
    about = {"by": by, "to": "gp", "receiver": "praktijk-lok/lok-desk"}
    linde.say(feedback, {**about, "form": "written", "outcome": "sent", "content": {"letter": "x" * 2000}})
    refused = town.until(lambda facts: facts.of("CommandRefused"), "a refusal").of("CommandRefused")
    assert [one.data["reason"] for one in refused] == ["text_too_long"]
    # Sent is not informed: the practice's system is down, and nobody says that the letter arrived.
    text = "Twee keer gevallen, duizelig sinds de nieuwe tabletten. Graag de dosering nakijken."
    town.hooks.down.add("/lok")
    linde.say(feedback, {**about, "form": "written", "outcome": "delivered", "content": {"letter": text}})
    linde.say(feedback, {**about, "form": "written", "outcome": "sent", "content": {"letter": text}})
    facts = town.until(
        lambda facts: [one for one in facts.of("NoticeFailed") if one.data["of"] == "FeedbackGiven"],
        "that it did not arrive",
    )
    assert [one.data["reason"] for one in facts.of("CommandRefused")] == ["text_too_long", "wrong_outcome"]
    assert not facts.discharged("tell_the_gp")
    town.hooks.down.clear()
    facts = town.until(lambda facts: facts.discharged("tell_the_gp"), "the letter")
    assert [one.data["by"] for one in facts.discharged("tell_the_gp")] == ["praktijk-lok/lok-desk"]
    hook = town.hook("/lok", is_so=lambda posted: text in str(posted.body))
    assert hook.headers["webhook-signature"]
    gp.hears("FeedbackGiven")
    # 3. Not reached, then not spoken: the clock of the call runs on.
    for outcome in ("not_reached", "not_spoken"):
        linde.say(feedback, {**about, "form": "phone", "outcome": outcome})
    facts = town.until(
        lambda facts: sum(one.data["form"] == "phone" for one in facts.of("FeedbackGiven")) >= 2,
        "both attempts",
    )
    assert not facts.discharged("call_the_gp")
    # 4. Spoken, the next morning, in time: both are met.
    town.sleep_until(call_owed.at_ms + 18 * 3_600_000)
    linde.say(feedback, {**about, "form": "phone", "outcome": "spoken"})
    facts = town.until(lambda facts: facts.discharged("call_the_gp"), "the call")
    (done,) = facts.discharged("call_the_gp")
    assert done.data["on_time"] and done.data["group_is_met"]
    assert 17 * 3600 < done.data["took_s"] < 24 * 3600


def _b_a_police_officer_reports_a_care_avoider(town: Town) -> None:
    kolk = town.party("kolk")
    # 1. In plain words, by the form, with no account; he gets a code and no name.
    page = httpx2.get(f"{town.url}/melden/de-vlier", timeout=30)
    form_id = re.search(r'name="form"[^>]*value="([^"]+)"', page.text)
    assert page.status_code == 200 and form_id is not None and "088 000 99 01" in page.text
    sent = httpx2.post(
        f"{town.url}/melden/de-vlier",
        data={
            "form": form_id[1],
            "concern": "care_avoidance",
            "seen": "Man op de Havenweg, afval tot het plafond, doet niet open, ziet er mager uit.",
            "postcode": "9905",
            "who": "other",
            "call_back": "06 1234 5678",
        },
        headers={"Origin": town.url, "Sec-Fetch-Site": "same-origin"},
        timeout=30,
    )
    assert sent.status_code == 200 and CODE.search(sent.text), sent.text
    # 2. It lies outside De Vlier: the neighbours are asked, and the decision says why.
    heard = kolk.hears("SignalRouted", is_so=lambda heard: heard.to == "kolk/kolk-entry")
    routed = next(one for one in town.facts().of("SignalRouted") if one.data["contact"] == "kolk/kolk-entry")
    assert (routed.data["rule"], routed.data["agreement_version"]) == ("next-door", 7)
    assert routed.data["trace"]
    # 3. Taken and understood; 6. told by word of mouth, and nothing in writing.
    by = {"contact": "kolk/kolk-entry"}
    kolk.say(f"/v1/signals/{heard.signal}/acknowledgement", {"by": by})
    about = {"by": by, "to": "reporter"}
    kolk.say(f"/v1/signals/{heard.signal}/feedback", {**about, "form": "oral", "outcome": "spoken"})
    facts = town.until(
        lambda facts: any(
            one.envelope.subject == routed.envelope.subject for one in facts.discharged("tell_the_reporter")
        ),
        "that the reporter was told",
    )
    told = [one for one in facts.of("FeedbackGiven") if one.envelope.subject == routed.envelope.subject]
    assert [one.data["form"] for one in told] == ["oral"]
    assert not any(letter for letter in town.letters.letters if "politie" in str(letter["To"]))


def _a_mailbox_that_is_gone_moves_the_ladder_on_at_once(town: Town) -> None:
    """Nobody waits an hour for a worker whom no mail reaches (the bell's word is heard by the watchman)."""
    town.run("directory", "reach", "welzijn/welzijn-worker", "--channels", "secure_mail")
    town.address("welzijn/welzijn-worker", "secure_mail", "dienst@welzijn.example")
    town.letters.gone.add("dienst@welzijn.example")
    town.hears_of_absence("welzijn/welzijn-worker")
    said = town.party("schakel").say(
        "/v1/signals",
        {
            # So many hours until the next would be asked that nothing but the mailbox moves the ladder.
            "urgency": "routine",
            "concern": ["care_avoidance", "unsafe_home"],
            "postcode": "9903",
            "reporter": {"kind": "professional", "party": "schakel"},
            "content": {"what_was_seen": "Meneer Havenweg komt niet meer uit bed."},
        },
    )
    facts = town.until(
        lambda facts: any(one.data["reason"] == "address_refused" for one in facts.of("NoticeFailed")),
        "the refusal",
    )
    failed = next(one for one in facts.of("NoticeFailed") if one.data["reason"] == "address_refused")
    assert failed.data["is_permanent"] and failed.data["to"] == "welzijn/welzijn-worker", said
    facts = town.until(
        lambda facts: any(one.envelope.causationid == failed.envelope.id for one in facts),
        "the next level of "
        + "; ".join(
            f"{one.name} {one.data}"
            for one in town.facts()
            if one.envelope.subject == failed.envelope.subject
        ),
    )
    moved = next(one for one in facts if one.envelope.causationid == failed.envelope.id)
    assert (moved.name, moved.data["cause"]) == ("ObligationEscalated", "unreachable")
