"""A function that ends gives what it has in hand to its successor: each open signal once, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.registry import TYPES
from schemas.signals import ReassignSignal, WithdrawSignal
from services.cli.broker import Embedded
from services.cli.directory.describing import Broker
from services.cli.directory.handing_over import OpenSignals, hand_over
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.send import Outgoing, Sender
from tests.casework.world import WATERKANT, World
from topics.catalogue import CATALOGUE, SIGNALS_COMMANDS, SIGNALS_EVENTS, topic_of

TEAM, DUTY, DESK = "linde/linde-team", "linde/linde-duty", "welzijn/welzijn-desk"


def a_world() -> World:
    """Six signals of the team: asked for, taken, waiting, taken by its deputy, given away, withdrawn."""
    world = World(WATERKANT, at="2026-11-23T09:00")
    for name in ("asked", "taken", "waiting", "deputy", "given", "mistaken"):
        world.report(types=["nursing"], urgency="urgent", case=f"case-{name:a<12}", signal=f"sig-{name:a<12}")
    world.acknowledge(TEAM, case="case-takenaaaaaaa", signal="sig-takenaaaaaaa")
    world.run_until("2026-11-23T11:30")
    world.acknowledge(DUTY, case="case-deputyaaaaaa", signal="sig-deputyaaaaaa")
    world.ask(
        ReassignSignal, None, by={"contact": TEAM}, to=DESK, reason="no_capacity",
        case="case-givenaaaaaaa", signal="sig-givenaaaaaaa",
    )  # fmt: skip
    world.ask(
        WithdrawSignal, None, reporter={"kind": "neighbour"}, reason="mistaken",
        case="case-mistakenaaaa", signal="sig-mistakenaaaa",
    )  # fmt: skip
    return world


def in_hand(world: World, contact: str, *, is_turned: bool = False) -> list[str]:
    signals = OpenSignals()
    for fact in reversed(world.facts) if is_turned else world.facts:
        signals.hear(fact.envelope, TYPES[fact.envelope.type].model_validate(fact.data))
    return [last.subject for last in signals.in_hand_of(contact)]


@pytest.mark.parametrize("is_turned", [False, True], ids=["in_order", "out_of_order"])
def test_a_function_has_in_hand_what_it_took_and_what_nobody_took(is_turned: bool) -> None:
    world = a_world()
    had = ["sig-askedaaaaaaa", "sig-takenaaaaaaa", "sig-waitingaaaaa"]
    assert in_hand(world, TEAM, is_turned=is_turned) == had
    assert in_hand(world, DUTY, is_turned=is_turned) == ["sig-deputyaaaaaa"]
    assert in_hand(world, DESK, is_turned=is_turned) == ["sig-givenaaaaaaa"]


@pytest.mark.broker
async def test_its_open_signals_are_given_to_the_successor_once(tmp_path: Path) -> None:
    world = a_world()
    with Embedded(log=tmp_path / "broker.log") as node:
        await make(node.bootstrap, CATALOGUE)
        broker = Broker(node.bootstrap, is_transactional=False)

        async def put_facts(since: int) -> None:
            async with Sender(node.bootstrap) as sender:
                for fact in world.facts[since:]:
                    model = TYPES[fact.envelope.type]
                    if topic_of(model) is SIGNALS_EVENTS:
                        key, value = (
                            fact.envelope.caseid.encode(),
                            model.model_validate(fact.data).model_dump_json(),
                        )
                        await sender.put(
                            Outgoing(SIGNALS_EVENTS.name, key, value.encode(), fact.envelope.headers())
                        )

        async def commands() -> list[Record]:
            batches = follow(node.bootstrap, [SIGNALS_COMMANDS.name], until_end=True)
            return [record async for batch in batches for record in batch]

        await put_facts(0)
        assert await hand_over(broker, TEAM, DESK, world.clock_ms) == 3
        assert await hand_over(broker, TEAM, DESK, world.clock_ms) == 3
        told = len(world.facts)
        for record in await commands():
            world.take(record)
        assert world.passed_over["repeated_command"] == 3, "said twice before it was decided is once"
        given = [fact for fact in world.facts[told:] if fact.name == "SignalReassigned"]
        assert [(fact.data["to"], fact.data["reason"]) for fact in given] == [(DESK, "end_of_duty")] * 3
        assert not world.named("CommandRefused") and not world.dead
        assert in_hand(world, TEAM) == []
        await put_facts(told)
        assert await hand_over(broker, TEAM, DESK, world.clock_ms) == 0
