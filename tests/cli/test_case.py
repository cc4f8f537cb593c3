"""`seinhuis case`: what happened to a case, as a person on duty reads it in a terminal, and a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.signals import RecordGround, WithdrawGround, WithdrawSignal
from services.agreements.book import AgreementBook
from services.agreements.directory import AS_SIGNED, Directory, Window
from services.cli.case import Told, told_lines
from services.cli.forecast import Books
from services.cli.main import main
from services.cli.processes import HOST, free_port
from services.cli.timeline import SignalNow
from tests.casework.test_life_story import TEAM, a_world
from tests.casework.world import CASE, World
from tests.cli.a_broker_told import clock_at, told_on_a_broker
from tests.cli.stories import OTHER, a_fall_taken_late, three_in_the_morning
from tests.cli.told import told_of

SECOND = "sig-bbbbbbbbbbbb"


def seen_signals(world: World, party: str) -> tuple[SignalNow, ...]:
    told = told_of(world).seen_by(party)
    return () if told is None else told.case.signals


def text_of(world: World, width: int | None = None, directory: Directory | None = None) -> str:
    told = told_of(world) if directory is None else told_of(world, directory)
    return "\n".join(told_lines(told, width))


def test_a_case_is_told_from_its_report_to_what_is_owed_now() -> None:
    world = a_fall_taken_late()
    world.run_until("2026-11-30T18:20")
    text = text_of(world).splitlines()
    assert text[0] == "case-aaaaaaaaaaaa of de-vlier, as it stands on Mon 30 Nov 2026 18:20 CET"
    assert text[2:4] == [
        "  linde/linde-evening answers for the case since 13:35",
        "  GP practice: praktijk-lok",
    ]
    assert text[4] == (
        "  sig-aaaaaaaaaaaa  acute; understood, and nothing is decided yet; linde/linde-evening has it since 13:35"
    )
    assert text[6:10] == [
        "Mon 30 Nov 2026",
        "  11:20:00  reported by domestic help: nursing, fall",
        "            asked linde/linde-north by rule care-at-home (agreement v7)",
        "            acknowledge_signal: linde/linde-north owes an answer by 13:20",
    ]
    assert "! 13:20:00  acknowledge_signal: missed by linde/linde-north, was due 13:20" in text
    assert "x 14:05:00  refused GiveFeedback: text too long" in text
    assert text[text.index("Owed now") + 1 :][:2] == [
        "  act_on_signal: linde/linde-evening owes it since 14:00, due 18:00, 20 min late",
        "    level 2: schakel/coordination-point was asked at 18:15"
        "; next is level 3, waterkant/regional-duty, at 18:30",
    ]


def test_whoever_is_away_when_the_next_is_asked_is_named_as_passed_over() -> None:
    world = a_fall_taken_late()
    away = Directory(absences={"linde/linde-deputy": (Window(0, None),)})
    assert (
        "next is level 2, schakel/coordination-point, at 18:00; passed over level 1, deputy (absent)"
        in text_of(world, directory=away)
    )


def test_when_nobody_watches_the_clock_it_is_said() -> None:
    world = a_fall_taken_late()
    world.sleep_until("2026-11-30T19:00")
    text = text_of(world)
    assert "due 18:00, 1 h late, and nobody was told: does casework run?" in text
    assert "at 18:00, which has passed and nobody was told: does casework run?" in text
    assert text.count("does casework run?") == 2


def test_before_anybody_took_it_the_coordination_point_answers_for_it() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent")
    assert (
        "  schakel/coordination-point answers for the case, for nobody has taken it yet\n"
        "  sig-aaaaaaaaaaaa  urgent; nobody has taken it yet; of 1 asked the last is linde/linde-north\n"
    ) in text_of(world)


@pytest.mark.parametrize(
    ("said", "stands"), [({"client_informed": False}, True), ({"client_informed": True}, False), ({}, False)]
)
def test_that_the_client_does_not_know_yet_stays_to_be_seen(said: dict[str, Any], stands: bool) -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent", **said)
    world.acknowledge(TEAM, "2026-11-30T11:25")
    flag = "; client not yet informed" if stands else ""
    text = text_of(world).splitlines()
    assert (
        f"  sig-aaaaaaaaaaaa  urgent; taken, and not understood yet; {TEAM} has it since 11:25{flag}" in text
    )
    assert f"  11:20:00  reported by neighbour: nursing{flag}" in text


def test_signals_of_one_case_are_told_apart_by_a_number() -> None:
    world = a_fall_taken_late()
    world.report("2026-11-30T14:20", types=["social"], urgency="routine", signal="sig-bbbbbbbbbbbb")
    world.acknowledge(TEAM, "2026-11-30T14:21", signal="sig-cccccccccccc")
    text = text_of(world).splitlines()
    assert text[4].startswith("  [1] sig-aaaaaaaaaaaa  acute; understood")
    assert text[5].startswith("  [2] sig-bbbbbbbbbbbb  routine; nobody has taken it yet")
    assert text[6] == "  [3] sig-cccccccccccc  nothing came of what was asked about it"
    assert "  14:20:00  [2] reported by neighbour: social" in text
    assert "x 14:21:00  [3] refused AcknowledgeSignal: unknown entity" in text
    assert any(line.startswith("  [2] acknowledge_signal: ") for line in text[text.index("Owed now") :])


def test_a_party_is_told_of_the_signals_it_was_asked_for_and_of_no_others() -> None:
    world = a_fall_taken_late()
    world.report("2026-11-30T14:20", types=["social"], urgency="routine", signal="sig-bbbbbbbbbbbb")
    told = told_of(world).seen_by("welzijn")
    assert told is not None
    text = "\n".join(told_lines(told, None))
    assert "sig-bbbbbbbbbbbb" in text and "reported by neighbour: social" in text
    assert "sig-aaaaaaaaaaaa" not in text and "fall" not in text and "tell_the_gp" not in text
    assert "linde/linde-evening answers for the case" in text


def test_with_a_ground_recorded_a_signal_is_seen_with_the_others_of_its_case_until_it_is_withdrawn() -> None:
    world = a_fall_taken_late()
    world.report("2026-11-30T14:20", types=["social"], urgency="routine", signal=SECOND)
    ground = {"ground": "consent", "purpose": "guide_to_care"}
    world.say(RecordGround, "welzijn/welzijn-worker", "2026-11-30T14:25", signal=SECOND, **ground)
    told = told_of(world).seen_by("linde")
    assert told is not None
    text = "\n".join(told_lines(told, None))
    assert "[2] reported by neighbour: social" in text
    assert (
        "[2] welzijn/welzijn-worker records why the circle may see it: consent, purpose guide to care" in text
    )
    assert [one.grounds for one in told.case.signals] == [frozenset(), {("consent", "guide_to_care")}]
    assert [one.id for one in seen_signals(world, "welzijn")] == [SECOND], (
        "its own was opened, and not the other"
    )
    assert told_of(world).seen_by("politie") is None and told_of(world).seen_by("thuishulp") is None
    world.say(WithdrawGround, "welzijn/welzijn-manager", "2026-11-30T14:30", signal=SECOND, **ground)
    assert SECOND not in [one.id for one in seen_signals(world, "linde")]


def test_a_signal_that_was_taken_back_is_seen_with_no_other_whatever_was_recorded_of_it() -> None:
    world = a_fall_taken_late()
    reporter = {"kind": "professional", "party": "woonstee"}
    world.report("2026-11-30T14:20", types=["social"], urgency="routine", signal=SECOND, reporter=reporter)
    ground = {"ground": "consent", "purpose": "guide_to_care"}
    world.say(RecordGround, "welzijn/welzijn-worker", "2026-11-30T14:25", signal=SECOND, **ground)
    assert SECOND in [one.id for one in seen_signals(world, "linde")]
    world.ask(WithdrawSignal, "2026-11-30T14:30", signal=SECOND, reporter=reporter, reason="mistaken")
    assert SECOND not in [one.id for one in seen_signals(world, "linde")]


def test_to_who_is_outside_the_circle_there_is_no_case() -> None:
    world = a_fall_taken_late()
    assert told_of(world).seen_by("politie") is None
    assert told_of(world).seen_by("thuishulp") is None, "who reported it is not in the circle"


def test_where_nothing_is_owed_it_says_so() -> None:
    world = a_world("2026-11-30T11:20")
    world.acknowledge(TEAM)
    assert text_of(world).endswith("Nothing is owed now")


def test_without_its_agreement_a_case_is_told_with_what_the_facts_say() -> None:
    world = a_fall_taken_late()
    world.run_until("2026-11-30T18:20")
    case, zone, _ = told_of(world)
    text = "\n".join(told_lines(Told(case, zone, Books(AgreementBook(), AS_SIGNED)), None))
    assert "    level 2: schakel/coordination-point was asked at 18:15; next at 18:30\n" in text
    assert "answers for it" not in text


@pytest.mark.parametrize("width", [60, 80, 160])
def test_a_case_fits_the_terminal_and_says_the_same(width: int) -> None:
    world = three_in_the_morning()
    wrapped = text_of(world, width)
    assert max(map(len, wrapped.splitlines())) <= width
    assert wrapped.split() == text_of(world).split()


def test_a_moment_is_not_parted_over_two_lines() -> None:
    for line in text_of(three_in_the_morning(), 80).splitlines():
        assert not line.rstrip().endswith((" Nov", " Dec", " 30", " 01", " Mon", " Tue"))


def test_it_is_told_by_the_zone_that_is_asked_for() -> None:
    case, _, books = told_of(a_fall_taken_late())
    text = list(told_lines(Told(case, ZoneInfo("UTC"), books), None))
    assert text[0].endswith("as it stands on Mon 30 Nov 2026 13:10 UTC")
    assert "  10:20:00  reported by domestic help: nursing, fall" in text


# -- on a broker -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, World]]:
    world = three_in_the_morning()
    with told_on_a_broker(world, tmp_path_factory.mktemp("night")) as bootstrap:
        yield bootstrap, world


@pytest.fixture
def told_night(night: tuple[str, World], monkeypatch: pytest.MonkeyPatch) -> World:
    bootstrap, world = night
    monkeypatch.setenv("SEINHUIS_KAFKA", bootstrap)
    monkeypatch.setenv("SEINHUIS_CLOCK", clock_at(world))
    return world


@pytest.mark.broker
def test_a_case_is_read_from_its_topics(told_night: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", CASE]) == 0
    told = capsys.readouterr()
    assert told.out == text_of(told_night) + "\n"
    assert "passed over" not in told.err


@pytest.mark.broker
def test_a_program_is_given_every_fact_and_what_is_owed(
    told_night: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", OTHER, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    facts = [fact for fact in told_night.facts if fact.envelope.caseid == OTHER]
    assert [one["fact"] for one in told["facts"]] == [fact.name for fact in facts]
    assert [one["id"] for one in told["facts"]] == [fact.envelope.id for fact in facts]
    assert (told["case"], told["partnership"], told["zone"]) == (OTHER, "de-vlier", "Europe/Amsterdam")
    assert told["at"] == "2026-12-01T03:00:00+01:00"
    assert told["facts"][0]["says"] == "reported by neighbour: nursing, confusion"
    late = told["owed"][0]
    assert (late["obligation"], late["state"], late["late_s"], late["level"]) == (
        "acknowledge_signal",
        "late",
        14 * 60.0,
        2,
    )
    assert late["next"] == {
        "at": "2026-12-01T03:10:00+01:00",
        "level": 3,
        "to": "waterkant/regional-duty",
        "passed_over": [],
    }


@pytest.mark.broker
def test_of_an_unknown_case_nothing_is_known(told_night: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "case-nobody-knows"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "nothing is known of case-nobody-knows" in told.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["case", "short"], "'short' is no case"),
        (["case", CASE, "--zone", "Europe/Atlantis"], "write one like Europe/Amsterdam"),
    ],
)
def test_what_cannot_be_asked_is_wrong_use(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("command", [["case", CASE], ["overdue"]])
def test_without_a_broker_it_is_exit_code_3(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    nobody = f"{HOST}:{free_port()}"
    assert main([*command, "--kafka", nobody]) == 3
    assert capsys.readouterr().err.startswith(f"seinhuis: no broker answered at {nobody}")


@pytest.mark.parametrize("command", ["case", "overdue"])
def test_help_says_who_may_see_it_and_what_it_shows(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "For operators: whoever may read the topics may see it." in told
    assert "functions, codes and references" in told
    assert "Exit codes: 0" in told
