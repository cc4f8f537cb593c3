"""The bell as the runtime is given it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from pydantic import ValidationError

from services.notices.heard import MODELS
from services.notices.job import notices_job
from services.notices.settings import NoticesSettings
from services.runtime import exits
from topics.catalogue import AGREEMENTS_EVENTS, CATALOGUE, DIRECTORY_EVENTS, PARTITIONS, TOPICS, topic_of


@pytest.fixture(autouse=True)
def _keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEINHUIS_ALIAS_KEY", "a key of aliases for tests only")


def test_it_goes_by_the_agreements_and_the_directory_and_its_own_clock() -> None:
    job = notices_job()
    assert (job.name, job.partitions) == ("notices", PARTITIONS)
    assert [one.topic for one in job.broadcasts] == [AGREEMENTS_EVENTS.name, DIRECTORY_EVENTS.name]
    assert job.stamp_ms is None and job.effector is not None


def test_it_reads_every_topic_that_carries_what_it_hears_and_may_read_each() -> None:
    job = notices_job()
    assert {topic_of(model).name for model in MODELS.values()} == set(job.inputs)
    for name in job.inputs:
        assert "notices" in TOPICS[name].readers
        assert TOPICS[name].partitions == PARTITIONS, "whatever it reads forms one lane a partition number"
        assert f"{name}.dead" in TOPICS, "what cannot be read has its place"


def test_its_own_memory_is_in_the_catalogue() -> None:
    assert "notices.changelog.v1" in {topic.name for topic in CATALOGUE}


def test_each_worker_has_books_of_its_own() -> None:
    assert notices_job().broadcasts[0] is not notices_job().broadcasts[0]


def test_it_does_not_start_without_a_key_or_with_one_that_can_be_tried_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEINHUIS_ALIAS_KEY", "short")
    with pytest.raises(ValidationError):
        notices_job()
    monkeypatch.delenv("SEINHUIS_ALIAS_KEY")
    with pytest.raises(ValidationError):
        notices_job()


def test_no_secret_is_shown() -> None:
    settings = NoticesSettings(
        alias_key="an alias key for tests", service_token="tell-nobody", smtp_password="tell-nobody"
    )
    assert "tell-nobody" not in repr(settings) and "an alias key" not in repr(settings)


@pytest.mark.parametrize("key", ["", "short-and-secret"[:12]])
def test_worker_without_a_usable_key_says_so_in_a_sentence_and_not_what_it_was(key: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.work", "notices"],
        env={**os.environ, "SEINHUIS_ALIAS_KEY": key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == exits.CONFIG
    assert done.stderr.startswith("notices: cannot start: SEINHUIS_ALIAS_KEY: ")
    assert len(done.stderr.splitlines()) == 1
    assert not key or key not in done.stderr


@pytest.mark.parametrize("word", ["SMTP_PLAIN", "WEBHOOK_PLAIN"])
def test_in_production_nothing_leaves_in_the_clear(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv(f"SEINHUIS_{word}", "true")
    NoticesSettings()
    monkeypatch.setenv("SEINHUIS_PROFILE", "production")
    with pytest.raises(ValidationError, match="nothing leaves without TLS"):
        NoticesSettings()
