"""What a system under test is told: where Kafka is and which topics are its own in this run."""

from __future__ import annotations

import os
from typing import NamedTuple

#: The broker's address, as our own workers know it already.
_KAFKA, _NAME, _INPUT = "SEINHUIS_KAFKA", "SEINHUIS_BENCH_NAME", "SEINHUIS_BENCH_INPUT"


class Plan(NamedTuple):
    """One run of one system. The input is shared by all; output and changelog carry the run's name."""

    kafka: str
    name: str
    input: str
    partitions: int = 4

    @property
    def output(self) -> str:
        return f"{self.name}.facts.v1"

    @property
    def changelog(self) -> str:
        return f"{self.name}.changelog.v1"

    def environment(self) -> dict[str, str]:
        return {_KAFKA: self.kafka, _NAME: self.name, _INPUT: self.input}

    @classmethod
    def told(cls) -> Plan:
        """The plan in this process's environment."""
        return cls(os.environ[_KAFKA], os.environ[_NAME], os.environ[_INPUT])
