"""When which fault happens: a seeded timeline, so that a run that failed can be played again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, get_args

Fault = Literal["kill", "stop_long", "stop_short", "scale", "broker_pause", "broker_kill"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
BROKER_FAULTS: frozenset[Fault] = frozenset({"broker_pause", "broker_kill"})

KILL_EVERY_S = (2.0, 4.0)
KILLING_S = 20.0
BROKER_PAUSE_S = 20.0
BROKER_DOWN_S = 2.0
#: A broker that comes back finds its clients one after the other.
BROKER_RECOVERS_S = 6.0
#: A stop is long when it outlasts the session timeout by this, short when it stays below it by this.
STOP_MARGIN_S = 5.0
#: Time to settle between two faults, so that each also meets a worker that is well.
REST_S = (2.0, 6.0)
WARM_UP_S = 4.0
KILLS_TOO_SHARE = 0.4
SCALED_TO = (1, 3, 1)

Deed = Literal[
    "kill", "stop", "continue", "scale", "broker_pause", "broker_resume", "broker_kill", "broker_start"
]


class Action(NamedTuple):
    """One thing done at a moment of the block. `pick` in [0, 1) chooses among the workers there are."""

    at_s: float
    deed: Deed
    pick: float = 0.0
    workers: int = 0
    #: `stop` and its `continue` share a tag; `twin`: a successor is started while the stopped one sleeps.
    tag: int = 0
    twin: bool = False
    fault: Fault | None = None


def timeline(  # noqa: PLR0913 - one value each from the command line
    faults: Sequence[Fault],
    *,
    seed: int,
    block: int,
    seconds: float,
    workers: int,
    session_timeout_s: float,
) -> list[Action]:
    """The faults of one block, one after the other, some with workers killed meanwhile; the last may overrun."""
    if not faults:
        return []
    rng = random.Random(f"{seed} faults {block}")
    actions: list[Action] = []
    tags = itertools.count(1)
    at_s = WARM_UP_S
    for fault in _deck(faults, seed, block):
        if at_s >= seconds - WARM_UP_S and actions:
            break
        if fault == "kill":
            ends_s = min(at_s + KILLING_S, max(seconds, at_s + KILL_EVERY_S[1]))
            actions += _kills(rng, at_s, ends_s)
        else:
            episode = list(_episode(fault, rng, at_s, workers, session_timeout_s, next(tags)))
            ends_s = episode[-1].at_s + (BROKER_RECOVERS_S if fault in BROKER_FAULTS else 0.0)
            actions += episode
            if "kill" in faults and rng.random() < KILLS_TOO_SHARE:
                actions += _kills(rng, at_s + 1, ends_s)
        at_s = ends_s + rng.uniform(*REST_S)
    return sorted(actions)


def _deck(faults: Sequence[Fault], seed: int, block: int) -> Iterator[Fault]:
    """Every fault in turn, in an order of the seed; blocks go on where the one before will have stopped."""
    deck = list(faults)
    random.Random(f"{seed} deck").shuffle(deck)
    start = block * 4 % len(deck)
    return itertools.cycle(deck[start:] + deck[:start])


def _kills(rng: random.Random, from_s: float, until_s: float) -> Iterable[Action]:
    at_s = from_s
    while at_s < until_s:
        yield Action(at_s, "kill", rng.random(), fault="kill")
        at_s += rng.uniform(*KILL_EVERY_S)


def _episode(  # noqa: PLR0913
    fault: Fault, rng: random.Random, at_s: float, workers: int, session_timeout_s: float, tag: int
) -> Iterator[Action]:
    match fault:
        case "stop_long":
            twin = rng.random() < 0.5
            yield Action(at_s, "stop", rng.random(), tag=tag, twin=twin, fault=fault)
            yield Action(at_s + session_timeout_s + STOP_MARGIN_S, "continue", tag=tag)
        case "stop_short":
            yield Action(at_s, "stop", rng.random(), tag=tag, fault=fault)
            yield Action(at_s + max(1.0, session_timeout_s - STOP_MARGIN_S), "continue", tag=tag)
        case "scale":
            for step, count in enumerate(SCALED_TO):
                yield Action(at_s, "scale", workers=count, fault=None if step else fault)
                # Static members do not leave: their lanes wait for the session timeout.
                at_s += session_timeout_s + 3.0
            yield Action(at_s, "scale", workers=workers)
        case "broker_pause":
            yield Action(at_s, "broker_pause", fault=fault)
            yield Action(at_s + BROKER_PAUSE_S, "broker_resume")
        case "broker_kill":
            yield Action(at_s, "broker_kill", fault=fault)
            yield Action(at_s + BROKER_DOWN_S, "broker_start")
        case "kill":
            raise ValueError("kills have no episode of their own")
