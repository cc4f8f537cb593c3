"""Starting: what is not as it was proved, or not as it must be in production, is refused with its reason (78)."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runtime import exits
from tests.contract.worker import Worker
from tests.contract.world import World

NOBODY = "127.0.0.1:1"


def refused(tmp_path: Path, module: str = "services.work", **environment: str) -> str:
    """The last words of a worker that may not start."""
    worker = Worker(
        module,
        "tests.contract.jobs:scripted",
        {"SEINHUIS_KAFKA": NOBODY, "CONTRACT_JOB": "w", **environment},
        tmp_path / "worker.log",
    )
    assert worker.exit_code() == exits.CONFIG
    return worker.last_words


@pytest.mark.parametrize("pin", ["faust-streaming", "aiokafka", "mode-streaming"])
def test_another_version_than_the_pinned_is_refused(tmp_path: Path, pin: str) -> None:
    """C17."""
    words = refused(tmp_path, "tests.contract.mispinned", MISPINNED_VERSION=pin)
    assert f"w: cannot start: {pin} " in words
    assert "is installed, 0.0.0 is wanted" in words


def test_a_name_that_is_no_longer_there_is_refused(tmp_path: Path) -> None:
    """C14."""
    words = refused(tmp_path, "tests.contract.mispinned", MISPINNED_NAME="Fetcher._gone")
    assert "aiokafka.consumer.fetcher.Fetcher._gone does not exist" in words


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"SEINHUIS_CLOCK": "tomorrow"}, "SEINHUIS_CLOCK='tomorrow'"),
        (
            {"SEINHUIS_CLOCK": "2026-11-23T07:00:00+01:00@1000x60", "SEINHUIS_PROFILE": "production"},
            "SEINHUIS_CLOCK is not allowed with SEINHUIS_PROFILE=production",
        ),
        (
            {"SEINHUIS_TRANSACTIONS": "off", "SEINHUIS_PROFILE": "production"},
            "SEINHUIS_TRANSACTIONS=off is not allowed with SEINHUIS_PROFILE=production",
        ),
        ({"SEINHUIS_SLOT": "no/slot"}, "slot"),
        ({"SEINHUIS_COMMIT_WITHIN_S": "0"}, "commit_within_s"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    assert says in refused(tmp_path, **environment)


def test_worker_without_a_broker_ends_and_may_be_started_again(tmp_path: Path) -> None:
    worker = Worker(
        "services.work",
        "tests.contract.jobs:scripted",
        {"SEINHUIS_KAFKA": NOBODY, "CONTRACT_JOB": "w", "SEINHUIS_COMMIT_WITHIN_S": "5"},
        tmp_path / "worker.log",
    )
    assert worker.exit_code() == exits.FAILED


@pytest.mark.parametrize("missing", ["a", "changelog.v1", "book"])
def test_topic_that_is_missing_is_named(world: World, missing: str) -> None:
    made = {f"{world.name}.{topic}" for topic in ("a", "b", "changelog.v1", "book")} - {
        f"{world.name}.{missing}"
    }
    world.create({topic: (1, {}) for topic in made})
    worker = world.start(CONTRACT_PARTITIONS="1")
    assert worker.exit_code() == exits.CONFIG
    (failed,) = worker.said("worker_failed")
    assert f"{world.name}.{missing} does not exist: run `seinhuis topics create`" in failed["detail"]
