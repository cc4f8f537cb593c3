"""What is told of a contact: once more changes nothing, each change leaves the rest, and what is over is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.directory import Absence, Change, ContactDescribed, Reached, Shift, SilenceReason
from services.agreements import directory_changes as changes
from services.agreements.directory import Window
from services.agreements.directory_book import DirectoryBook, times_of, window_of
from services.agreements.directory_changes import KEPT_MS, STRETCHES_MAX, Refused, nothing_told, told

TEAM, DUTY = "linde/linde-team", "linde/linde-duty"
NOW = 1_000_000
NOBODY = nothing_told(TEAM)


Line = tuple[int, int | None, str | None]


def windows_of(one: ContactDescribed) -> list[Line]:
    """The absences: from, until, why."""
    return [(*window_of(line), line.reason) for line in one.absences]


def away(*lines: Line) -> ContactDescribed:
    found = tuple(Absence(**times_of(Window(begins, until)), reason=why) for begins, until, why in lines)
    return NOBODY.model_copy(update={"absences": found})


LEAVE = (NOW + 100, NOW + 200, "leave")


@pytest.mark.parametrize(
    ("before", "from_ms", "until_ms", "reason", "after"),
    [
        # From now on, and until further notice.
        ([], None, None, None, [(NOW, None, None)]),
        # It is told of the absence that runs when it ends, and why; a planned one stays as it is.
        ([(NOW - 5, None, None), LEAVE], None, NOW + 50, "training", [(NOW - 5, NOW + 50, "training"), LEAVE]),
        ([(NOW - 5, NOW + 9, "course")], None, NOW + 50, None, [(NOW - 5, NOW + 50, "course")]),
        ([(NOW - 5, NOW + 9, "course")], None, None, None, [(NOW - 5, None, "course")]),
        # A planned one stands beside another, in the order of time.
        ([LEAVE], NOW + 10, NOW + 20, "course", [(NOW + 10, NOW + 20, "course"), LEAVE]),
        # The same again, or a part of it, changes nothing; without a reason it is about the time only.
        ([LEAVE], *LEAVE, [LEAVE]),
        ([LEAVE], NOW + 120, NOW + 130, None, [LEAVE]),
        ([LEAVE], NOW + 120, NOW + 130, "course", [LEAVE, (NOW + 120, NOW + 130, "course")]),
        # A longer one takes the place of the shorter.
        ([LEAVE], NOW + 90, NOW + 200, "leave", [(NOW + 90, NOW + 200, "leave")]),
        ([LEAVE], NOW + 90, None, "leave", [(NOW + 90, None, "leave")]),
        # One that ended before is not the one that is meant.
        ([(NOW - 9, NOW, "course")], None, NOW + 5, None, [(NOW - 9, NOW, "course"), (NOW, NOW + 5, None)]),
    ],
)  # fmt: skip
def test_an_absence_is_told(
    before: list[Line], from_ms: int | None, until_ms: int | None, reason: str | None, after: list[Line]
) -> None:
    assert windows_of(changes.absent(away(*before), from_ms, until_ms, reason, NOW)) == after


@pytest.mark.parametrize(
    ("from_ms", "after"),
    [
        (None, [(NOW - 5, NOW, None), LEAVE]),
        (NOW - 50, [(NOW - 5, NOW, None), LEAVE]),
        (NOW + 5, [(NOW - 5, NOW + 5, None), LEAVE]),
        (NOW + 100, [(NOW - 5, NOW + 50, None)]),
        (NOW + 150, [(NOW - 5, NOW + 50, None), (NOW + 100, NOW + 150, "leave")]),
        (NOW + 60, [(NOW - 5, NOW + 50, None), LEAVE]),
    ],
)
def test_back_ends_what_runs_then_and_leaves_what_comes_later(from_ms: int | None, after: list[Line]) -> None:
    assert windows_of(changes.back(away((NOW - 5, NOW + 50, None), LEAVE), from_ms, NOW)) == after


def on_duty(from_ms: int, until_ms: int | None = None, party: str | None = None) -> Shift:
    return Shift(**times_of(Window(from_ms, until_ms)), party=party)


def test_a_rota_takes_the_place_of_the_one_before_in_the_order_of_time() -> None:
    early, late, brief = on_duty(NOW, NOW + 9), on_duty(NOW + 50, None, "duin"), on_duty(NOW, NOW + 1)
    first = changes.rota(NOBODY, [late, early, early], NOW)
    assert first.rota == (early, late)
    assert changes.rota(first, [brief], NOW).rota == (brief,)
    assert changes.rota(first, [late], NOW + 9).rota == (early, late), "last night's shift was what it was"
    assert changes.rota(first, None, NOW).rota is None


def test_reach_is_told_over_what_was_told_before() -> None:
    first = changes.reach(NOBODY, Window(NOW, NOW + 50), ("phone", "phone"), None, NOW)
    then = changes.reach(first, Window(NOW + 10, NOW + 20), (), None, NOW)
    directory = DirectoryBook([then]).directory
    assert [directory.channels(TEAM, NOW + ms, ("email",)) for ms in (0, 10, 20, 50)] == [
        ("phone",),
        (),
        ("phone",),
        ("email",),
    ]
    assert changes.reach(then, Window(NOW, None), ("email",), "address:abcd", NOW).reach == (
        Reached(**times_of(Window(NOW, None)), channels=("email",), address_ref="address:abcd"),
    ), "what it covers counts no more"
    signed = changes.as_signed(then, NOW + 15, NOW)
    assert [window_of(line) for line in signed.reach] == [Window(NOW, NOW + 15), Window(NOW + 10, NOW + 15)]
    assert changes.as_signed(then, None, NOW).reach == ()


def test_a_successor_may_be_told_ahead_and_taken_back() -> None:
    ended = changes.succeeded(NOBODY, DUTY, NOW + 5, NOW)
    directory = DirectoryBook([ended]).directory
    assert [directory.meant(TEAM, NOW + ms) for ms in (4, 5)] == [TEAM, DUTY]
    assert changes.stays(ended).succeeded is None


OVER: list[Callable[[], object]] = [
    lambda: changes.absent(NOBODY, NOW - 9, NOW, None, NOW),
    lambda: changes.absent(NOBODY, None, NOW - 1, None, NOW),
    lambda: changes.rota(NOBODY, [on_duty(NOW, NOW + 9), on_duty(NOW - 9, NOW - 1)], NOW),
    lambda: changes.reach(NOBODY, Window(NOW - 9, NOW), ("phone",), None, NOW),
    lambda: changes.succeeded(NOBODY, DUTY, NOW - 1, NOW),
    lambda: changes.imported(away((NOW - 9, NOW, None)), NOBODY, NOW),
]


@pytest.mark.parametrize("change", OVER, ids=["absent", "ended", "rota", "reach", "succeeded", "imported"])
def test_what_is_over_is_refused(change: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        change()
    assert refused.value.code == "over"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: changes.absent(NOBODY, NOW + 9, NOW + 5, None, NOW), "ends_before_it_begins"),
        (lambda: changes.succeeded(NOBODY, TEAM, None, NOW), "succeeds_itself"),
        (
            lambda: told(
                NOBODY,
                changes.rota(NOBODY, [on_duty(NOW + n) for n in range(STRETCHES_MAX + 1)], NOW),
                NOW,
            ),
            "too_many",
        ),
    ],
    ids=["backwards", "itself", "many"],
)
def test_what_cannot_be_is_refused(change: Callable[[], object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        change()
    assert refused.value.code == code


def test_what_is_told_counts_up_and_says_what_it_is_about() -> None:
    first = told(NOBODY, changes.confirmed(NOBODY, NOW), NOW)
    assert first is not None and (first.revision, first.because) == (1, Change.CONFIRMED)
    second = told(first, changes.absent(first, None, None, None, NOW), NOW)
    assert second is not None and (second.revision, second.because) == (2, Change.ABSENT)
    assert second.confirmed_at == first.confirmed_at, "the rest stays as it was"
    assert told(second, changes.absent(second, None, None, None, NOW + 5), NOW + 5) is None


def test_what_is_long_over_is_left_out_when_something_is_told() -> None:
    before = away((NOW, NOW + 1, "long_over"), (NOW, NOW + 2, "just_kept"))
    at_ms = NOW + 2 + KEPT_MS - 1
    after = told(before, changes.confirmed(before, at_ms), at_ms)
    assert after is not None and [line.reason for line in after.absences] == ["just_kept"]


def test_a_file_takes_the_place_part_by_part_and_twice_is_once() -> None:
    before = changes.rota(away(LEAVE), [on_duty(NOW, NOW + 9)], NOW)
    said = away((NOW - 9, NOW - 1, "is_over"), (NOW + 5, NOW + 9, "course"))
    after = changes.imported(said, before, NOW)
    assert windows_of(after) == [(NOW + 5, NOW + 9, "course")]
    assert after.rota == before.rota, "the file says nothing of it"
    assert told(after, changes.imported(said, after, NOW), NOW) is None
    later = NOW + 9
    renewed = said.model_copy(update={"rota": (on_duty(NOW),)})
    kept = changes.imported(renewed, after, later)
    assert windows_of(kept) == [(NOW + 5, NOW + 9, "course")], "what was told is not forgotten for being over"


TIMES = st.integers(NOW - 50, NOW + 100)
UNTIL = st.none() | TIMES
CHANGES = st.one_of(
    st.builds(lambda a, b, why: partial(changes.absent, from_ms=a, until_ms=b, reason=why),
              st.none() | TIMES, UNTIL, st.sampled_from([None, "leave", "course"])),
    st.builds(lambda a: partial(changes.back, from_ms=a), st.none() | TIMES),
    st.builds(lambda them: partial(changes.rota, shifts=them),
              st.none() | st.lists(st.builds(on_duty, TIMES, UNTIL, st.sampled_from([None, "duin"])), max_size=3)),
    st.builds(lambda a, b, by: partial(changes.reach, window=Window(a, b), channels=by, address_ref=None),
              TIMES, UNTIL, st.sampled_from([(), ("phone",), ("email", "phone")])),
    st.builds(lambda a: partial(changes.as_signed, from_ms=a), st.none() | TIMES),
    st.builds(lambda a: partial(changes.succeeded, by=DUTY, from_ms=a), st.none() | TIMES),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(CHANGES, max_size=8))
def test_any_change_told_twice_is_told_once_and_every_state_can_be_read_back(
    them: list[Callable[..., ContactDescribed]],
) -> None:
    state = NOBODY
    for now_ms, change in enumerate(them, NOW):
        try:
            after = told(state, change(state, now_ms=now_ms), now_ms)
        except Refused:
            continue
        if after is None:
            continue
        assert after.revision == state.revision + 1
        assert told(after, change(after, now_ms=now_ms), now_ms) is None
        book = DirectoryBook()
        assert book.take(TEAM.encode(), after.model_dump_json(exclude_none=True).encode()) is None
        assert book.described(TEAM) == after
        state = after


def test_silence_that_is_told_twice_is_told_once_and_a_wider_one_takes_its_place() -> None:
    once = changes.silenced(NOBODY, Window(NOW, NOW + 50), SilenceReason.MAINTENANCE, NOW)
    assert changes.silenced(once, Window(NOW, NOW + 50), SilenceReason.MAINTENANCE, NOW) == once
    wider = changes.silenced(once, Window(NOW, NOW + 90), SilenceReason.SILENCE, NOW)
    assert [window_of(one) for one in wider.silences] == [Window(NOW, NOW + 90)]


def test_silence_that_is_over_is_over_and_a_later_one_stays() -> None:
    runs = changes.silenced(NOBODY, Window(NOW - 5, None), SilenceReason.SILENCE, NOW)
    both = changes.silenced(runs, Window(NOW + 500, NOW + 600), SilenceReason.MAINTENANCE, NOW)
    ended = changes.heard_again(both, NOW + 10)
    assert [window_of(one) for one in ended.silences] == [
        Window(NOW - 5, NOW + 10),
        Window(NOW + 500, NOW + 600),
    ]


def test_silence_that_has_no_time_is_refused() -> None:
    with pytest.raises(Refused):
        changes.silenced(NOBODY, Window(NOW + 9, NOW + 9), SilenceReason.SILENCE, NOW)


def test_silence_that_ends_last_is_the_one_that_holds() -> None:
    short = changes.silenced(NOBODY, Window(NOW, NOW + 50), SilenceReason.MAINTENANCE, NOW)
    both = changes.silenced(short, Window(NOW + 10, NOW + 90), SilenceReason.SILENCE, NOW)
    directory = DirectoryBook([both]).directory
    silence = directory.silence(TEAM, NOW + 20)
    assert silence is not None and silence.window.until_ms == NOW + 90
    assert directory.silence(DUTY, NOW + 20) is None
