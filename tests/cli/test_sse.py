"""Server-sent events, as the standard's own examples have them."""

from __future__ import annotations

import pytest

from services.cli.sse import Message, Parser


def read(text: str, last_id: str = "") -> tuple[list[Message], Parser]:
    parser = Parser(last_id)
    found = [message for line in text.split("\n") if (message := parser.feed(line)) is not None]
    return found, parser


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("data: a\ndata: b\n\n", [Message("message", "a\nb", "")]),
        (": words\n\ndata: x\nid: 1\n\ndata:y\nid\n\ndata:  z\n\n", [
            Message("message", "x", "1"), Message("message", "y", ""), Message("message", " z", "")]),
        ("data\n\ndata\ndata\n\ndata:", [Message("message", "", ""), Message("message", "\n", "")]),
        ("event: gap\nid: 4\ndata: {}\n\nid: 7\n\n", [Message("gap", "{}", "4")]),
        ("id: 3\nevent: lost\n\ndata: z\n\n", [Message("message", "z", "3")]),
    ],
)  # fmt: skip
def test_events_are_read_as_the_standard_says(text: str, messages: list[Message]) -> None:
    assert read(text)[0] == messages


def test_an_id_alone_moves_the_place_to_come_back_to() -> None:
    assert read("id: 41\n\n: heartbeat\nid: 42\n\n")[1].last_id == "42"


def test_an_event_that_was_cut_off_moves_nothing() -> None:
    assert read("id: 9\ndata: half", last_id="8")[1].last_id == "8"


def test_retry_is_a_number_or_nothing() -> None:
    assert read("retry: 2000\n\n")[1].retry_ms == 2000
    assert read("retry: soon\n\n")[1].retry_ms is None
