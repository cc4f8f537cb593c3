"""Three thousand records of an inbox, most of them malformed: the first of `python -m tests.gateway.inbox_fuzz`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas.gateway import DoorRefusal
from services.cli.broker import Embedded
from services.gateway.asked import Turned
from services.runtime.admin import make
from tests.gateway import inbox_fuzz
from tests.gateway.test_inboxes import allow, reads
from topics.catalogue import of_party

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("quiet")]


@pytest.fixture
def broker() -> Iterator[str]:
    """A broker of this test alone: the end of a topic that it shares may be short, and another's records counted."""
    with Embedded() as node:
        yield node.bootstrap


async def test_malformed_records_of_an_inbox_are_refused_and_take_no_good_one_with_them(
    broker: str, postgres: str
) -> None:
    found = await inbox_fuzz.played(broker, postgres, 3_000, seed=1)
    assert found.wrong == []
    assert found.good == 200
    assert found.became["refused"] > 1_000
    assert found.became["unread"] > 300


async def test_fuzz_of_an_inbox_itself_sees_a_loss(broker: str, postgres: str) -> None:
    await make(broker, of_party(inbox_fuzz.PARTY))
    async with reads(broker, postgres, **inbox_fuzz.settings()) as reading:
        await allow(reading, inbox_fuzz.PARTY)
        reading.intake.answers = lambda asked: (
            Turned(asked.event_id, DoorRefusal.CONTENT_NOT_ALLOWED, "data")
            if asked.event_id == "good-15"
            else None
        )
        found = await inbox_fuzz.run(reading, 60, seed=2)
    assert found.wrong == ["good-15 was lost"]
