"""A scene with what it is told with, and how a story calls people and terms."""

from __future__ import annotations

from typing import NamedTuple

from services.agreements.explain.scene import Scene
from services.agreements.explain.voice import Voice
from services.agreements.explain.watch import Watch


class Teller(NamedTuple):
    """A scene, and what it is told with."""

    scene: Scene
    v: Voice
    watch: Watch


def name(ref: str, v: Voice) -> str:
    """A function by its title, from `party/contact`."""
    return v.contact(ref.rpartition("/")[2])


def which_term(n: int, v: Voice) -> str:
    """A term by its number in the story."""
    return v(f"termijn {n}", f"term {n}")
