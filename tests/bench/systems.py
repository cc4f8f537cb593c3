"""The systems that carry the job, and how each is started."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.watch import ROOT

_QUIX = ROOT / ".run" / "bench" / "quix"
_QUIX_PINS = Path(__file__).parent / "quix.txt"


def quix_python() -> str:
    """The interpreter of Quix Streams' own environment, made at its first use: its pins are not ours."""
    python = _QUIX / "bin" / "python"
    made_of = _QUIX / _QUIX_PINS.name
    if not made_of.exists() or made_of.read_bytes() != _QUIX_PINS.read_bytes():
        venv.create(_QUIX, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", _QUIX_PINS], check=True)
        made_of.write_bytes(_QUIX_PINS.read_bytes())
    return str(python)


def _ours() -> list[str]:
    return [sys.executable, "-m", "services.work", "tests.bench.job:JOB"]


def _module(name: str, *arguments: str) -> Callable[[], list[str]]:
    return lambda: [sys.executable, "-m", f"tests.bench.peers.{name}", *arguments]


def _quix(guarantee: str) -> Callable[[], list[str]]:
    return lambda: [quix_python(), "-m", "tests.bench.peers.quix", guarantee]


@dataclass(frozen=True)
class System:
    """A way to carry the job; a lost or doubled fact is a fault where it is ours."""

    name: str
    command: Callable[[], list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    is_ours: bool = False
    #: Stock Faust carries a tenth of the others' load, or a run would take minutes.
    takes_few: bool = False


SYSTEMS: tuple[System, ...] = (
    System(
        "stock_faust",
        _module("stock_faust", "-L", "uvloop", "worker", "-l", "warn", "--without-web"),
        takes_few=True,
    ),
    System("aiokafka_loop", _module("aiokafka_loop")),
    System("quix_at_least_once", _quix("at-least-once")),
    System("quix_exactly_once", _quix("exactly-once")),
    System("ours_embedded_mode", _ours, {"SEINHUIS_TRANSACTIONS": "off"}, is_ours=True),
    System("ours_exactly_once", _ours, {"SEINHUIS_TRANSACTIONS": "on"}, is_ours=True),
)
