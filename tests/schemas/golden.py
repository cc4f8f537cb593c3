"""The golden samples: one whole event of every type, never edited once released."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from schemas.base import Said
from schemas.registry import TYPES

SAMPLES = Path(__file__).parent / "samples"


class Sample(NamedTuple):
    """A structured event as it stands in its file, and the model of its data."""

    model: type[Said]
    event: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.event["data"]
        return found


def path_of(model: type[Said]) -> Path:
    return SAMPLES / f"{model.__name__}.v{model.version}.json"


def sample_of(model: type[Said]) -> Sample:
    return Sample(model, json.loads(path_of(model).read_text(encoding="utf-8")))


def all_samples() -> list[Sample]:
    return [sample_of(model) for model in TYPES.values() if path_of(model).exists()]


def name_of(sample: Sample) -> str:
    return sample.model.__name__
