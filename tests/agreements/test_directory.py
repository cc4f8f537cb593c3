"""What the directory says of a moment: who is away, who is on duty, how somebody is reached."""

from __future__ import annotations

import pytest

from services.agreements.directory import AS_SIGNED, Directory, Reach, Successor, Window

WHO, OTHER = "linde/linde-team", "linde/linde-duty"
SIGNED = ("webhook", "phone")


@pytest.mark.parametrize(
    ("window", "at_ms", "holds"),
    [
        (Window(10, 20), 9, False),
        (Window(10, 20), 10, True),
        (Window(10, 20), 19, True),
        (Window(10, 20), 20, False),
        (Window(10, None), 10**15, True),
        (Window(10, 10), 10, False),
    ],
)
def test_a_window_holds_its_beginning_and_not_its_end(window: Window, at_ms: int, holds: bool) -> None:
    assert window.holds(at_ms) == holds
    assert Directory(absences={WHO: (window,)}).is_absent(WHO, at_ms) == holds


def test_an_absence_is_one_contact_s_own() -> None:
    away = Directory(absences={WHO: (Window(0, 10), Window(20, 30))})
    assert [away.is_absent(WHO, at_ms) for at_ms in (5, 15, 25)] == [True, False, True]
    assert not away.is_absent(OTHER, 5)


def test_a_rota_staffs_within_its_windows_and_no_rota_staffs_always() -> None:
    directory = Directory(rotas={WHO: (Window(0, 10), Window(10, 20))})
    assert [directory.is_staffed(WHO, at_ms) for at_ms in (5, 10, 20)] == [True, True, False]
    assert directory.is_staffed(OTHER, 5)
    assert not Directory(rotas={WHO: ()}).is_staffed(WHO, 5)


def test_what_was_told_last_of_the_reach_holds_and_then_what_was_signed() -> None:
    told = Directory(reach={WHO: (Reach(Window(0, 30), ("email",)), Reach(Window(10, 20), ()))})
    assert [told.channels(WHO, at_ms, SIGNED) for at_ms in (5, 15, 25, 30)] == [
        ("email",),
        (),
        ("email",),
        SIGNED,
    ]
    assert told.channels(OTHER, 15, SIGNED) == SIGNED


def test_a_function_that_ended_means_its_successor_and_the_successor_of_that_one() -> None:
    directory = Directory(successors={WHO: Successor(10, OTHER), OTHER: Successor(20, "kade/kade-nurse")})
    assert [directory.meant(WHO, at_ms) for at_ms in (9, 10, 20)] == [WHO, OTHER, "kade/kade-nurse"]
    assert directory.meant("kade/kade-nurse", 20) == "kade/kade-nurse"


def test_functions_that_succeed_each_other_in_a_circle_are_meant_by_their_own_names() -> None:
    circle = {
        WHO: Successor(0, OTHER),
        OTHER: Successor(0, "kade/kade-nurse"),
        "kade/kade-nurse": Successor(5, WHO),
    }
    directory = Directory(successors=circle)
    assert directory.meant(WHO, 4) == "kade/kade-nurse"
    assert {ref: directory.meant(ref, 5) for ref in circle} == {ref: ref for ref in circle}
    beside = Directory(
        successors={"duin/duin-nurse": Successor(0, WHO), WHO: Successor(0, OTHER), OTHER: Successor(0, WHO)}
    )
    assert beside.meant("duin/duin-nurse", 5) == "duin/duin-nurse"


def test_an_empty_directory_leaves_all_as_signed() -> None:
    assert not AS_SIGNED.is_absent(WHO, 0)
    assert AS_SIGNED.is_staffed(WHO, 0)
    assert AS_SIGNED.channels(WHO, 0, SIGNED) == SIGNED
    assert AS_SIGNED.meant(WHO, 0) == WHO
