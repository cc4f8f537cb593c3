"""A day as partners say it: read, and each party's own names for its signals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.cli.said_day import Names, Unsaid, read_day, sources_of
from services.deliveries.alias import signal_alias
from tests.casework.make_day import OIN, said_lines
from tests.casework.world import EXAMPLES

KEY = "a key of aliases for tests only"
DAY = (EXAMPLES / "day-said.jsonl").read_bytes().splitlines()


def a_line(**changed: Any) -> bytes:
    return json.dumps({**json.loads(DAY[0]), **changed}).encode()


def test_the_file_is_what_its_maker_writes() -> None:
    assert said_lines() == DAY


def test_a_day_is_read_in_order_of_time_and_says_who_speaks() -> None:
    day = read_day(reversed(DAY), "schakel")
    assert [one.at_ms for one in day] == sorted(one.at_ms for one in day)
    assert {one.party for one in day} <= set(OIN)
    assert all("said" not in one.event for one in day)


def test_what_no_partner_says_comes_in_by_the_desk() -> None:
    assert sources_of(read_day(DAY, "schakel"))["schakel"] == [
        f"urn:nld:oin:{OIN['']:020d}:systeem:meldpunt",
        f"urn:nld:oin:{OIN['schakel']:020d}:systeem:schakel",
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"no json",
        a_line(said=None),
        a_line(said="2026-11-23T07:05:00"),
        a_line(source=7),
        a_line(data=[]),
    ],
)
def test_a_line_that_is_no_event_is_named_by_its_number(line: bytes) -> None:
    with pytest.raises(Unsaid, match=r"^2 cannot be said: "):
        read_day([DAY[0], line], "schakel")


def test_a_party_calls_a_signal_by_the_name_it_was_told() -> None:
    names = Names(KEY, ["linde", "schakel"])
    names.told("melding-a1", signal_alias(KEY.encode(), "schakel", "sig-12345678"))
    assert names.of("melding-a1", "linde") is None
    names.hear("sig-12345678")
    assert names.of("melding-a1", "linde") == signal_alias(KEY.encode(), "linde", "sig-12345678")
    assert names.of("melding-b2", "linde") is None
