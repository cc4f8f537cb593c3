"""`seinhuis overdue`: what is late now, the most urgent and longest overdue first."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from services.cli.books import ZONE
from services.cli.main import main
from services.cli.overdue import Late, seen_by, told_lines
from services.cli.owed import Owed, by_urgency
from tests.casework.world import CASE, World, ms
from tests.cli.a_broker_told import clock_at, told_on_a_broker
from tests.cli.stories import OTHER, a_fall_taken_late, three_in_the_morning
from tests.cli.told import owing_of, said, told_of

AT_MS = ms("2026-12-01T03:00")


def an_owed(one: str, priority: str = "stat", due: str = "2026-12-01T02:00", **more: object) -> Owed:
    owed = Owed(
        id=f"casework-0-{one}", name="acknowledge_signal", caseid=f"case-{one}", entity=f"sig-{one}",
        partnership="de-vlier", urgency=priority, priority=priority, owed_by="linde/linde-north",
        due_ms=ms(due), breached_ms=ms(due), asked=("linde/linde-north",),
    )  # fmt: skip
    return owed._replace(**more)  # type: ignore[arg-type]


def late_of(*owed: Owed) -> Late:
    return Late(AT_MS, 9, owed, {"de-vlier": ZONE}, ZONE)


def text_of(late: Late, width: int | None = None) -> list[str]:
    return list(told_lines(late, width))


def test_the_most_urgent_comes_first_and_of_those_the_longest_overdue() -> None:
    given = [
        an_owed("3", "urgent", "2026-11-30T02:00"),
        an_owed("5", "rather", "2026-11-20T02:00"),
        an_owed("2", "stat", "2026-12-01T02:30"),
        an_owed("4", "routine", "2026-11-01T02:00"),
        an_owed("1", "stat", "2026-12-01T02:00"),
    ]
    assert [one.caseid[-1] for one in by_urgency(given)] == ["1", "2", "3", "4", "5"]


def test_only_what_is_late_is_told_and_counted_among_what_is_owed() -> None:
    world = a_fall_taken_late()
    world.run_until("2026-12-01T03:00")
    owing = owing_of(world)
    assert [one.name for one in owing.late(AT_MS)] == ["act_on_signal"]
    assert len(owing) == 3
    assert owing.late(ms("2026-11-30T17:59")) == []


def test_what_is_late_is_a_line_where_it_fits() -> None:
    (heading, empty, columns, line) = text_of(late_of(an_owed("aaaaaaaa", level=2)), 160)
    assert heading == "1 late of 9 owed, on Tue 01 Dec 2026 03:00 CET"
    assert empty == ""
    assert columns.split("  ")[0] == "urgency"
    assert line.split() == [
        *("stat", "1", "h", "Tue", "01", "Dec", "02:00", "acknowledge_signal", "linde/linde-north", "2"),
        *("linde/linde-north", "case-aaaaaaaa"),
    ]  # fmt: skip


def test_in_a_narrow_terminal_it_is_three_lines_that_fit() -> None:
    lines = text_of(late_of(an_owed("aaaaaaaa"), an_owed("bbbbbbbb", "routine")), 80)[2:]
    assert lines[:3] == [
        "stat     acknowledge_signal, 1 h late since Tue 01 Dec 02:00",
        "         owed by linde/linde-north; level 0, linde/linde-north",
        "         case-aaaaaaaa",
    ]
    assert lines[3].startswith("routine  acknowledge_signal")
    assert max(map(len, lines)) <= 80


def test_what_nobody_was_told_of_is_said_in_words() -> None:
    untold = an_owed("aaaaaaaa", breached_ms=None)
    assert text_of(late_of(untold))[1] == "Of 1 of them nobody was told: does casework run?"
    just_now = an_owed("aaaaaaaa", due="2026-12-01T02:59:30", breached_ms=None)
    assert "does casework run?" not in "\n".join(text_of(late_of(just_now)))


def test_where_nothing_is_late_it_says_so() -> None:
    assert text_of(late_of()) == ["Nothing is late of 9 owed, on Tue 01 Dec 2026 03:00 CET"]


@pytest.mark.parametrize(
    ("party", "cases"), [("linde", ["a", "b"]), ("waterkant", ["a"]), ("welzijn", []), ("thuishulp", [])]
)
def test_a_party_is_told_what_is_late_in_what_it_was_asked_for_and_of_nothing_else(
    party: str, cases: list[str]
) -> None:
    world = three_in_the_morning()
    facts = [said(world), said(world, OTHER)]
    late = [one for case in (CASE, OTHER) for one in owing_of(world, case).late(AT_MS)]
    assert [one.caseid[-1] for one in late] == ["a", "b"]
    seen = seen_by(party, late, facts, told_of(world).books, AT_MS)
    assert [one.caseid[-1] for one in seen] == cases


def test_of_two_signals_of_a_case_only_what_is_late_of_its_own_is_told_to_a_party() -> None:
    world = a_fall_taken_late()
    world.report("2026-11-30T14:20", types=["social"], urgency="routine", signal="sig-bbbbbbbbbbbb")
    world.run_until("2026-12-20T03:00")
    late = owing_of(world).late(world.clock_ms)
    assert {one.entity for one in late} == {"sig-aaaaaaaaaaaa", "sig-bbbbbbbbbbbb"}
    seen = seen_by("welzijn", late, [said(world)], told_of(world).books, world.clock_ms)
    assert {one.entity for one in seen} == {"sig-bbbbbbbbbbbb"}


def test_to_a_party_it_is_not_told_how_much_else_is_owed() -> None:
    late = late_of(an_owed("aaaaaaaa"))._replace(owed=None, party="linde")
    assert text_of(late)[0] == "1 late that linde may see, on Tue 01 Dec 2026 03:00 CET"
    nothing = late_of()._replace(owed=None, party="linde")
    assert text_of(nothing) == ["Nothing is late that linde may see, on Tue 01 Dec 2026 03:00 CET"]


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


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["overdue", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.broker
def test_a_program_is_given_what_is_late_in_every_case(
    told_night: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = asked(capsys, "--format", "json")
    told = json.loads(out)
    assert (code, told["owed"], told["at"]) == (0, 5, "2026-12-01T03:00:00+01:00")
    assert [(one["case"], one["obligation"], one["level"], one["late_s"]) for one in told["late"]] == [
        ("case-aaaaaaaaaaaa", "act_on_signal", 3, 9 * 3600.0),
        ("case-bbbbbbbbbbbb", "acknowledge_signal", 2, 14 * 60.0),
    ]
    assert told["late"][0]["due_at"] == "2026-11-30T18:00:00+01:00"


@pytest.mark.broker
def test_times_are_told_by_the_zone_that_is_asked_for(
    told_night: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = asked(capsys, "--zone", "UTC")
    assert code == 0
    assert out.startswith("2 late of 5 owed, on Tue 01 Dec 2026 02:00 UTC\n")
    assert "Mon 30 Nov 17:00" in out


@pytest.mark.broker
def test_only_what_is_late_in_one_partnership_is_told_when_it_is_named(
    told_night: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _, everything, _ = asked(capsys)
    assert asked(capsys, "--partnership", "de-vlier") == (0, everything, "")
    code, out, err = asked(capsys, "--partnership", "de-kolk")
    assert (code, out) == (1, "")
    assert "nothing is known of 'de-kolk'" in err


@pytest.mark.broker
def test_a_party_is_told_what_it_may_see_and_no_more(
    told_night: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = asked(capsys, "--as", "waterkant", "--format", "json")
    told = json.loads(out)
    assert (code, told["party"], told["owed"]) == (0, "waterkant", None)
    assert [one["case"] for one in told["late"]] == ["case-aaaaaaaaaaaa"]
    code, out, _ = asked(capsys, "--as", "welzijn")
    assert (code, out) == (0, "Nothing is late that welzijn may see, on Tue 01 Dec 2026 03:00 CET\n")


@pytest.mark.broker
def test_whoever_names_a_party_wrongly_does_not_read_that_nothing_is_late(
    told_night: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = asked(capsys, "--as", "lindee")
    assert (code, out) == (1, "")
    assert "knows a party 'lindee'" in err
