"""What the manifests tell a worker is what a worker reads and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from services.runtime.settings import RuntimeSettings
from services.work import SERVICES

BASE = Path(__file__).resolve().parents[2] / "k8s" / "base"


def _documents() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in YAML(typ="safe").load(BASE / "kustomization.yaml")["resources"]:
        found += YAML(typ="safe").load_all(BASE / name)
    return found


def _containers() -> list[dict[str, Any]]:
    return [
        container
        for document in _documents()
        if document["kind"] == "StatefulSet"
        for container in document["spec"]["template"]["spec"]["containers"]
    ]


def _settings() -> dict[str, str]:
    literals = YAML(typ="safe").load(BASE / "kustomization.yaml")["configMapGenerator"][0]["literals"]
    return dict(literal.split("=", 1) for literal in literals)


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_sets_only_what_a_worker_reads(container: dict[str, Any]) -> None:
    names = {entry["name"] for entry in container["env"]} | set(_settings())
    known = {f"SEINHUIS_{name.upper()}" for name in RuntimeSettings.model_fields}
    assert names <= known


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_starts_a_service_that_exists(container: dict[str, Any]) -> None:
    assert container["command"][:3] == ["python", "-m", "services.work"]
    assert container["command"][3] in SERVICES


@pytest.mark.parametrize("container", _containers(), ids=lambda container: str(container["name"]))
def test_manifest_probes_what_the_watchdog_answers(container: dict[str, Any]) -> None:
    assert container["livenessProbe"]["httpGet"]["path"] == "/live"
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_manifest_gives_a_worker_time_to_finish_its_batch() -> None:
    grace_s = [
        document["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        for document in _documents()
        if document["kind"] == "StatefulSet"
    ]
    assert all(grace > RuntimeSettings().stop_within_s for grace in grace_s)


def test_manifest_runs_in_the_production_profile() -> None:
    assert _settings()["SEINHUIS_PROFILE"] == "production"
