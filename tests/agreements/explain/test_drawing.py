"""A ladder as a drawing: no text runs over its box, whatever the partners call their functions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.agreements.explain.drawing import WIDTH, drawn, measured, wrapped
from services.agreements.explain.page import Ladder, Step

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=120)
STEPS = st.builds(Step, NAMES, NAMES, NAMES, st.booleans())


@given(st.lists(STEPS, min_size=1, max_size=9))
def test_every_line_stays_within_its_box_and_boxes_do_not_touch(steps: list[Step]) -> None:
    found = drawn(Ladder("a", "A", tuple(steps)))
    assert len(found.boxes) == len(steps)
    for before, after in zip(found.boxes, found.boxes[1:], strict=False):
        assert before.y + before.height < after.y
    for box in found.boxes:
        assert box.x + box.width <= WIDTH
        assert box.y + box.height <= found.height
    for text in found.texts:
        inside = [box for box in found.boxes if box.y < text.y < box.y + box.height]
        assert len(inside) == 1
        assert text.x + measured(text.text) <= inside[0].x + inside[0].width


def signs(text: str) -> str:
    """Without spaces, and without the hyphens at which words may be cut."""
    return "".join(text.replace("-", "").split())


@given(NAMES)
def test_wrapping_loses_no_word(text: str) -> None:
    assert signs("".join(wrapped(text, 200))) == signs(text)


def test_a_word_that_is_too_long_is_cut() -> None:
    lines = wrapped("eerstelijnssamenwerkingsverbandscoördinatiepunt", 100)
    assert len(lines) > 1
    assert all(measured(line) <= 100 for line in lines)


def test_a_level_that_is_passed_over_looks_otherwise() -> None:
    steps = (Step("a", "b", "", True), Step("a", "b"), Step("a", "b"))
    assert [box.looks for box in drawn(Ladder("a", "A", steps)).boxes] == ["over", "rung", "last"]
